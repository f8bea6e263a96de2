package io.homebudget.ledger.storage.postgres;

/** Is told how long each statement took, for metrics. Called on event loops: must not block. */
@FunctionalInterface
public interface StoreTimings {
    StoreTimings NONE = (operation, nanos, failed) -> {};

    /** @param operation the statement's name, one of a small fixed set */
    void took(String operation, long nanos, boolean failed);
}
