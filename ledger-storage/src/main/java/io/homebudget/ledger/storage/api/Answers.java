package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Problem;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.storage.store.WriteOutcome;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Every answer of the ledger API, byte for byte. Written by hand, because clients rely on the bytes and writes on the speed. */
public final class Answers {
    /** Says that the primary is away and the follower answered. */
    public static final String SERVED_BY = "X-Ledger-Served-By";

    static final String JSON_FOLLOWER = "json-follower";

    private Answers() {}

    /** What a create, patch or put answers. */
    static Response entry(Kind kind, String status, Entry entry, UUID changeId) {
        StringBuilder out = new StringBuilder(320);
        out.append("{\"status\":\"")
                .append(status)
                .append("\",\"")
                .append(kind.word())
                .append("\":");
        EntryWriter.compact(kind, entry, out);
        Response.ResponseBuilder answer = ok(out.append('}'));
        if (changeId != null) {
            answer.header(HttpHeaders.ETAG, etag(changeId));
        }
        return answer.build();
    }

    static Response deleted(long id) {
        return ok(new StringBuilder(48)
                        .append("{\"status\":\"deleted\",\"id\":")
                        .append(id)
                        .append('}'))
                .build();
    }

    static Response bulkDeleted(int count) {
        return ok(new StringBuilder(48)
                        .append("{\"status\":\"deleted\",\"count\":")
                        .append(count)
                        .append('}'))
                .build();
    }

    static String etag(UUID changeId) {
        return '"' + changeId.toString() + '"';
    }

    static Response.ResponseBuilder ok(CharSequence json) {
        return Response.ok(json.toString().getBytes(StandardCharsets.UTF_8), MediaType.APPLICATION_JSON_TYPE);
    }

    /** The answers to writes that did not come about; null for those that did. */
    static Response ofFailed(WriteOutcome outcome) {
        if (outcome instanceof WriteOutcome.Refused refused) {
            return refusal(refused.refusal());
        }
        if (outcome instanceof WriteOutcome.NotWritten) {
            return refusal(Refusal.of(
                    LedgerError.NOT_WRITTEN,
                    "Nothing was written: the store is away for the moment. Repeat the call."));
        }
        if (outcome instanceof WriteOutcome.Fenced) {
            return refusal(Refusal.of(
                    LedgerError.NOT_WRITTEN,
                    "Nothing was written: the ledger is changing its phase. Repeat the call."));
        }
        if (outcome instanceof WriteOutcome.Unknown) {
            return refusal(Refusal.of(
                    LedgerError.OUTCOME_UNKNOWN,
                    "The store gave no answer: the write happened or not. Repeat the call with the same Idempotency-Key,"
                            + " or read before writing again."));
        }
        return null;
    }

    public static Response refusal(Refusal refusal) {
        return problem(Problem.of(refusal));
    }

    public static Response problem(Problem problem) {
        Response.ResponseBuilder answer =
                Response.status(problem.status()).type(problem.contentType()).entity(problem.body());
        if (problem.retryAfterSeconds() > 0) {
            answer.header(HttpHeaders.RETRY_AFTER, problem.retryAfterSeconds());
        }
        if (problem.status() == LedgerError.UNAUTHENTICATED.status()) {
            answer.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        if (problem.status() == LedgerError.TOO_LARGE.status()) {
            // What is left of the body is not read, so the connection cannot be used again.
            answer.header("Connection", "close");
        }
        return answer.build();
    }
}
