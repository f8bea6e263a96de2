package io.homebudget.ledger.storage.postgres;

import static io.homebudget.ledger.storage.postgres.Synchronizing.execute;
import static io.homebudget.ledger.storage.postgres.Synchronizing.number;

import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.homebudget.ledger.storage.store.SyncListener;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Merges the staged image into the tables, range by range, each range one transaction that excludes applying. Idempotent: an
 * interrupted merge is simply run again.
 *
 * <p>The rule is that of applying, with one addition: a row that is newer than the image's but older than the run's epoch was
 * written by a lost primary (whatever else was written before the epoch is in the image), so the image wins over it.
 */
final class Merging {
    /** Staged rows per transaction: clients' changes wait for at most one of these, some hundred milliseconds. */
    static final int RANGE = 50_000;

    private final Statements sql;

    Merging(Statements sql) {
        this.sql = sql;
    }

    record Merged(long written, long removed) {}

    /** Begins a transaction in which nothing is applied, and that the caller's epoch is allowed to make. */
    void enter(Connection connection, long epoch) throws SQLException {
        limit(connection);
        lock(connection, epoch, "FOR SHARE");
    }

    /**
     * As {@link #enter}, for a transaction that will change the log or the state row itself. It takes the row for itself at once:
     * raising a shared lock later would meet an applying transaction that shares it and waits for the progress row, a deadlock.
     * And it takes the log first, as whoever locks both does.
     */
    void enterToChangeState(Connection connection, long epoch) throws SQLException {
        limit(connection);
        execute(connection, "LOCK TABLE " + sql.log + " IN ROW EXCLUSIVE MODE");
        lock(connection, epoch, "FOR NO KEY UPDATE");
    }

    private static void limit(Connection connection) throws SQLException {
        execute(connection, "SET LOCAL statement_timeout = '10min'");
        execute(connection, "SET LOCAL lock_timeout = '60s'");
    }

    private void lock(Connection connection, long epoch, String stateLock) throws SQLException {
        long decided = number(connection, "SELECT decided_epoch FROM " + sql.state + " " + stateLock);
        if (decided > epoch) {
            throw new StoreFenced(StoreName.POSTGRES, epoch, decided);
        }
        number(connection, "SELECT position FROM " + sql.progress + " FOR UPDATE");
    }

