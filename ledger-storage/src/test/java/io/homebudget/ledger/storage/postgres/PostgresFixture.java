package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.schema.Schema;
import io.homebudget.ledger.storage.schema.StepLimits;
import io.homebudget.ledger.storage.testing.PostgresServer;
import io.homebudget.ledger.storage.testing.TcpRelay;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;

/** One database with the migrated schema of a kind, and stores over it. */
final class PostgresFixture implements AutoCloseable {
    private static final Executor WORKERS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "worker");
        thread.setDaemon(true);
        return thread;
    });

    /** The limits of a service on locks, and nobody else's: for tests that are not about limits, on machines that stand still. */
    static final PostgresSettings USUAL = new PostgresSettings(20_000, 20_000, 800, 60_000, 1_000, 100);

    /** As {@link #USUAL}; a fence waits until the test lets it through. */
    static final PostgresSettings PATIENT = new PostgresSettings(20_000, 20_000, 8_000, 60_000, 1_000, 100);

    private static final int STATEMENT_MILLIS = 15_000;

    final Kind kind;
    final PostgresServer.Database database = PostgresServer.running().createDatabase();
    final Vertx vertx = Vertx.vertx();
    final Pool pool;

    PostgresFixture(Kind kind) {
        this.kind = kind;
        new Schema(
                        database.dataSource(),
                        kind.word(),
                        "classpath:db/" + kind.word(),
                        StepLimits.statementWithin(Duration.ofSeconds(300)),
                        WORKERS)
                .migrate()
                .await()
                .atMost(Duration.ofSeconds(20));
        pool = pool(PgConnectOptions.fromUri(database.url()), STATEMENT_MILLIS);
    }

    /** Ten connections. @param statementMillis how long the server works on one statement */
    Pool pool(PgConnectOptions server, int statementMillis) {
        return PgBuilder.pool()
                .connectingTo(PostgresPools.limited(server)
                        .addProperty("statement_timeout", Integer.toString(statementMillis)))
                .with(PostgresPools.limited(new PoolOptions().setMaxSize(10)))
                .using(vertx)
                .build();
    }

    PostgresStore open() {
        return open(LeaseGuard.NONE);
    }

    PostgresStore open(LeaseGuard guard) {
        return open(guard, pool);
    }

    /** @param streams what lists and scans share */
    PostgresStore open(Pool streams) {
        return open(LeaseGuard.NONE, streams);
    }

    private PostgresStore open(LeaseGuard guard, Pool streams) {
        return open(guard, pool, streams, USUAL);
    }

    PostgresStore open(PostgresSettings settings) {
        return open(LeaseGuard.NONE, pool, pool, settings);
    }

    /** A store with the limits of a service whose connections all go through the relay. */
    PostgresStore openThrough(TcpRelay relay) {
        Pool relayed = PostgresPools.open(
                vertx, "postgresql://postgres:postgres@localhost:" + relay.port() + "/" + database.name(), 10);
        return open(LeaseGuard.NONE, relayed, relayed, PostgresSettings.DEFAULTS);
    }

    private PostgresStore open(LeaseGuard guard, Pool writes, Pool streams, PostgresSettings settings) {
        return new PostgresStore(new PostgresStore.Parts(
                kind,
                writes,
                streams,
                () -> database.dataSource().getConnection(),
                WORKERS,
                settings,
                Clock.systemUTC(),
                UUID::randomUUID,
                guard,
                StoreTimings.NONE));
    }

    PostgresStore openPrimary(Rule rule) {
        return openPrimary(rule, pool, USUAL);
    }

    PostgresStore openPrimary(Rule rule, PostgresSettings settings) {
        return openPrimary(rule, pool, settings);
    }

    /** @param writes what the store works through in place of the fixture's own pool */
    PostgresStore openPrimary(Rule rule, Pool writes, PostgresSettings settings) {
        PostgresStore store = open(LeaseGuard.NONE, writes, pool, settings);
        store.adopt(rule).await().atMost(Duration.ofSeconds(5));
        return store;
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    String text(String query) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            StringBuilder text = new StringBuilder();
            while (rows.next()) {
                text.append(text.length() == 0 ? "" : "\n").append(rows.getString(1));
            }
            return text.toString();
        }
    }

    /** How many backends of this database wait for a lock. */
    int waiting() throws SQLException {
        return Integer.parseInt(text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND wait_event_type = 'Lock'"));
    }

    void awaitWaiting(int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> waiting() == count);
    }

    /** Empties the ledger, for the next test of the class. */
    void reset() {
        String s = kind.word() + ".";
        try {
            execute("TRUNCATE " + s + kind.plural() + ", " + s + "change_log, " + s + "tombstones, " + s
                    + "idempotency_keys, " + s
                    + "orphans, " + s + "backfill_staging, " + s + "ledger_state, " + s + "ledger_progress, " + s
                    + "ledger_published, " + s + "backfill_mark; INSERT INTO " + s
                    + "ledger_state DEFAULT VALUES; INSERT INTO "
                    + s + "ledger_progress DEFAULT VALUES; INSERT INTO " + s
                    + "ledger_published DEFAULT VALUES; INSERT INTO " + s
                    + "backfill_mark DEFAULT VALUES; ALTER SEQUENCE " + s
                    + kind.plural() + "_id_seq RESTART; ALTER SEQUENCE " + s + "change_log_position_seq RESTART");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        pool.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
