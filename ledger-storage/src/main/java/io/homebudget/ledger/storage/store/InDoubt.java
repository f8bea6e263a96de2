package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.phase.StoreName;

/** A commit got no answer, and looking for what it wrote did not help: done or not, nobody knows yet. */
public final class InDoubt extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InDoubt(StoreName store, Throwable cause) {
        super(store.word() + " store: the outcome of a commit is unknown", cause);
    }
}
