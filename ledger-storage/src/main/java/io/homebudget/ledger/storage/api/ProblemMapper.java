package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Problem;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.storage.routing.PhaseChangeRefused;
import io.homebudget.ledger.storage.store.BeingRestored;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.StoreFenced;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Turns whatever is thrown into the answer that the contract names; nobody else makes error answers from exceptions. What is
 * unexpected is logged under an error id, and only that id leaves the house.
 */
public class ProblemMapper {
    private static final Logger LOG = Logger.getLogger(ProblemMapper.class);

    @ServerExceptionMapper
    public Response refused(Refused refused) {
        return Answers.refusal(refused.refusal());
    }

    @ServerExceptionMapper
    public Response phaseStays(PhaseChangeRefused refused) {
        return Answers.refusal(refused.refusal());
    }

    @ServerExceptionMapper
    public Response away(StoreAway away) {
        LOG.debug("store away", away);
        return Answers.refusal(Refusal.of(
                LedgerError.NOT_WRITTEN,
                "The " + away.store().word() + " store is away for the moment. Repeat the call."));
    }

    @ServerExceptionMapper
    public Response fenced(StoreFenced fenced) {
        LOG.debug("store fenced", fenced);
        return Answers.refusal(
                Refusal.of(LedgerError.NOT_WRITTEN, "The ledger is changing its phase. Repeat the call."));
    }

    @ServerExceptionMapper
    public Response restored(BeingRestored restored) {
        return Answers.refusal(Refusal.of(LedgerError.BEING_RESTORED, restored.getMessage()));
    }

    /** Unknown paths, wrong methods and the like, which the framework finds before any of our code runs. */
    @ServerExceptionMapper
    public Response framework(WebApplicationException e) {
        Response given = e.getResponse();
        int status = given.getStatus();
        if (status >= 500) {
            return unexpected(e);
        }
        if (status < 400) {
            return given;
        }
        if (status == LedgerError.TOO_LARGE.status()) {
            return Answers.refusal(Refusal.of(LedgerError.TOO_LARGE, "The body is too long."));
        }
        Response answer = Answers.problem(problem(status));
        Object allow = given.getHeaders().getFirst(HttpHeaders.ALLOW);
        return allow == null
                ? answer
                : Response.fromResponse(answer).header(HttpHeaders.ALLOW, allow).build();
    }

    private static Problem problem(int status) {
        switch (status) {
            case 404:
                return Problem.of(404, "no-such-path", "No such path", "Nothing is served under this path.");
            case 405:
                return Problem.of(405, "method-not-allowed", "Method not allowed", "This path has no such method.");
            case 406:
                return Problem.of(
                        406, "not-acceptable", "Not acceptable", "The answer does not exist in the wanted form.");
            case 415:
                return Problem.of(
                        415, "unsupported-media-type", "Unsupported media type", "The body's type is not read here.");
            default:
                Response.Status known = Response.Status.fromStatusCode(status);
                String title = known == null ? "Request refused" : known.getReasonPhrase();
                return Problem.of(status, "http-" + status, title, "The request was refused.");
        }
    }

    @ServerExceptionMapper
    public Response unexpected(Throwable failure) {
        UUID errorId = UUID.randomUUID();
        LOG.errorf(failure, "unexpected failure, error_id=%s", errorId);
        return Answers.problem(Problem.of(
                500,
                "internal-error",
                "Internal error",
                "Something went wrong that should not; the log has it under error id " + errorId + "."));
    }
}
