package io.homebudget.ledger.storage.wiring;

import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.json.JsonFolder;
import io.homebudget.ledger.storage.json.JsonStore;
import io.homebudget.ledger.storage.json.JsonStoreConfig;
import io.homebudget.ledger.storage.metrics.LedgerMetrics;
import io.homebudget.ledger.storage.metrics.MeteredStore;
import io.homebudget.ledger.storage.restoring.RestoreFiles;
import io.homebudget.ledger.storage.restoring.Unfinished;
import io.homebudget.ledger.storage.routing.JsonSide;
import io.homebudget.ledger.storage.store.InSyncMark;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.StoreAway;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;

/** The JSON store as the engine sees it, also after it was given up. */
final class JsonFiles implements JsonSide {
    private final JsonFolder folder;
    private final LedgerStore metered;
    private final JsonStoreConfig config;
    private final Executor workers;

    JsonFiles(JsonFolder folder, JsonStoreConfig config, LedgerMetrics metrics, Executor workers) {
        this.folder = folder;
        this.metered = new MeteredStore(StoreName.JSON, folder::store, metrics);
        this.config = config;
        this.workers = workers;
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
                return folder.live().map(JsonStore::inSync).orElse(false);
            }

            @Override
            public Uni<Void> set(boolean inSync) {
                return live().chain(store -> store.markInSync(inSync));
            }
        };
    }

    @Override
    public UUID identity() {
        return folder.identity();
    }

    @Override
    public long ruledFrom() {
        return folder.ruledFrom();
    }

    @Override
    public long rejected() {
        return folder.rejected();
    }

    @Override
    public List<String> notices() {
        return folder.live().map(JsonStore::notices).orElse(List.of());
    }

    @Override
    public Optional<Long> logOverLimit() {
        return folder.live().flatMap(JsonStore::logOverLimit);
    }

    @Override
    public Uni<Void> finishRestore() {
        return new Unfinished(new RestoreFiles(config.folder()), workers).finish(metered, identity());
    }

    @Override
    public Uni<Void> checkpoint() {
        return live().chain(JsonStore::checkpoint);
    }

    @Override
    public Uni<Path> archive() {
        return live().chain(store -> store.checkpoint().emitOn(workers).map(current -> folder.archive()));
    }

    @Override
    public Optional<WayBackClosing.Done> closed() {
        return folder.closed();
    }

    @Override
    public Uni<WayBackClosing.Done> giveUp(Rule rule, String by, String reason) {
        Uni<Void> current = folder.live().map(JsonStore::checkpoint).orElseGet(() -> Uni.createFrom()
                .voidItem());
        return current.chain(metered::standing).emitOn(workers).map(standing -> {
            try {
                return folder.giveUp(rule, standing.position(), by, reason);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Fails, saying when and by whom, once the store was given up. */
    private Uni<JsonStore> live() {
        return Uni.createFrom().deferred(() -> folder.live()
                .map(store -> Uni.createFrom().item(store))
                .orElseGet(() -> Uni.createFrom()
                        .failure(new StoreAway(
                                StoreName.JSON, folder.closed().orElseThrow().sentence(), null))));
    }
}
