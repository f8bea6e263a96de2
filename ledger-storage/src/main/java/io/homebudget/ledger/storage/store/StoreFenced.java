package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.phase.StoreName;

/** The store knows a higher epoch than the caller: somebody else leads now. Nothing was changed. */
public final class StoreFenced extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreFenced(StoreName store, long callersEpoch, long storesEpoch) {
        super(store.word() + " store: epoch " + callersEpoch + " is over, " + storesEpoch + " rules");
    }
}
