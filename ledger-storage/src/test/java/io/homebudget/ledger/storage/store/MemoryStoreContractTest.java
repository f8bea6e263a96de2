package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.testing.MemoryStore;

/** The stand-in promises as primary what the real stores do; what is durable of it is all of it. */
class MemoryStoreContractTest extends FenceContract {

    @Override
    protected LedgerStore openPrimary() {
        MemoryStore store = new MemoryStore(StoreName.JSON);
        await(store.adopt(rule()));
        return store;
    }

    @Override
    protected Rule rule() {
        return new Rule(1, Phase.JSON_ONLY);
    }

    @Override
    protected LedgerStore reopen(LedgerStore store) {
        return store;
    }

    @Override
    protected void close(LedgerStore store) {
        // nothing is open
    }

    @Override
    protected Phase handover() {
        return Phase.DUAL_WRITE;
    }
}
