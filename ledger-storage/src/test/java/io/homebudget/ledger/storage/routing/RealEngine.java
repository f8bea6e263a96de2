package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.Moving.soon;

import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.json.FaultyDisk;
import io.homebudget.ledger.storage.json.JsonFolder;
import io.homebudget.ledger.storage.json.JsonStore;
import io.homebudget.ledger.storage.json.JsonStoreConfig;
import io.homebudget.ledger.storage.outbox.AdvisoryPublishLock;
import io.homebudget.ledger.storage.outbox.PublisherConfig;
import io.homebudget.ledger.storage.postgres.PostgresPools;
import io.homebudget.ledger.storage.postgres.PostgresSettings;
import io.homebudget.ledger.storage.postgres.PostgresStore;
import io.homebudget.ledger.storage.postgres.StoreTimings;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.homebudget.ledger.storage.testing.PostgresServer;
import io.homebudget.ledger.storage.testing.TcpRelay;
import io.homebudget.ledger.storage.wiring.Wired;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The engine as a service runs it: files in a folder through a disk that can fail, a real PostgreSQL behind a relay that can
 * fail, and Kafka where a test names a broker. {@link #crash} leaves of the process what a kill leaves.
 */
final class RealEngine implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(30);
    /** Files are renamed once or twice around a crash. */
    private static final int COPIES = 10;

    private static final Vertx VERTX = Vertx.vertx();
    private static final ExecutorService WORKERS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "engine-worker");
        thread.setDaemon(true);
        return thread;
    });

    /** What a test may want to be otherwise. */
    record Options(
            Kind kind, long logHistory, long logLimit, Duration logRound, Duration tombstonesKept, String kafka) {
        static final Options USUAL =
                new Options(Kind.EXPENSE, 1_000_000, 5_000_000, Duration.ofSeconds(10), Duration.ofDays(35), null);

        Options of(Kind other) {
            return new Options(other, logHistory, logLimit, logRound, tombstonesKept, kafka);
        }

        Options log(long history, long limit) {
            return new Options(kind, history, limit, Duration.ofMillis(100), tombstonesKept, kafka);
        }

        Options publishingTo(String servers) {
            return new Options(kind, logHistory, logLimit, logRound, tombstonesKept, servers);
        }

        Options forgettingTombstonesAtOnce() {
            return new Options(kind, logHistory, logLimit, logRound, Duration.ZERO, kafka);
        }
    }

    /** How long PostgreSQL may take for an answer: the store's own limits, and the server's on one statement. */
    private record Patience(PostgresSettings settings, int statementMillis) {
        static final Patience OF_A_SERVICE =
                new Patience(PostgresSettings.DEFAULTS, PostgresPools.STATEMENT_TIMEOUT_MILLIS);
        /** For tests that are not about limits: a machine that stands still for seconds fails none of them. */
        static final Patience OF_A_TEST =
                new Patience(new PostgresSettings(20_000, 20_000, 800, 60_000, 1_000, 100), 15_000);
    }

    final FaultyDisk disk = new FaultyDisk();
    /** How many of its connections to Kafka are watched. */
    final AtomicInteger producers = new AtomicInteger();

    final PostgresServer.Database database;
    final TcpRelay relay;
    private final Options options;
    private final Path home;
    private Path folder;
    private NewStore newStore;
    private Patience patience = Patience.OF_A_TEST;
    private int lives;
    private Pool pool;
    private JsonFolder files;
    private PostgresStore postgres;
    private LedgerEngine engine;

    RealEngine() {
        this(Options.USUAL);
    }

    RealEngine(Options options) {
        this(options, null);
    }

    /** @param initialFile the content of the array file that the first start finds; null for none */
    RealEngine(Options options, String initialFile) {
        this(options, initialFile, PostgresServer.running().createDatabase(), NewStore.SERVES_AT_ONCE);
    }

    private RealEngine(Options options, String initialFile, PostgresServer.Database database, NewStore newStore) {
        this.options = options;
        this.database = database;
        this.relay = new TcpRelay(database.port());
        this.newStore = newStore;
        try {
            home = Files.createTempDirectory("engine");
            folder = home.resolve("life0");
            if (initialFile != null) {
                Files.createDirectories(folder);
                Files.writeString(array(), initialFile);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    /** A second process on the same database, with an empty folder of its own. */
    RealEngine replica() {
        return new RealEngine(options, null, database, NewStore.WAITS);
    }

    LedgerEngine engine() {
        return engine;
    }

    JsonStore files() {
        return files.live().orElseThrow();
    }

    PostgresStore postgres() {
        return postgres;
    }

    Path folder() {
        return folder;
    }

    /** As the old backend reads it. */
    Path array() {
        return folder.resolve(kind().arrayFileName());
    }

    Kind kind() {
        return options.kind();
    }

    LedgerState state() {
        return engine.state();
    }

    Phase phase() {
        return state().phase();
    }

    // ---- life and death ------------------------------------------------------------------------------------------

    void start() {
        JsonStoreConfig config = JsonStoreConfig.of(kind(), folder)
                .withTimes(Duration.ofMillis(500), Duration.ZERO, Duration.ofSeconds(1));
        EntryRules rules = new EntryRules(kind(), "₪");
        try {
            files = JsonFolder.open(config, Clock.systemUTC(), UUID::randomUUID, rules::take, disk);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        PGSimpleDataSource jdbc = new PGSimpleDataSource();
        jdbc.setURL("jdbc:postgresql://localhost:" + relay.port() + "/" + database.name());
        jdbc.setUser("postgres");
        jdbc.setPassword("postgres");
        jdbc.setConnectTimeout(1);
        pool = openPool();
        LedgerEngine[] guarded = new LedgerEngine[1];
        postgres = new PostgresStore(new PostgresStore.Parts(
                kind(),
                pool,
                pool,
                jdbc::getConnection,
                WORKERS,
                patience.settings(),
                Clock.systemUTC(),
                UUID::randomUUID,
                through -> guarded[0] == null ? Uni.createFrom().voidItem() : guarded[0].guardIds(through),
                StoreTimings.NONE));
        engine = new LedgerEngine(
                new LedgerEngine.Settings(
                        kind(),
                        true,
                        newStore,
                        null,
                        options.logHistory(),
                        options.logLimit(),
                        options.logRound(),
                        options.tombstonesKept(),
                        new PublisherConfig(options.kafka(), 3, (short) 1, Duration.ofDays(1)).watchedBy(producer -> {
                            producers.incrementAndGet();
                            return producers::decrementAndGet;
                        })),
                Wired.files(files, config, WORKERS),
                postgres,
                Wired.database(kind(), pool, postgres, jdbc, WORKERS),
                new AdvisoryPublishLock(jdbc, kind()),
                Clock.systemUTC());
        guarded[0] = engine;
        engine.start().await().atMost(LIMIT);
    }

    private Pool openPool() {
        PgConnectOptions server = PostgresPools.limited(
                        PgConnectOptions.fromUri(database.url()).setPort(relay.port()))
                .addProperty("statement_timeout", Integer.toString(patience.statementMillis()));
        return PgBuilder.pool()
                .connectingTo(server)
                .with(PostgresPools.limited(new PoolOptions().setMaxSize(20)))
                .using(VERTX)
                .build();
    }

    /** From an orderly restart on with the limits of a service: for tests of what a client waits for. */
    void restartWithLimitsOfAService() {
        stop();
        patience = Patience.OF_A_SERVICE;
        start();
    }

    /** What is on disk now is all that is left; connections end; the next life begins on a copy of the folder. */
    void crash() {
        Path next = home.resolve("life" + ++lives);
        boolean passed = relay.passes();
        relay.refuse();
        disk.whileStill(() -> copy(folder, next));
        stop();
        folder = next;
        if (passed) {
            relay.pass();
        }
        start();
    }

    /** An orderly stop and start. */
    void restart() {
        stop();
        start();
    }

    /** What somebody does to the folder while the service is stopped. */
    interface Edit {
        void of(Path folder) throws IOException;
    }

    /** An orderly stop, an edit of the files, and a start. */
    void restartOn(Edit edit) {
        stop();
        try {
            edit.of(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    /** As a second installation beside the same database: a start on an empty folder. */
    void loseFolder(NewStore newStore) {
        stop();
        this.newStore = newStore;
        folder = home.resolve("life" + ++lives);
        start();
    }

    private void stop() {
        engine.close();
        disk.fails = (call, file) -> false;
        disk.before = (call, file) -> true;
        pool.close();
        postgres.close();
        files.close();
    }

    @Override
    public void close() {
        stop();
        relay.close();
        delete(home);
    }

    private static void delete(Path tree) {
        try (Stream<Path> all = Files.walk(tree)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begun again where a file is renamed meanwhile: a restore keeps its record without the disk that stands still. */
    private static void copy(Path from, Path to) {
        for (int attempt = 1; !copied(from, to); attempt++) {
            if (attempt == COPIES) {
                throw new IllegalStateException("files come and go in " + from);
            }
            delete(to);
        }
    }

    private static boolean copied(Path from, Path to) {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.filter(path -> !path.endsWith("ledger.lock")).toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
            return true;
        } catch (NoSuchFileException renamed) {
            return false;
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return false;
            }
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- moving --------------------------------------------------------------------------------------------------

    PhaseChange.Done move(Phase target) {
        return move(target, false);
    }

    PhaseChange.Done move(Phase target, boolean acceptLoss) {
        return Moving.ask(engine, target, acceptLoss);
    }

    /** One step at a time to the phase, with what a run does in between: backfill, and waiting for the follower. */
    void moveTo(Phase target) {
        while (phase() != target) {
            attached();
            Phase next = phase().ordinal() < target.ordinal()
                    ? phase().next().orElseThrow()
                    : phase().previous().orElseThrow();
            boolean fills = phase() == Phase.JSON_ONLY;
            nearlyInSync();
            step(next);
            if (fills) {
                backfill();
            }
        }
        inSync();
    }

    /** As {@link Moving#step}. */
    List<PhaseChange.Done> step(Phase next) {
        return Moving.step(engine, next);
    }

    void backfill() {
        Moving.backfill(engine);
    }

    void attached() {
        soon("PostgreSQL attached").until(() -> Moving.connected(engine));
    }

    void detached() {
        soon("PostgreSQL detached").until(() -> !Moving.connected(engine));
    }

    /** Enough for a phase change, and reached also while clients write. */
    private void nearlyInSync() {
        soon("nearly in sync").until(() -> {
            LedgerState state = state();
            return state.phase() != null
                    && (!state.phase().dual()
                            || state.followerLag() < 500
                                    && Moving.follows(engine)
                                    && (state.phase() != Phase.DATABASE_READS || state.inSync()));
        });
    }

    /** The follower, where there is one, has everything. */
    void inSync() {
        soon("in sync").until(() -> {
            LedgerState state = state();
            return state.phase() != null
                    && (!state.phase().dual()
                            || state.followerLag() == 0
                                    && !state.followerState().equals("away")
                                    && (state.phase() != Phase.DATABASE_READS || state.inSync()));
        });
    }

    // ---- asking --------------------------------------------------------------------------------------------------

    Uni<WriteOutcome> send(WriteRequest request) {
        return engine.ledger().write(request);
    }

    WriteOutcome write(WriteRequest request) {
        return send(request).await().atMost(LIMIT);
    }

    WriteOutcome.Written written(WriteRequest request) {
        WriteOutcome outcome = write(request);
        if (outcome instanceof WriteOutcome.Written written) {
            return written;
        }
        throw new AssertionError("not written: " + outcome);
    }

    /** @return the new entry's id */
    long created(WriteRequest request) {
        return written(request).set().changes().get(0).entryId();
    }

    Held find(long id) {
        return engine.ledger().find(id).await().atMost(LIMIT).value();
    }

    Map<Long, Held> served() {
        return engine
                .ledger()
                .list(Listing.ALL)
                .chain(served -> served.value().collect().asList())
                .await()
                .atMost(LIMIT)
                .stream()
                .flatMap(List::stream)
                .collect(Collectors.toMap(held -> held.entry().id(), held -> held, (a, b) -> a, TreeMap::new));
    }

    Map<Long, Held> held(StoreName name) {
        return entries(name == StoreName.JSON ? files() : postgres);
    }

    static Map<Long, Held> entries(LedgerStore store) {
        return store.list(Listing.ALL).collect().asList().await().atMost(LIMIT).stream()
                .flatMap(List::stream)
                .collect(Collectors.toMap(held -> held.entry().id(), held -> held, (a, b) -> a, TreeMap::new));
    }

    /** All of a store, tombstones included, with the digests computed from the data. */
    static Map<Long, EntryState> states(LedgerStore store, LedgerStore.DataSource source) {
        return store.states(1, 0, source).await().atMost(LIMIT).stream()
                .collect(Collectors.toMap(EntryState::id, state -> state, (a, b) -> a, TreeMap::new));
    }

    // ---- SQL, past the relay -------------------------------------------------------------------------------------

    void execute(String sql) {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    List<String> query(String sql) {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> column = new ArrayList<>();
            while (rows.next()) {
                column.add(rows.getString(1));
            }
            return column;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
