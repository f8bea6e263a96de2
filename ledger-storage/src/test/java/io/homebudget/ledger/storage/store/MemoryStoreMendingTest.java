package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.testing.MemoryStore;
import java.time.Duration;

class MemoryStoreMendingTest extends MendingContract {

    @Override
    protected LedgerStore openFollower() {
        MemoryStore store = new MemoryStore(StoreName.JSON);
        store.adopt(rule()).await().atMost(Duration.ofSeconds(5));
        return store;
    }

    @Override
    protected Rule rule() {
        return new Rule(1, Phase.DATABASE_READS);
    }

    @Override
    protected LedgerStore reopen(LedgerStore open) {
        return open;
    }

    @Override
    protected void close(LedgerStore open) {
        // nothing is open
    }

    @Override
    protected LedgerStore damage(LedgerStore open, long id, long cents) {
        ((MemoryStore) open).damage(id, cents);
        return open;
    }

    @Override
    protected LedgerStore lose(LedgerStore open, long id) {
        ((MemoryStore) open).lose(id);
        return open;
    }

    @Override
    protected LedgerStore add(LedgerStore open, Entry entry) {
        ((MemoryStore) open).add(entry);
        return open;
    }
}
