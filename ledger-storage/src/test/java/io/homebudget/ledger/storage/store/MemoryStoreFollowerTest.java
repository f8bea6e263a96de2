package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.testing.MemoryStore;

class MemoryStoreFollowerTest extends FollowerContract {

    @Override
    protected LedgerStore openFollower() {
        MemoryStore store = new MemoryStore(StoreName.POSTGRES);
        await(store.adopt(rule()));
        return store;
    }

    @Override
    protected Rule rule() {
        return new Rule(1, Phase.DUAL_WRITE);
    }

    @Override
    protected Phase takeover() {
        return Phase.DATABASE_READS;
    }

    @Override
    protected LedgerStore reopen(LedgerStore store) {
        return store;
    }

    @Override
    protected void close(LedgerStore store) {
        // nothing is open
    }
}