    /** The last id of every range of the staged rows, for a run that did not stage all of them itself. */
    List<Long> bounds(Connection connection) throws SQLException {
        List<Long> bounds = new ArrayList<>();
        try (PreparedStatement query =
                        connection.prepareStatement("SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id)"
                                + " AS n FROM " + sql.staging + ") s WHERE n % " + RANGE + " = 0 ORDER BY id");
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                bounds.add(rows.getLong(1));
            }
        }
        bounds.add(Long.MAX_VALUE);
        return bounds;
    }

    Merged merge(Connection connection, List<Long> bounds, long epoch, SyncListener listener) throws SQLException {
        long written = 0;
        long low = Long.MIN_VALUE;
        boolean onlyOurs = true;
        for (long high : bounds) {
            if (listener.cancelled()) {
                throw new CancellationException("the synchronisation was cancelled");
            }
            enter(connection, epoch);
            boolean empty = isFree(connection, low, high);
            onlyOurs &= empty;
            written += empty ? fill(connection, low, high) : mergeRange(connection, low, high, epoch);
            connection.commit();
            low = high;
            Synchronizing.rest(listener);
        }
        return new Merged(written, onlyOurs ? 0 : removeExtras(connection, epoch));
    }

    /** Whether no id above {@code low} and through {@code high} is an entry or a tombstone. */
    boolean isFree(Connection connection, long low, long high) throws SQLException {
        String in = " e WHERE e.id > " + low + " AND e.id <= " + high;
        // a range that finds nothing tempts the planner, whose statistics lag behind a load, to read the whole table
        execute(connection, "SET LOCAL enable_seqscan = off");
        boolean free = number(
                        connection,
                        "SELECT CASE WHEN EXISTS (SELECT FROM " + sql.entries + in + ") OR EXISTS (SELECT FROM "
                                + sql.tombstones + in + ") THEN 0 ELSE 1 END")
                == 1;
        execute(connection, "SET LOCAL enable_seqscan = on");
        return free;
    }

    /** Through {@code lastId} everything of the image is in place; committed together with the rows. */
    void moveMark(Connection connection, int rows, long lastId) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE " + sql.mark + " SET last_id = ?, staged = staged + ?")) {
            update.setLong(1, lastId);
            update.setInt(2, rows);
            update.executeUpdate();
        }
    }

    /** Of an entry, in this order. */
    String columns(String prefix) {
        return prefix + "id, " + sql.valueColumns(prefix) + ", " + prefix + "version, " + prefix + "epoch, " + prefix
                + "change_id, " + prefix + "digest";
    }

    /** The range has nothing yet: every staged row is written as it is. */
    private long fill(Connection connection, long low, long high) throws SQLException {
        String in = staged(low, high);
        return update(
                        connection,
                        "INSERT INTO " + sql.entries + " (" + columns("") + ") SELECT " + columns("s.") + " FROM "
                                + sql.staging + " s WHERE NOT s.deleted AND " + in + " ORDER BY s.id")
                + update(
                        connection,
                        "INSERT INTO " + sql.tombstones + " (id, version, epoch, change_id) SELECT s.id, s.version,"
                                + " s.epoch, s.change_id FROM " + sql.staging + " s WHERE s.deleted AND " + in);
    }

    private static String wins(String a, String b, long epoch) {
        return String.format(
                "(%1$s.version > %2$s.version OR %1$s.version = %2$s.version AND %1$s.epoch > %2$s.epoch"
                        + " OR %2$s.version > %1$s.version AND %2$s.epoch < %3$d)",
                a, b, epoch);
    }

    private static String staged(long low, long high) {
        return "s.id > " + low + " AND s.id <= " + high;
    }

    /** The staged rows of the range, by the rule. @return how many live rows and tombstones were written */
    long mergeRange(Connection connection, long low, long high, long epoch) throws SQLException {
        String in = staged(low, high);
        String set = sql.valueColumns("").replaceAll("(\\w+)", "$1 = excluded.$1")
                + ", version = excluded.version, epoch = excluded.epoch, change_id = excluded.change_id,"
                + " digest = excluded.digest";
        long written = update(
                connection,
                "INSERT INTO " + sql.entries + " AS t (" + columns("") + ") SELECT " + columns("s.")
                        + " FROM " + sql.staging + " s WHERE NOT s.deleted AND " + in + " AND NOT EXISTS (SELECT FROM "
                        + sql.tombstones + " b WHERE b.id = s.id AND NOT " + wins("s", "b", epoch) + ") ORDER BY s.id"
                        + " ON CONFLICT (id) DO UPDATE SET " + set + " WHERE " + wins("excluded", "t", epoch)
                        // the same change, but the row is not what the change recorded: it was damaged
                        + " OR t.version = excluded.version AND t.epoch = excluded.epoch AND t.change_id IS NOT DISTINCT FROM"
                        + " excluded.change_id AND " + sql.actualDigest("t") + " IS DISTINCT FROM excluded.digest"
                        + " AND " + sql.actualDigest("t") + " IS DISTINCT FROM " + sql.actualDigest("excluded"));
        // what was written as live has won over its tombstone
        update(
                connection,
                "DELETE FROM " + sql.tombstones + " b USING " + sql.staging + " s WHERE b.id = s.id AND NOT s.deleted"
                        + " AND " + in + " AND " + wins("s", "b", epoch));
        update(
                connection,
                "DELETE FROM " + sql.entries + " t USING " + sql.staging + " s WHERE t.id = s.id AND s.deleted AND "
                        + in + " AND " + wins("s", "t", epoch));
        return written
                + update(
                        connection,
                        "INSERT INTO " + sql.tombstones + " AS t (id, version, epoch, change_id) SELECT s.id,"
                                + " s.version, s.epoch, s.change_id FROM " + sql.staging + " s WHERE s.deleted AND "
                                + in
                                + " AND NOT EXISTS (SELECT FROM " + sql.entries + " x WHERE x.id = s.id)"
                                + " ON CONFLICT (id) DO UPDATE SET version = excluded.version, epoch = excluded.epoch,"
                                + " change_id = excluded.change_id WHERE " + wins("excluded", "t", epoch));
    }

    private long removeExtras(Connection connection, long epoch) throws SQLException {
        enter(connection, epoch);
        long removed = 0;
        for (String table : List.of(sql.entries, sql.tombstones)) {
            removed += update(
                    connection,
                    "DELETE FROM " + table + " t WHERE t.epoch < " + epoch + " AND NOT EXISTS (SELECT FROM "
                            + sql.staging + " s WHERE s.id = t.id)");
        }
        connection.commit();
        return removed;
    }

    private static long update(Connection connection, String statement) throws SQLException {
        try (PreparedStatement run = connection.prepareStatement(statement)) {
            return run.executeLargeUpdate();
        }
    }
}
