package io.homebudget.ledger.storage.postgres;

import static io.homebudget.ledger.storage.postgres.Synchronizing.execute;
import static io.homebudget.ledger.storage.postgres.Synchronizing.number;

import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.postgres.TargetDifference.Compared;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.InDoubt;
import io.homebudget.ledger.storage.store.Restoration;
import io.homebudget.ledger.storage.store.RestoreReport;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jboss.logging.Logger;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * A restore of the primary as one transaction: what differs is found and copied into a temporary table while clients go on
 * ({@link TargetDifference}); then the lock that the fence uses keeps every writer of every replica out, and what they changed meanwhile
 * is compared too. So writers are held in proportion to what differs, not to the ledger. A kill of either side leaves the ledger as
 * before, or restored. Repairs of damaged entries, which no log tells of, are refused from before the tables are read; a row that somebody
 * changes by hand in these seconds may keep that change. Runs on a worker thread, where it may block.
 */
final class Restoring {
    private static final Logger LOG = Logger.getLogger(Restoring.class);
    /** The caller's fence waits for writes in flight, which end within 2 s. */
    private static final long FENCE_SECONDS = 30;
    /** How often, and with which pause, a commit without an answer is looked for. */
    private static final int LOOKS = 20;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    /** Of the target, what differs. */
    private static final String TARGET = "restore_target";
    /** Of the target, what was changed while the rest was compared. */
    private static final String LATE = "restore_late";

    private static final String DIFFERENCE = "restore_difference";

    private final Statements sql;
    private final BulkConnections connections;
    private final Executor workers;
    private final TargetDifference differing;

    Restoring(Statements sql, PostgresSettings settings, BulkConnections connections, Executor workers) {
        this.sql = sql;
        this.connections = connections;
        this.workers = workers;
        this.differing = new TargetDifference(sql, settings, connections);
    }

    Uni<RestoreReport> restore(
            Image target, Restoration restoration, long epoch, Supplier<CompletionStage<Void>> fence) {
        return Uni.createFrom()
                .emitter(emitter -> workers.execute(() -> {
                    try {
                        emitter.complete(run(target, restoration, epoch, fence));
                    } catch (RuntimeException refused) {
                        emitter.fail(refused);
                    } catch (Throwable failure) {
                        emitter.fail(Link.away("restore", failure));
                    }
                }));
    }

    private RestoreReport run(Image target, Restoration restoration, long epoch, Supplier<CompletionStage<Void>> fence)
            throws Exception {
        RestoreReport report;
        try (Connection connection = connections.open()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            boolean committing = false;
            try {
                // a client that is killed must not leave the writers locked out until a long statement has ended
                execute(connection, "SET LOCAL client_connection_check_interval = '1s'");
                execute(connection, "SET LOCAL statement_timeout = '10min'");
                execute(connection, "SET LOCAL lock_timeout = '10s'");
                execute(connection, sql.restoreLock);
                Compared compared = stage(connection, target);
                shut(fence);
                String phase = lock(connection, epoch);
                stageLate(connection, target, compared.position());
                report = difference(connection);
                if (report.changes() > 0) {
                    record(connection, restoration, epoch, phase);
                    change(connection, epoch);
                }
                raiseIds(connection, Math.max(restoration.idsThrough(), compared.lastId()));
                report = withPosition(report, number(connection, "SELECT " + LogReading.head(sql)));
                committing = true;
                connection.commit();
            } catch (SQLException failure) {
                if (!committing) {
                    connection.rollback();
                    throw failure;
                }
                report = null;
                LOG.warnf("the commit of restore %s got no answer: %s", restoration.id(), Link.reason(failure));
            } catch (Throwable failure) {
                connection.rollback();
                throw failure;
            } finally {
                if (!connection.isClosed()) {
                    connection.setAutoCommit(autoCommit);
                }
            }
        }
        return report != null ? report : lookedFor(restoration);
    }

