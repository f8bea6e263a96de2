package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.SyncReport;
import io.smallrye.mutiny.Uni;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * A full synchronisation. Tables that hold nothing yet are filled by {@link Loading}. Else the image is copied into a staging
 * table chunk by chunk, each chunk together with the mark that makes it resumable, then merged by {@link Merging}. Runs on a
 * worker thread, where it may block.
 */
final class Synchronizing {
    private static final Logger LOG = Logger.getLogger(Synchronizing.class);
    /** Rows per COPY and commit: the more, the fewer commits; the fewer, the less is repeated after an interruption. */
    private static final int STAGE = 5_000;

    private final Statements sql;
    private final BulkConnections connections;
    private final Executor workers;
    private final Merging merging;
    private final Loading loading;
    private final Filling filling;

    Synchronizing(Statements sql, BulkConnections connections, Executor workers) {
        this.sql = sql;
        this.connections = connections;
        this.workers = workers;
        this.merging = new Merging(sql);
        this.loading = new Loading(sql, merging);
        this.filling = new Filling(sql, merging);
    }

    Uni<SyncReport> synchronize(Image image, long standAt, long epoch, SyncListener listener) {
        return Uni.createFrom()
                .emitter(emitter -> workers.execute(() -> {
                    try {
                        emitter.complete(run(image, standAt, epoch, listener));
                    } catch (Throwable failure) {
                        emitter.fail(Link.away("synchronize", failure));
                    }
                }));
    }

    /** How far it is. @param staged rows up to {@code lastId}; @param direct by {@link Loading}; @param stoodAt at the begin */
    record Mark(boolean resumed, long imagePosition, long lastId, long staged, boolean direct, long stoodAt) {}

