package io.homebudget.ledger.storage.postgres;

import static io.homebudget.ledger.storage.postgres.Synchronizing.execute;

import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.SyncReport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * A full synchronisation of tables that were empty when it began: rows are copied straight into them, which costs half of
 * staging and merging. Each chunk is one transaction that excludes applying and moves the mark, so it goes on where it was
 * interrupted.
 *
 * <p>Whatever the tables hold beyond the rows of this image was applied since the run began, so there is nothing to remove; and
 * a chunk among whose ids something was applied is merged by the rule, like any other backfill.
 */
final class Loading {
    /** Rows per transaction: what is to be applied waits for at most one of these, about 150 ms. */
    private static final int CHUNK = 10_000;

    private static final int BUFFER = 1 << 16;

    private final Statements sql;
    private final Merging merging;

    Loading(Statements sql, Merging merging) {
        this.sql = sql;
        this.merging = merging;
    }

    /** @return how many rows of the image there are, and how many of them were written, before and after an interruption */
    SyncReport load(Connection connection, Image image, Synchronizing.Mark mark, long epoch, SyncListener listener)
            throws SQLException, IOException {
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        CopyText text = new CopyText(sql.business);
        List<ImageRow> chunk = new ArrayList<>(CHUNK);
        long lastId = mark.lastId();
        long done = mark.staged();
        long written = mark.staged();
        listener.staged(Math.min(done, image.rows()), image.rows());
        for (List<ImageRow> rows : image.chunks().subscribe().asIterable(2, () -> new ArrayBlockingQueue<>(4))) {
            if (listener.cancelled()) {
                throw new CancellationException("the synchronisation was cancelled");
            }
            for (ImageRow row : rows) {
                if (row.id() > lastId) {
                    chunk.add(row);
                }
            }
            if (chunk.size() >= CHUNK) {
                written += write(connection, copy, text, chunk, lastId, epoch);
                lastId = chunk.get(chunk.size() - 1).id();
                done += chunk.size();
                chunk.clear();
                listener.staged(Math.min(done, image.rows()), image.rows());
                Synchronizing.rest(listener);
            }
        }
        if (!chunk.isEmpty()) {
            written += write(connection, copy, text, chunk, lastId, epoch);
            done += chunk.size();
        }
        listener.staged(Math.min(done, image.rows()), image.rows());
        return new SyncReport(done, written, done - written, 0);
    }

    private long write(
            Connection connection, CopyManager copy, CopyText text, List<ImageRow> chunk, long low, long epoch)
            throws SQLException, IOException {
        long high = chunk.get(chunk.size() - 1).id();
        merging.enter(connection, epoch);
        long written;
        if (merging.isFree(connection, low, high)) {
            written = copyLive(copy, text, chunk) + copyTombstones(copy, text, chunk);
        } else {
            chunk.forEach(text::staged);
            copyIn(copy, text, sql.staging);
            written = merging.mergeRange(connection, low, high, epoch);
            execute(connection, "DELETE FROM " + sql.staging);
        }
        merging.moveMark(connection, chunk.size(), high);
        connection.commit();
        return written;
    }

    private long copyLive(CopyManager copy, CopyText text, List<ImageRow> chunk) throws SQLException, IOException {
        for (ImageRow row : chunk) {
            if (row.held() != null) {
                text.live(row.held());
            }
        }
        return copyIn(copy, text, sql.entries + " (" + merging.columns("") + ")");
    }

    private long copyTombstones(CopyManager copy, CopyText text, List<ImageRow> chunk)
            throws SQLException, IOException {
        for (ImageRow row : chunk) {
            if (row.tombstone() != null) {
                text.tombstone(row.tombstone());
            }
        }
        return copyIn(copy, text, sql.tombstones + " (id, version, epoch, change_id)");
    }

    private static long copyIn(CopyManager copy, CopyText text, String target) throws SQLException, IOException {
        byte[] rows = text.take();
        return rows.length == 0
                ? 0
                : copy.copyIn("COPY " + target + " FROM STDIN", new ByteArrayInputStream(rows), BUFFER);
    }
}
