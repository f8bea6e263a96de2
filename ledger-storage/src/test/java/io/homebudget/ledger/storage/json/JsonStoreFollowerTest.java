package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.FollowerContract;
import io.homebudget.ledger.storage.store.LedgerStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;

class JsonStoreFollowerTest extends FollowerContract {
    @TempDir
    Path home;

    /** The store's own identity is the one that the suite hands over. */
    private JsonStore open() {
        AtomicInteger asked = new AtomicInteger();
        try {
            return JsonStore.open(
                    Stores.config(home.resolve(Kind.EXPENSE.word())),
                    Clock.systemUTC(),
                    () -> asked.getAndIncrement() == 0 ? new UUID(1, 1) : UUID.randomUUID(),
                    Stores::take);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected LedgerStore openFollower() {
        JsonStore store = open();
        await(store.adopt(rule()));
        return store;
    }

    @Override
    protected Rule rule() {
        return new Rule(1, Phase.DATABASE_READS);
    }

    @Override
    protected Phase takeover() {
        return Phase.DUAL_WRITE;
    }

    @Override
    protected LedgerStore reopen(LedgerStore store) {
        ((JsonStore) store).close();
        return open();
    }

    @Override
    protected void close(LedgerStore store) {
        ((JsonStore) store).close();
    }
}
