package io.homebudget.local.frontdoor;

import io.homebudget.ledger.error.LedgerError;
import io.vertx.core.json.JsonObject;

/** The front door's own refusals, in the shape that the services use. */
record Problem(LedgerError error, String detail) {

    /** Connecting failed: no byte of the request was sent. */
    static Problem away(String service) {
        return new Problem(
                LedgerError.NOT_WRITTEN,
                "The " + service + " service does not answer. Nothing was written; try again.");
    }

    /** No connection was free in time, or the queue for one was full: no byte of the request was sent. */
    static Problem busy(String service) {
        return new Problem(
                LedgerError.NOT_WRITTEN,
                "The " + service + " service has more to do than it can. Nothing was written; try again.");
    }

    /** The request was sent, at least in part, and no answer came. */
    static Problem answerLost(String service, boolean reads) {
        return reads
                ? new Problem(
                        LedgerError.NOT_WRITTEN,
                        "The " + service + " service stopped while answering. This call changes nothing; try again.")
                : new Problem(
                        LedgerError.OUTCOME_UNKNOWN,
                        "The " + service + " service stopped before it answered, so the change may or may not have been"
                                + " made. Repeat it with the same Idempotency-Key, or look first.");
    }

    static Problem noSuchPath(String path) {
        return new Problem(LedgerError.NOT_FOUND, "Nothing is served at " + path + ".");
    }

    String body() {
        String title = error == LedgerError.NOT_FOUND ? "No such path" : error.title();
        return new JsonObject()
                .put("type", "urn:home-budget:problem:" + error.slug())
                .put("title", title)
                .put("status", error.status())
                .put("detail", detail)
                .encode();
    }
}
