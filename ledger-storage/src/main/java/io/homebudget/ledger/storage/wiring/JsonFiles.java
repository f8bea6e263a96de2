package io.homebudget.ledger.storage.wiring;

import io.homebudget.ledger.storage.json.Archive;
import io.homebudget.ledger.storage.json.JsonStore;
import io.homebudget.ledger.storage.json.JsonStoreConfig;
import io.homebudget.ledger.storage.metrics.LedgerMetrics;
import io.homebudget.ledger.storage.metrics.MeteredStore;
import io.homebudget.ledger.storage.restoring.RestoreFiles;
import io.homebudget.ledger.storage.restoring.Unfinished;
import io.homebudget.ledger.storage.routing.JsonSide;
import io.homebudget.ledger.storage.store.InSyncMark;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.smallrye.mutiny.Uni;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;

/** The JSON store as the engine sees it. */
final class JsonFiles implements JsonSide {
    private final JsonStore store;
    private final LedgerStore metered;
    private final JsonStoreConfig config;
    private final Executor workers;
    private final Clock clock;

    JsonFiles(JsonStore store, JsonStoreConfig config, LedgerMetrics metrics, Executor workers, Clock clock) {
        this.store = store;
        this.metered = new MeteredStore(store, metrics);
        this.config = config;
        this.workers = workers;
        this.clock = clock;
    }

    @Override
    public LedgerStore store() {
        return metered;
    }

    @Override
    public InSyncMark mark() {
        return new InSyncMark() {
            @Override
            public boolean isSet() {
                return store.inSync();
            }

            @Override
            public Uni<Void> set(boolean inSync) {
                return store.markInSync(inSync);
            }
        };
    }

    @Override
    public UUID identity() {
        return store.identity();
    }

    @Override
    public long ruledFrom() {
        return store.ruledFrom();
    }

    @Override
    public long rejected() {
        return store.rejected();
    }

    @Override
    public List<String> notices() {
        return store.notices();
    }

    @Override
    public Optional<Long> logOverLimit() {
        return store.logOverLimit();
    }

    @Override
    public Uni<Void> finishRestore() {
        return new Unfinished(new RestoreFiles(config.folder()), workers).finish(store, store.identity());
    }

    @Override
    public Uni<Void> checkpoint() {
        return store.checkpoint();
    }

    @Override
    public Uni<Path> archive() {
        return store.checkpoint().emitOn(workers).map(current -> Archive.write(config, clock.instant()));
    }
}
