package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.FenceContract;
import io.homebudget.ledger.storage.store.LedgerStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresStoreIT extends FenceContract {
    private static PostgresFixture postgres;

    @BeforeAll
    static void start() {
        postgres = new PostgresFixture(Kind.EXPENSE);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Override
    protected LedgerStore openPrimary() {
        postgres.reset();
        return postgres.openPrimary(rule());
    }

    @Override
    protected Rule rule() {
        return new Rule(1, Phase.DATABASE_ONLY);
    }

    @Override
    protected LedgerStore reopen(LedgerStore store) {
        close(store);
        return postgres.open();
    }

    @Override
    protected void close(LedgerStore store) {
        ((PostgresStore) store).close();
    }

    @Override
    protected Phase handover() {
        return Phase.DATABASE_READS;
    }
}
