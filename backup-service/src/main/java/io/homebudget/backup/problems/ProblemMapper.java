package io.homebudget.backup.problems;

import io.homebudget.ledger.error.Problem;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns every failure into {@code application/problem+json}: the one place where an error becomes an HTTP answer. */
public class ProblemMapper {
    private static final Logger LOG = Logger.getLogger(ProblemMapper.class);

    @ServerExceptionMapper
    public Response refused(Refused refused) {
        return answer(Problem.of(refused.refusal()));
    }

    @ServerExceptionMapper
    public Response http(WebApplicationException failure) {
        Response.StatusType status = failure.getResponse().getStatusInfo();
        return answer(Problem.of(
                status.getStatusCode(),
                "http-" + status.getStatusCode(),
                status.getReasonPhrase(),
                failure.getMessage()));
    }

    @ServerExceptionMapper
    public Response unexpected(Throwable failure) {
        LOG.error("a call failed unexpectedly", failure);
        return answer(Problem.of(500, "internal", "Internal error", "This should not happen; the log has more."));
    }

    private static Response answer(Problem problem) {
        Response.ResponseBuilder answer =
                Response.status(problem.status()).type(problem.contentType()).entity(problem.body());
        if (problem.retryAfterSeconds() > 0) {
            answer.header(HttpHeaders.RETRY_AFTER, problem.retryAfterSeconds());
        }
        return answer.build();
    }
}
