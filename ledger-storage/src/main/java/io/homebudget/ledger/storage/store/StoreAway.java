package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.phase.StoreName;

/** A store cannot be reached or failed: the failure of every read and of every operation that has no outcome type. */
public final class StoreAway extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final StoreName store;

    public StoreAway(StoreName store, String why, Throwable cause) {
        super(store.word() + " store: " + why, cause);
        this.store = store;
    }

    public StoreName store() {
        return store;
    }
}
