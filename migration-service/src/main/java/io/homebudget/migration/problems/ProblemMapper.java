package io.homebudget.migration.problems;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Problem;
import io.homebudget.migration.access.OrderLimit;
import io.homebudget.migration.ledgers.LedgerAway;
import io.homebudget.migration.ledgers.LedgerRefused;
import io.homebudget.migration.schema.DatabaseAway;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * The one place where an error becomes an HTTP answer: 422 in the old backend's shape, everything else as
 * {@code application/problem+json}.
 */
public class ProblemMapper {
    private static final Logger LOG = Logger.getLogger(ProblemMapper.class);
    private static final String TYPE = "application/problem+json";
    private static final int UNREADABLE = 422;

    @ServerExceptionMapper
    public Response refused(Refused refused) {
        LedgerError error = refused.refusal().error();
        if (error.status() == UNREADABLE) {
            Problem old = Problem.of(refused.refusal());
            return Response.status(old.status())
                    .type(old.contentType())
                    .entity(old.body())
                    .build();
        }
        return problem(error, refused.refusal().detail(), refused.more());
    }

    @ServerExceptionMapper
    public Response tooLong(OrderLimit.TooLong body) {
        return problem(LedgerError.TOO_LARGE, body.getMessage(), Map.of());
    }

    @ServerExceptionMapper
    public Response databaseAway(DatabaseAway away, Request request) {
        if (!request.getMethod().equals(HttpMethod.GET) && !away.beforeAnythingWasSent()) {
            return problem(
                    LedgerError.OUTCOME_UNKNOWN,
                    "PostgreSQL gave no answer (" + away.getMessage()
                            + "), so what was asked for may have happened. Look before you repeat the call.",
                    Map.of());
        }
        return problem(
                LedgerError.NOT_WRITTEN,
                "PostgreSQL cannot be reached, and runs are kept there: " + away.getMessage()
                        + ". Nothing was started. Bring PostgreSQL back and repeat the call; POST "
                        + "/api/v1/migration/rollback works without it.",
                Map.of());
    }

    @ServerExceptionMapper
    public Response ledgerAway(LedgerAway away) {
        return problem(
                LedgerError.NOT_WRITTEN,
                Refused.sentence(away.getMessage()) + " Repeat the call once that is mended.",
                Map.of());
    }

    @ServerExceptionMapper
    public Response ledgerRefused(LedgerRefused refused) {
        LedgerError error =
                refused.status() == LedgerError.GATE_CLOSED.status() ? LedgerError.GATE_CLOSED : LedgerError.CONFLICT;
        return problem(error, refused.getMessage(), Map.of());
    }

    /** JSON of another shape than the call takes. What was sent is not repeated. */
    @ServerExceptionMapper
    public Response otherShape(MismatchedInputException failure) {
        String field = failure.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(Objects::nonNull)
                .collect(Collectors.joining("."));
        return refused(
                field.isEmpty()
                        ? Refused.unreadable("The body must be a JSON object.")
                        : Refused.inBody(field, field + " must be " + shape(failure.getTargetType()), "type"));
    }

    private static String shape(Class<?> wanted) {
        if (wanted == boolean.class || wanted == Boolean.class) {
            return "true or false";
        }
        return wanted == String.class ? "a text" : "of another type; see /docs/migration";
    }

    @ServerExceptionMapper
    public Response http(WebApplicationException failure) {
        // of exactly this class where the caller's body is meant; what another service answered has a class of its own
        if (failure.getClass() == WebApplicationException.class
                && failure.getCause() instanceof JsonProcessingException) {
            return refused(Refused.unreadable("The body must be JSON that can be read."));
        }
        int status = failure.getResponse().getStatus();
        return build(
                status,
                "about:blank",
                failure.getResponse().getStatusInfo().getReasonPhrase(),
                failure.getMessage(),
                Map.of(),
                0);
    }

    @ServerExceptionMapper
    public Response unexpected(Throwable failure) {
        LOG.error("a call failed unexpectedly", failure);
        return build(500, "about:blank", "Internal error", "This should not happen; the log has more.", Map.of(), 0);
    }

    private static Response problem(LedgerError error, String detail, Map<String, Object> more) {
        String type = "urn:home-budget:problem:" + error.slug();
        return build(error.status(), type, error.title(), detail, more, error.retryAfterSeconds());
    }

    private static Response build(
            int status, String type, String title, String detail, Map<String, Object> more, int retryAfter) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", type);
        problem.put("title", title);
        problem.put("status", status);
        problem.put("detail", detail);
        problem.putAll(more);
        Response.ResponseBuilder answer = Response.status(status).type(TYPE).entity(problem);
        if (retryAfter > 0) {
            answer.header(HttpHeaders.RETRY_AFTER, retryAfter);
        }
        return answer.build();
    }
}
