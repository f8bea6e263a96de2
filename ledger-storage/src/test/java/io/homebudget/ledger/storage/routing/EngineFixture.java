package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.Moving.soon;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.outbox.PublishLock;
import io.homebudget.ledger.storage.outbox.PublisherConfig;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.testing.MemoryStore;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

/** The real engine over two stores in memory. The stores survive {@link #crash}, as files and databases do. */
final class EngineFixture implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    final MemoryStore json = new MemoryStore(StoreName.JSON);
    final MemoryStore postgres = new MemoryStore(StoreName.POSTGRES);
    private final UUID identity = UUID.randomUUID();
    final Interposed jsonCalls = new Interposed();
    final Interposed postgresCalls = new Interposed();
    volatile boolean pingFails;
    private LedgerEngine engine;

    EngineFixture() {
        start();
    }

    LedgerEngine engine() {
        return engine;
    }

    /** Ends the process as a kill would, as far as the stores can tell, and starts the next one. */
    void crash() {
        engine.close();
        start();
    }

    /** Moves to a neighbour; the old phase stays where that is refused. */
    PhaseChange.Done move(Phase target) {
        return Moving.ask(engine, target, false);
    }

    boolean connected() {
        return Moving.connected(engine);
    }

    /** A start serves files at once, and PostgreSQL when it has found it. */
    void attached() {
        soon("PostgreSQL attached").until(this::connected);
    }

    /** One phase further, with what a run does in between. */
    void forward() {
        attached();
        Phase next = engine.state().phase().next().orElseThrow();
        Moving.step(engine, next);
        if (next == Phase.DUAL_WRITE) {
            Moving.backfill(engine);
        }
        soon("caught up").until(() -> engine.state().followerLag() == 0);
    }

    private void start() {
        engine = new LedgerEngine(
                new LedgerEngine.Settings(
                        Kind.EXPENSE,
                        true,
                        NewStore.SERVES_AT_ONCE,
                        null,
                        1_000,
                        100_000,
                        Duration.ofSeconds(10),
                        Duration.ofDays(35),
                        new PublisherConfig(null, 1, (short) 1, Duration.ofDays(1))),
                new MemoryFiles(jsonCalls.before(json), json, identity),
                postgresCalls.before(postgres),
                new Database(),
                PublishLock.ALONE,
                Clock.systemUTC());
        engine.start().await().atMost(LIMIT);
    }

    @Override
    public void close() {
        engine.close();
    }

    private final class Database implements Attachment.Database {
        @Override
        public Uni<Void> ready() {
            return ping();
        }

        @Override
        public Uni<Void> ping() {
            return pingFails
                    ? Uni.createFrom().failure(new IllegalStateException("no answer"))
                    : postgres.count().replaceWithVoid();
        }

        @Override
        public Uni<Void> fence() {
            return postgres.fence();
        }

        @Override
        public Uni<Integer> undoBeyond(long position, LedgerStore truth) {
            return postgres.undoBeyond(position, json);
        }
    }
}
