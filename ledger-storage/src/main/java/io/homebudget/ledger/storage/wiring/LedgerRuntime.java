package io.homebudget.ledger.storage.wiring;

import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.api.Refused;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.json.JsonFolder;
import io.homebudget.ledger.storage.json.JsonStoreConfig;
import io.homebudget.ledger.storage.metrics.LedgerMetrics;
import io.homebudget.ledger.storage.metrics.MeteredStore;
import io.homebudget.ledger.storage.outbox.AdvisoryPublishLock;
import io.homebudget.ledger.storage.outbox.PublisherConfig;
import io.homebudget.ledger.storage.postgres.PostgresPools;
import io.homebudget.ledger.storage.postgres.PostgresSettings;
import io.homebudget.ledger.storage.postgres.PostgresStore;
import io.homebudget.ledger.storage.postgres.StoreTimings;
import io.homebudget.ledger.storage.restoring.RestoreDesk;
import io.homebudget.ledger.storage.restoring.RestoreFiles;
import io.homebudget.ledger.storage.routing.Ledger;
import io.homebudget.ledger.storage.routing.LedgerEngine;
import io.homebudget.ledger.storage.routing.NewStore;
import io.homebudget.ledger.storage.schema.Schema;
import io.homebudget.ledger.storage.schema.StepLimits;
import io.homebudget.ledger.storage.shadow.ShadowReads;
import io.homebudget.ledger.storage.shadow.ShadowedLedger;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Opens the files, builds the engine and closes both again. Until the engine is there the service answers that it starts;
 * where the files cannot be trusted it stays in recovery mode: it answers why, and serves nothing.
 */
@ApplicationScoped
public class LedgerRuntime {
    private static final Logger LOG = Logger.getLogger(LedgerRuntime.class);

    /** How often the logs' lengths are looked at: at 10,000 writes/s a tenth of the kept history. */
    private static final Duration LOG_ROUND = Duration.ofSeconds(10);

    /**
     * Lists and scans that are read at the same time; a list more waits a second for its turn, a scan more five. Slow readers block
     * each other only.
     */
    private static final int STREAMS = 6;

    private final Kind kind;
    private final Vertx vertx;
    private final PgConnectOptions server;
    private final LedgerConfig config;
    private final boolean databaseConfigured;
    private final EntryRules rules;
    private final Pool pool;
    private final DataSource dataSource;
    private final MeterRegistry registry;
    private final Clock clock = Clock.systemUTC();
    private final ExecutorService workers;

    private volatile LedgerEngine engine;
    private volatile JsonFolder files;
    private volatile PostgresStore postgres;
    private volatile Pool streams;
    private volatile Database database;
    private volatile ShadowReads shadowReads;
    private volatile Ledger served;
    private volatile RecoveryRequired recovery;
    private volatile RestoreDesk restores;