    private static RestoreReport withPosition(RestoreReport of, long position) {
        return new RestoreReport(of.created(), of.updated(), of.deleted(), position);
    }

    private static void shut(Supplier<CompletionStage<Void>> fence) throws Exception {
        try {
            fence.get().toCompletableFuture().get(FENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new TimeoutException("writers were not held within " + FENCE_SECONDS + " s");
        }
    }

    private Compared stage(Connection connection, Image target) throws SQLException, IOException {
        table(connection, TARGET);
        Compared[] compared = new Compared[1];
        copy(connection, TARGET, into -> compared[0] = differing.find(target, into));
        if (compared[0].rows() != target.rows()) {
            throw new IOException(
                    "the target has " + compared[0].rows() + " rows, not " + target.rows() + " as were staged");
        }
        // without statistics what follows would be planned as if there were always few
        execute(connection, "ANALYZE " + TARGET);
        return compared[0];
    }

    /** Under the lock: entries that were changed after the tables were read have to be compared too. */
    private void stageLate(Connection connection, Image target, long position) throws SQLException, IOException {
        long[] late = changedAfter(connection, position);
        if (late.length == 0) {
            return;
        }
        table(connection, LATE);
        copy(connection, LATE, into -> differing.rowsOf(late, target, into));
        execute(
                connection,
                "INSERT INTO " + TARGET + " SELECT l.* FROM " + LATE + " l WHERE NOT EXISTS (SELECT FROM " + TARGET
                        + " s WHERE s.id = l.id)");
    }

    private long[] changedAfter(Connection connection, long position) throws SQLException, IOException {
        if (number(connection, "SELECT log_from FROM " + sql.progress) > position) {
            throw new IOException("the log was cut while the tables were compared; order the restore again");
        }
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT DISTINCT entry_id FROM " + sql.log + " WHERE position > ? ORDER BY entry_id")) {
            query.setLong(1, position);
            LongStream.Builder ids = LongStream.builder();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getLong(1));
                }
            }
            return ids.build().toArray();
        }
    }

    private void table(Connection connection, String name) throws SQLException {
        execute(
                connection,
                "CREATE TEMP TABLE " + name + " (LIKE " + sql.staging + " INCLUDING DEFAULTS) ON COMMIT DROP");
    }

    private interface Copied {
        void into(CopyIn copy) throws SQLException, IOException;
    }

    private void copy(Connection connection, String table, Copied rows) throws SQLException, IOException {
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY " + table + " (id, deleted, " + sql.valueColumns("")
                        + ", version, epoch, change_id, digest) FROM STDIN");
        try {
            rows.into(copy);
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** Waits for every write in flight and keeps all others out. @return the phase that rules */
    private String lock(Connection connection, long epoch) throws SQLException {
        execute(connection, "LOCK TABLE " + sql.log + " IN SHARE ROW EXCLUSIVE MODE");
        try (PreparedStatement query = connection.prepareStatement(
                        "SELECT writable_epoch, decided_epoch, decided_phase FROM " + sql.state);
                ResultSet row = query.executeQuery()) {
            row.next();
            if (row.getLong(1) != epoch) {
                throw new StoreFenced(StoreName.POSTGRES, epoch, row.getLong(2));
            }
            return row.getString(3);
        }
    }

    private RestoreReport difference(Connection connection) throws SQLException {
        String values = "date, " + (sql.business ? "business, " : "") + "category, amount, account, currency, notes";
        String there = columns(values, "t.");
        String wanted = columns(values, "s.");
        execute(
                connection,
                "CREATE TEMP TABLE " + DIFFERENCE
                        + " ON COMMIT DROP AS SELECT row_number() OVER (ORDER BY d.id) - 1 AS n,"
                        + " d.*, gen_random_uuid() AS change_id FROM (SELECT s.id,"
                        + " CASE WHEN t.id IS NULL THEN 'INSERT' WHEN s.deleted THEN 'DELETE'"
                        + " ELSE 'UPDATE' END AS action, GREATEST(t.version, s.version, b.version, 0) + 1 AS version,"
                        + " coalesce(t.version, b.version) AS before_version FROM " + TARGET + " s LEFT JOIN "
                        + sql.entries
                        + " t ON t.id = s.id LEFT JOIN " + sql.tombstones + " b ON b.id = s.id"
                        + " WHERE CASE WHEN t.id IS NULL THEN NOT s.deleted WHEN s.deleted THEN true"
                        + " ELSE s.digest IS DISTINCT FROM t.digest OR (" + there + ") IS DISTINCT FROM (" + wanted
                        + ") END) d");
        execute(connection, "ANALYZE " + DIFFERENCE);
        try (PreparedStatement query =
                        connection.prepareStatement("SELECT count(*) FILTER (WHERE action = 'INSERT'), count(*) FILTER"
                                + " (WHERE action = 'UPDATE'), count(*) FILTER (WHERE action = 'DELETE') FROM "
                                + DIFFERENCE);
                ResultSet row = query.executeQuery()) {
            row.next();
            return new RestoreReport(row.getLong(1), row.getLong(2), row.getLong(3), 0);
        }
    }

    private static String columns(String names, String prefix) {
        return prefix + names.replace(", ", ", " + prefix);
    }

    private String json(String row) {
        return "json_build_object('date', to_char(" + row + ".date, 'YYYY-MM-DD'), "
                + (sql.business ? "'business', " + row + ".business, " : "") + "'category', " + row
                + ".category, 'amount', "
                + row + ".amount, 'account', " + row + ".account, 'currency', " + row + ".currency, 'notes', " + row
                + ".notes, 'id', " + row + ".id)";
    }

    /**
     * The changes, in sets; every set has one position and all have one time, behind that of what clients wrote until they were held:
     * a recovery to a moment before the restore has all of that.
     */
    private void record(Connection connection, Restoration restoration, long epoch, String phase) throws SQLException {
        String most = Integer.toString(Restoration.MOST);
        try (PreparedStatement insert = connection.prepareStatement("WITH sets AS MATERIALIZED (SELECT g.nth,"
                + " nextval('" + sql.positionSequence + "') AS position, CASE WHEN g.nth = 0 THEN ?::uuid ELSE"
                + " gen_random_uuid() END AS id, LEAST(" + most + ", (SELECT count(*) FROM " + DIFFERENCE
                + ") - g.nth * "
                + most + ")::int AS size FROM (SELECT generate_series(0, (SELECT max(n) / " + most + " FROM "
                + DIFFERENCE
                + ")) AS nth) g), newest AS MATERIALIZED (SELECT max(l.changed_at) AS at FROM (SELECT changed_at FROM "
                + sql.log + " ORDER BY position DESC LIMIT " + most
                + ") l), time AS MATERIALIZED (SELECT GREATEST(?::timestamptz, (SELECT at + INTERVAL '1 microsecond' FROM"
                + " newest), (SELECT max(l.changed_at) FROM " + DIFFERENCE + " d JOIN " + sql.log
                + " l ON l.entry_id = d.id AND l.version = d.before_version)) AS at)"
                + " INSERT INTO " + sql.log + " (" + Statements.LOG_COLUMNS + ") SELECT sets.position, (d.n % " + most
                + ")::int, d.change_id, d.id, d.version, ?, ?, d.action, sets.id, sets.size, time.at, '"
                + Restoration.BY + "', NULL, NULL, CASE WHEN d.action <> 'INSERT' THEN " + json("t") + " END,"
                + " CASE WHEN d.action <> 'DELETE' THEN " + json("s") + " END,"
                + " CASE WHEN d.action <> 'DELETE' THEN s.digest END FROM " + DIFFERENCE
                + " d CROSS JOIN time JOIN sets ON sets.nth = d.n / " + most + " LEFT JOIN " + sql.entries
                + " t ON t.id = d.id LEFT JOIN " + TARGET + " s ON s.id = d.id ORDER BY d.n")) {
            insert.setObject(1, restoration.id());
            insert.setObject(2, Rows.time(restoration.at()));
            insert.setLong(3, epoch);
            insert.setString(4, phase);
            insert.executeUpdate();
        }
    }

    private void change(Connection connection, long epoch) throws SQLException {
        String values = sql.valueColumns("");
        String marks = ", version, epoch, change_id, digest";
        String wanted = columns(values, "s.") + ", d.version, " + epoch + ", d.change_id, s.digest";
        String joined = DIFFERENCE + " d JOIN " + TARGET + " s ON s.id = d.id";
        execute(
                connection,
                "DELETE FROM " + sql.entries + " t USING " + DIFFERENCE
                        + " d WHERE t.id = d.id AND d.action = 'DELETE'");
        execute(
                connection,
                "UPDATE " + sql.entries + " t SET (" + values + marks + ") = (" + wanted + ") FROM " + joined
                        + " WHERE t.id = d.id AND d.action = 'UPDATE'");
        execute(
                connection,
                "INSERT INTO " + sql.entries + " (id, " + values + marks + ") SELECT d.id, " + wanted + " FROM "
                        + joined + " WHERE d.action = 'INSERT' ORDER BY d.id");
        execute(
                connection,
                "DELETE FROM " + sql.tombstones + " b USING " + DIFFERENCE
                        + " d WHERE b.id = d.id AND d.action = 'INSERT'");
        execute(
                connection,
                "INSERT INTO " + sql.tombstones + " AS b (id, version, epoch, change_id) SELECT d.id, d.version, "
                        + epoch
                        + ", d.change_id FROM " + DIFFERENCE
                        + " d WHERE d.action = 'DELETE' ON CONFLICT (id) DO UPDATE SET"
                        + " version = excluded.version, epoch = excluded.epoch, change_id = excluded.change_id");
    }

    private void raiseIds(Connection connection, long idsThrough) throws SQLException {
        execute(connection, "ALTER SEQUENCE " + sql.idSequence + " CACHE 1");
        execute(
                connection,
                "SELECT setval('" + sql.idSequence + "', given) FROM (SELECT GREATEST(NULLIF(" + idsThrough
                        + ", 0), CASE WHEN is_called THEN last_value END) AS given FROM " + sql.idSequence
                        + ") q WHERE given IS NOT NULL");
    }

    /** Looks what became of a commit without an answer: its transaction holds the lock until it has ended, one way or the other. */
    private RestoreReport lookedFor(Restoration restoration) {
        SQLException last = null;
        for (int look = 0; look < LOOKS; look++) {
            try (Connection connection = connections.open()) {
                connection.setAutoCommit(false);
                try {
                    execute(connection, "SET LOCAL statement_timeout = '1min'");
                    execute(connection, "SET LOCAL lock_timeout = '10s'");
                    execute(connection, "LOCK TABLE " + sql.log + " IN SHARE ROW EXCLUSIVE MODE");
                    RestoreReport found = found(connection, restoration);
                    if (found == null) {
                        throw new StoreAway(StoreName.POSTGRES, "restore: the server rolled it back", last);
                    }
                    return found;
                } finally {
                    connection.rollback();
                    connection.setAutoCommit(true);
                }
            } catch (SQLException failure) {
                last = failure;
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
        throw new InDoubt(StoreName.POSTGRES, last);
    }

    private RestoreReport found(Connection connection, Restoration restoration) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT count(*) FILTER (WHERE action = 'INSERT'),"
                + " count(*) FILTER (WHERE action = 'UPDATE'), count(*) FILTER (WHERE action = 'DELETE'), max(position)"
                + " FROM " + sql.log + " WHERE changed_by = '" + Restoration.BY
                + "' AND position >= (SELECT min(position)"
                + " FROM " + sql.log + " WHERE set_id = ?)")) {
            query.setObject(1, restoration.id());
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getLong(4) == 0
                        ? null
                        : new RestoreReport(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
            }
        }
    }
}