    private SyncReport run(Image image, long standAt, long epoch, SyncListener listener)
            throws SQLException, IOException {
        try (Connection connection = connections.open()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                Mark mark = begin(connection, image, epoch);
                SyncReport report = mark.direct()
                        ? direct(connection, image, mark, epoch, listener)
                        : stageAndMerge(connection, image, mark, epoch, listener);
                finish(
                        connection,
                        mark.imagePosition(),
                        epoch,
                        mark.resumed() ? Math.min(standAt, mark.imagePosition()) : standAt,
                        mark.stoodAt());
                return report;
            } catch (Throwable failure) {
                connection.rollback();
                throw failure;
            } finally {
                connection.setAutoCommit(autoCommit);
            }
        }
    }

    private SyncReport direct(Connection connection, Image image, Mark mark, long epoch, SyncListener listener)
            throws SQLException, IOException {
        Optional<SyncReport> filled =
                image.lines() == null || mark.resumed() ? Optional.empty() : filling.fill(connection, image, epoch);
        return filled.isPresent() ? filled.get() : loading.load(connection, image, mark, epoch, listener);
    }

    private SyncReport stageAndMerge(Connection connection, Image image, Mark mark, long epoch, SyncListener listener)
            throws SQLException, IOException {
        List<Long> bounds = new ArrayList<>();
        long staged = stage(connection, image, mark, listener, bounds);
        if (mark.resumed()) {
            bounds = merging.bounds(connection);
        }
        // without statistics the merge of a filled table is planned as if the image were tiny
        execute(connection, "ANALYZE " + sql.staging);
        connection.commit();
        Merging.Merged merged = merging.merge(connection, bounds, epoch, listener);
        return new SyncReport(staged, merged.written(), staged - merged.written(), merged.removed());
    }

    private Mark begin(Connection connection, Image image, long epoch) throws SQLException {
        merging.enterToChangeState(connection, epoch);
        long stoodAt = number(connection, "SELECT position FROM " + sql.progress);
        dropOrphans(connection, image.position(), epoch);
        Mark mark = null;
        try (PreparedStatement query =
                connection.prepareStatement("SELECT image_position, last_id, staged, direct FROM " + sql.mark
                        + " WHERE epoch = ? AND staged > 0"
                        // else changes were skipped since that neither those rows nor this store have
                        + " AND image_position >= (SELECT log_from FROM " + sql.progress + ")")) {
            query.setLong(1, epoch);
            try (ResultSet row = query.executeQuery()) {
                if (row.next()) {
                    mark = new Mark(true, row.getLong(1), row.getLong(2), row.getLong(3), row.getBoolean(4), stoodAt);
                }
            }
        }
        // the staging table is unlogged: after a crash of the server it is empty, and staging starts again
        if (mark != null
                && (mark.direct() || number(connection, "SELECT count(*) FROM " + sql.staging) == mark.staged())) {
            LOG.infof("synchronisation goes on rows=%d", mark.staged());
        } else {
            execute(connection, "TRUNCATE " + sql.staging);
            mark = new Mark(false, image.position(), 0, 0, merging.isFree(connection, 0, Long.MAX_VALUE), stoodAt);
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE " + sql.mark + " SET epoch = ?, image_position = ?, last_id = 0, staged = 0, direct = ?")) {
                update.setLong(1, epoch);
                update.setLong(2, image.position());
                update.setBoolean(3, mark.direct());
                update.executeUpdate();
            }
        }
        connection.commit();
        return mark;
    }

    /**
     * Changes that a lost primary wrote beyond what its successor took over: they are listed, and their places in the log are free for
     * the successor's changes. Their data is undone by the merge.
     */
    private void dropOrphans(Connection connection, long imagePosition, long epoch) throws SQLException {
        int orphans;
        try (PreparedStatement move = connection.prepareStatement("WITH gone AS (DELETE FROM " + sql.log
                + " WHERE position > ? AND epoch < ? RETURNING *) INSERT INTO " + sql.orphans
                + " (entry_id, version, epoch, change_id, position, why, after) SELECT entry_id, version, epoch, change_id,"
                + " position, 'written by a lost primary beyond what its successor holds', after FROM gone")) {
            move.setLong(1, imagePosition);
            move.setLong(2, epoch);
            orphans = move.executeUpdate();
        }
        if (orphans > 0) {
            LOG.warnf("changes of a lost primary are undone orphans=%d", orphans);
            execute(
                    connection,
                    "UPDATE " + sql.progress + " SET position = LEAST(position, " + imagePosition
                            + "), log_from = LEAST(log_from, " + imagePosition + ")");
            execute(connection, "UPDATE " + sql.state + " SET follower_state = 'NEEDS_BACKFILL'");
        }
    }

    private long stage(Connection connection, Image image, Mark mark, SyncListener listener, List<Long> bounds)
            throws SQLException, IOException {
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        CopyText text = new CopyText(sql.business);
        long staged = mark.staged();
        int pending = 0;
        long lastId = mark.lastId();
        listener.staged(Math.min(staged, image.rows()), image.rows());
        for (List<ImageRow> chunk : image.chunks().subscribe().asIterable(2, () -> new ArrayBlockingQueue<>(4))) {
            if (listener.cancelled()) {
                throw new CancellationException("the synchronisation was cancelled");
            }
            for (ImageRow row : chunk) {
                if (row.id() > lastId) {
                    text.staged(row);
                    lastId = row.id();
                    pending++;
                    if ((staged + pending) % Merging.RANGE == 0) {
                        bounds.add(lastId);
                    }
                }
            }
            if (pending >= STAGE) {
                staged += flush(connection, copy, text, pending, lastId);
                pending = 0;
                listener.staged(Math.min(staged, image.rows()), image.rows());
            }
            rest(listener);
        }
        if (pending > 0) {
            staged += flush(connection, copy, text, pending, lastId);
        }
        bounds.add(Long.MAX_VALUE);
        listener.staged(Math.min(staged, image.rows()), image.rows());
        return staged;
    }

    private int flush(Connection connection, CopyManager copy, CopyText text, int rows, long lastId)
            throws SQLException, IOException {
        copy.copyIn("COPY " + sql.staging + " FROM STDIN", new ByteArrayInputStream(text.take()), 1 << 16);
        merging.moveMark(connection, rows, lastId);
        connection.commit();
        return rows;
    }

    static void rest(SyncListener listener) {
        long millis = listener.restMillis();
        if (millis > 0) {
            LockSupport.parkNanos(millis * 1_000_000);
        }
    }

    private void finish(Connection connection, long imagePosition, long epoch, long stand, long stoodAt)
            throws SQLException {
        merging.enterToChangeState(connection, epoch);
        if (number(connection, "SELECT log_from FROM " + sql.progress) > imagePosition) {
            throw new StoreAway(
                    StoreName.POSTGRES,
                    "the log was cut during the synchronisation, behind position " + imagePosition + ": start it anew",
                    null);
        }
        execute(
                connection,
                "UPDATE " + sql.progress + " SET position = GREATEST(position, " + stand + ")"
                        // the own log lacks what was taken over as an image
                        + (stoodAt < stand ? ", log_from = GREATEST(log_from, " + stand + ")" : ""));
        execute(connection, "UPDATE " + sql.state + " SET follower_state = 'FOLLOWING'");
        execute(
                connection,
                "UPDATE " + sql.mark + " SET epoch = 0, image_position = 0, last_id = 0, staged = 0, direct = false");
        execute(connection, "TRUNCATE " + sql.staging);
        execute(connection, "ALTER SEQUENCE " + sql.idSequence + " CACHE 1");
        execute(
                connection,
                "SELECT setval('" + sql.idSequence + "', given) FROM (SELECT GREATEST((SELECT max(id) FROM "
                        + sql.entries + "), (SELECT max(id) FROM " + sql.tombstones
                        + "), CASE WHEN is_called THEN last_value END) AS given FROM " + sql.idSequence
                        + ") s WHERE given IS NOT NULL");
        execute(connection, "ANALYZE " + sql.entries);
        connection.commit();
    }

    static void execute(Connection connection, String statement) throws SQLException {
        try (Statement run = connection.createStatement()) {
            run.execute(statement);
        }
    }

    static long number(Connection connection, String query) throws SQLException {
        try (Statement run = connection.createStatement();
                ResultSet row = run.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }
}