    public LedgerRuntime(
            @ConfigProperty(name = "ledger.kind") String kind,
            @ConfigProperty(name = "ledger.database.configured") boolean databaseConfigured,
            @ConfigProperty(name = "quarkus.datasource.reactive.url") String url,
            @ConfigProperty(name = "quarkus.datasource.username") String user,
            @ConfigProperty(name = "quarkus.datasource.password") String password,
            Vertx vertx,
            LedgerConfig config,
            EntryRules rules,
            Pool pool,
            DataSource dataSource,
            MeterRegistry registry) {
        this.kind = Kind.ofWord(kind).orElseThrow();
        this.config = config;
        this.databaseConfigured = databaseConfigured;
        this.server = PgConnectOptions.fromUri(url).setUser(user).setPassword(password);
        this.vertx = vertx;
        this.rules = rules;
        this.pool = pool;
        this.dataSource = dataSource;
        this.registry = registry;
        this.workers = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "ledger-worker-" + kind);
            thread.setDaemon(true);
            return thread;
        });
    }

    void start(@Observes StartupEvent event) {
        Phase pinned = pinnedPhase();
        workers.execute(() -> open(pinned));
    }

    void stop(@Observes ShutdownEvent event) {
        if (engine != null) {
            engine.close();
        }
        if (files != null) {
            files.close();
        }
        if (postgres != null) {
            postgres.close();
            streams.close();
        }
        workers.shutdown();
    }

    /** Fails with a refusal while the files are being opened, or when they cannot be trusted. */
    public LedgerEngine engine() {
        LedgerEngine running = engine;
        if (running != null) {
            return running;
        }
        if (recovery != null) {
            throw new Refused(Refusal.of(LedgerError.RECOVERY, recovery.getMessage()));
        }
        throw new Refused(Refusal.of(LedgerError.NOT_WRITTEN, "The ledger's files are being opened; repeat shortly."));
    }

    public Kind kind() {
        return kind;
    }

    /** The rules that every record of this kind must keep, wherever it comes from. */
    public EntryRules rules() {
        return rules;
    }

    /** The version of the schema in PostgreSQL; null while it was not seen. */
    public String schemaVersion() {
        Schema.Status seen = schemaSeen();
        return seen == null ? null : seen.current();
    }

    private Schema.Status schemaSeen() {
        Database opened = database;
        return opened == null ? null : opened.seen();
    }

    /** How the schema stands now; fails where PostgreSQL cannot be asked. */
    public Uni<Schema.Status> schema() {
        return opened().schema();
    }

    /** As {@link Schema#migrate(String)}. */
    public Uni<Schema.Status> updateSchema(String target) {
        return opened().update(target);
    }

    /** As {@link Schema#undo}. */
    public Uni<Schema.Status> undoSchema() {
        return opened().undo();
    }

    private Database opened() {
        engine();
        return database;
    }

    /** Where restores are ordered; refuses as {@link #engine()} does while that is not there. */
    public RestoreDesk restores() {
        engine();
        return restores;
    }

    /** Why the files cannot be trusted; null when they can. */
    public RecoveryRequired recovery() {
        return recovery;
    }

    public LedgerState state() {
        LedgerEngine running = engine;
        return running != null ? withSchema(running.state()) : notServing();
    }

    /** An outdated schema with which the service runs on is no trouble, but somebody should know. */
    private LedgerState withSchema(LedgerState state) {
        Schema.Status seen = schemaSeen();
        if (seen == null) {
            return state;
        }
        return state.withSchema(seen.current(), seen.needsUpdate() ? seen.target() : null);
    }

    private LedgerState notServing() {
        String why = recovery == null ? "The ledger's files are being opened." : recovery.getMessage();
        String files = recovery == null ? "starting" : "recovery";
        Map<String, Long> entries = new HashMap<>();
        entries.put("json", null);
        entries.put("postgres", null);
        return new LedgerState(
                kind.word(),
                null,
                0,
                null,
                null,
                "none",
                false,
                0,
                0,
                0,
                "standby",
                entries,
                0,
                0,
                0,
                0,
                false,
                why,
                null,
                Map.of("json", files, "postgres", databaseConfigured ? "disconnected" : "not_configured"),
                null,
                null,
                null,
                Instant.EPOCH,
                List.of(why));
    }

    private Phase pinnedPhase() {
        if (config.useDatabaseStorage().isPresent() != config.dualWriteEnabled().isPresent()) {
            throw new IllegalStateException(
                    "FF_USE_DATABASE_STORAGE and FF_DUAL_WRITE_ENABLED pin a phase together; only one"
                            + " of them is set. Set both, or none.");
        }
        return config.useDatabaseStorage()
                .map(use -> Phase.ofFlags(use, config.dualWriteEnabled().orElseThrow()))
                .orElse(null);
    }

    private NewStore newStore() {
        if (!databaseConfigured) {
            return NewStore.SERVES_AT_ONCE;
        }
        return config.newStoreWait().map(NewStore::servesAfter).orElse(NewStore.WAITS);
    }

    private void open(Phase pinned) {
        JsonStoreConfig json = JsonStoreConfig.of(kind, config.dataDir());
        try {
            files = JsonFolder.open(json, clock, LedgerRuntime::fastId, rules::take, Disk.REAL);
        } catch (RecoveryRequired damaged) {
            recovery = damaged;
            LOG.errorv("recovery mode, nothing is served: {0}", damaged.getMessage());
            return;
        } catch (IOException | RuntimeException e) {
            LOG.error("the ledger's files cannot be opened", e);
            Quarkus.asyncExit(1);
            return;
        }
        LedgerEngine built;
        try {
            built = build(json, pinned);
        } catch (RuntimeException e) {
            notStarted(e);
            return;
        }
        built.start().subscribe().with(started -> engine = built, LedgerRuntime::notStarted);
    }

    private static void notStarted(Throwable failure) {
        LOG.error("the ledger cannot be started", failure);
        Quarkus.asyncExit(1);
    }

    private LedgerEngine build(JsonStoreConfig json, Phase pinned) {
        streams = PostgresPools.open(vertx, server, STREAMS);
        LedgerMetrics metrics = new LedgerMetrics(registry, kind.word());
        LedgerEngine[] guarded = new LedgerEngine[1];
        postgres = new PostgresStore(new PostgresStore.Parts(
                kind,
                pool,
                streams,
                dataSource::getConnection,
                workers,
                PostgresSettings.DEFAULTS,
                clock,
                LedgerRuntime::fastId,
                through -> guarded[0] == null ? Uni.createFrom().voidItem() : guarded[0].guardIds(through),
                StoreTimings.NONE));
        Schema schema = new Schema(
                dataSource,
                kind.word(),
                "classpath:db/" + kind.word(),
                StepLimits.statementWithin(config.schemaTimeout()),
                workers);
        database = new Database(pool, postgres, schema, databaseConfigured, config.autoMigrate());
        LedgerEngine built = new LedgerEngine(
                new LedgerEngine.Settings(
                        kind,
                        databaseConfigured,
                        newStore(),
                        pinned,
                        config.log().history(),
                        config.log().limit(),
                        LOG_ROUND,
                        config.events().retention(),
                        new PublisherConfig(
                                config.events().bootstrapServers().orElse(null),
                                config.events().partitions(),
                                config.events().replicationFactor(),
                                config.events().retention(),
                                metrics::ofProducer)),
                new JsonFiles(files, json, metrics, workers),
                new MeteredStore(postgres, metrics),
                database,
                new AdvisoryPublishLock(dataSource, kind),
                clock);
        guarded[0] = built;
        shadowReads = shadowReads(built, metrics);
        served = new ShadowedLedger(built.ledger(), shadowReads);
        restores = new RestoreDesk(new RestoreFiles(json.folder()), () -> built, workers, clock);
        metrics.observe(built, LedgerEngine::state);
        return built;
    }

    private ShadowReads shadowReads(LedgerEngine of, LedgerMetrics metrics) {
        for (ShadowReads.Result result : ShadowReads.Result.values()) {
            metrics.shadowReads(result.name().toLowerCase(Locale.ROOT), 0);
        }
        return new ShadowReads(
                () -> of.rule().flatMap(rule -> of.follower().flatMap(follower -> of.primary()
                        .map(primary -> new ShadowReads.Sides(primary, follower, rule)))),
                of::awaitFollower,
                ShadowReads.Limits.usual(config.shadowReads().share()),
                () -> ThreadLocalRandom.current().nextDouble(),
                result -> metrics.shadowReads(result.name().toLowerCase(Locale.ROOT), 1),
                workers,
                clock);
    }

    /** What shadow reads found since the start. */
    public ShadowReads shadowReads() {
        engine();
        return shadowReads;
    }

    /** The ledger as clients are served from it. Fails as {@link #engine}. */
    Ledger ledger() {
        engine();
        return served;
    }

    /** A random version 4 UUID. Ids must be unique, not secret, so the thread's own fast source is enough. */
    private static UUID fastId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = random.nextLong() & 0xffff_ffff_ffff_0fffL | 0x4000L;
        long low = random.nextLong() & 0x3fff_ffff_ffff_ffffL | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}
