package io.homebudget.ledger.error;

import java.util.Locale;

/**
 * Every way in which a call can be refused or fail. The only list of error kinds: one mapper turns it into an HTTP answer.
 */
public enum LedgerError {
    MALFORMED(422, "The request cannot be read"),
    INVALID(422, "A value breaks a rule"),
    KEY_REUSED(422, "The Idempotency-Key was used with another request"),
    UNKNOWN_FIELD(400, "No such field"),
    BAD_REQUEST(400, "The request makes no sense"),
    NOT_FOUND(404, "No such entry"),
    PRECONDITION_FAILED(412, "The entry has changed"),
    GATE_CLOSED(412, "A gate is closed"),
    CONFLICT(409, "Not possible in this state"),
    /** Nothing was changed; it passes by itself. */
    BEING_RESTORED(409, "A restore is under way"),
    CONSENT_MISSING(403, "Explicit consent is missing"),
    FORBIDDEN(403, "Not allowed"),
    UNAUTHENTICATED(401, "Credentials are missing or wrong"),
    TOO_LARGE(413, "The request is too large"),
    TOO_MANY_REQUESTS(429, "Too many requests"),
    /** Certainly nothing was written: repeating is safe. */
    NOT_WRITTEN(503, "Temporarily unavailable, nothing was written"),
    /** The write may or may not have happened: repeating is safe only with the same Idempotency-Key. */
    OUTCOME_UNKNOWN(503, "The outcome is unknown"),
    /** A store is damaged: reads and writes wait for an operator. */
    RECOVERY(503, "The store is in recovery mode");

    private final int status;
    private final String title;

    LedgerError(int status, String title) {
        this.status = status;
        this.title = title;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** The last part of the problem's {@code type}, for example {@code outcome-unknown}. */
    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Seconds for a Retry-After header; 0 where none belongs. */
    public int retryAfterSeconds() {
        return this == NOT_WRITTEN || this == TOO_MANY_REQUESTS || this == BEING_RESTORED ? 1 : 0;
    }
}
