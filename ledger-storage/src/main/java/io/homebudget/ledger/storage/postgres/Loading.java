package io.homebudget.ledger.storage.postgres;

import static io.homebudget.ledger.storage.postgres.Synchronizing.execute;

import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.SyncReport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
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

    /** Chunks of the image that are ready before PostgreSQL asks for them: what one transaction takes. */
    private static final int AHEAD = 10;

    private static final int BUFFER = 1 << 16;

    private final Statements sql;
    private final Merging merging;

    Loading(Statements sql, Merging merging) {
        this.sql = sql;
        this.merging = merging;
    }

    /** Rows of the image that follow one another, in the order of their ids, as COPY takes them. */
    private record Encoded(List<ImageRow> rows, byte[] live, byte[] tombstones) {}

    /** @return how many rows of the image there are, and how many of them were written, before and after an interruption */
    SyncReport load(Connection connection, Image image, Synchronizing.Mark mark, long epoch, SyncListener listener)
            throws SQLException, IOException {
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        List<Encoded> chunk = new ArrayList<>();
        int pending = 0;
        long lastId = mark.lastId();
        long done = mark.staged();
        long written = mark.staged();
        listener.staged(Math.min(done, image.rows()), image.rows());
        for (Encoded rows : encoded(image, mark.lastId())) {
            if (listener.cancelled()) {
                throw new CancellationException("the synchronisation was cancelled");
            }
            chunk.add(rows);
            pending += rows.rows().size();
            if (pending >= CHUNK) {
                written += write(connection, copy, chunk, pending, lastId, epoch);
                lastId = lastIdOf(chunk);
                done += pending;
                pending = 0;
                chunk.clear();
                listener.staged(Math.min(done, image.rows()), image.rows());
                Synchronizing.rest(listener);
            }
        }
        if (pending > 0) {
            written += write(connection, copy, chunk, pending, lastId, epoch);
            done += pending;
        }
        listener.staged(Math.min(done, image.rows()), image.rows());
        return new SyncReport(done, written, done - written, 0);
    }

    /** Made on the thread that reads the image, while PostgreSQL takes in what was made before. */
    private Iterable<Encoded> encoded(Image image, long afterId) {
        CopyText text = new CopyText(sql.business);
        return image.chunks()
                .map(rows -> rows.stream().filter(row -> row.id() > afterId).toList())
                .filter(rows -> !rows.isEmpty())
                .map(rows -> encode(text, rows))
                .subscribe()
                .asIterable(AHEAD, () -> new ArrayBlockingQueue<>(2 * AHEAD));
    }

    private static Encoded encode(CopyText text, List<ImageRow> rows) {
        for (ImageRow row : rows) {
            if (row.held() != null) {
                text.live(row.held());
            }
        }
        byte[] live = text.take();
        for (ImageRow row : rows) {
            if (row.tombstone() != null) {
                text.tombstone(row.tombstone());
            }
        }
        return new Encoded(rows, live, text.take());
    }

    private static long lastIdOf(List<Encoded> chunk) {
        List<ImageRow> last = chunk.get(chunk.size() - 1).rows();
        return last.get(last.size() - 1).id();
    }

    private long write(Connection connection, CopyManager copy, List<Encoded> chunk, int rows, long low, long epoch)
            throws SQLException, IOException {
        long high = lastIdOf(chunk);
        merging.enter(connection, epoch);
        long written;
        if (merging.isFree(connection, low, high)) {
            written = copyIn(
                            copy,
                            chunk.stream().map(Encoded::live).toList(),
                            sql.entries + " (" + merging.columns("") + ")")
                    + copyIn(
                            copy,
                            chunk.stream().map(Encoded::tombstones).toList(),
                            sql.tombstones + " (id, version, epoch, change_id)");
        } else {
            CopyText text = new CopyText(sql.business);
            chunk.forEach(part -> part.rows().forEach(text::staged));
            copyIn(copy, List.of(text.take()), sql.staging);
            written = merging.mergeRange(connection, low, high, epoch);
            execute(connection, "DELETE FROM " + sql.staging);
        }
        merging.moveMark(connection, rows, high);
        connection.commit();
        return written;
    }

    private static long copyIn(CopyManager copy, List<byte[]> parts, String target) throws SQLException, IOException {
        if (parts.stream().allMatch(part -> part.length == 0)) {
            return 0;
        }
        InputStream rows = new SequenceInputStream(Collections.enumeration(
                parts.stream().map(ByteArrayInputStream::new).toList()));
        return copy.copyIn("COPY " + target + " FROM STDIN", rows, BUFFER);
    }
}
