package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.FenceContract;
import io.homebudget.ledger.storage.store.LedgerStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class JsonStoreContractTest extends FenceContract {
    @TempDir
    Path home;

    @Override
    protected LedgerStore openPrimary() {
        return Stores.ruling(home.resolve("data"));
    }

    @Override
    protected Rule rule() {
        return Stores.FIRST;
    }

    @Override
    protected LedgerStore reopen(LedgerStore store) {
        ((JsonStore) store).close();
        return Stores.open(home.resolve("data"));
    }

    @Override
    protected void close(LedgerStore store) {
        ((JsonStore) store).close();
    }

    @Override
    protected Phase handover() {
        return Phase.DUAL_WRITE;
    }
}
