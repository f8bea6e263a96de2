package io.homebudget.backup.recovery;

import io.homebudget.backup.restore.Rows;
import io.homebudget.ledger.internal.EntryImage;
import java.io.Closeable;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.apache.commons.io.IOUtils;

/**
 * Ascending sequences as one. Of what several hold of an entry, that of the highest version counts, of equal versions that of the
 * higher epoch, and else that of the first sequence. Closing closes what it reads from; memory is one row of each.
 */
public final class MergedRows implements Rows, Closeable {
    private final List<? extends Closeable> files;
    private final PriorityQueue<Source> sources = new PriorityQueue<>(
            Comparator.<Source>comparingLong(source -> source.row.id()).thenComparingInt(source -> source.nth));

    private static final class Source {
        private final Rows rows;
        private final int nth;
        private EntryImage row;

        Source(Rows rows, int nth) {
            this.rows = rows;
            this.nth = nth;
        }
    }

    /** @param files what the sequences are read from, where it is to be closed */
    MergedRows(List<Rows> sequences, List<? extends Closeable> files) throws IOException {
        this.files = files;
        try {
            for (int nth = 0; nth < sequences.size(); nth++) {
                advance(new Source(sequences.get(nth), nth));
            }
        } catch (IOException | RuntimeException e) {
            try {
                close();
            } catch (IOException open) {
                e.addSuppressed(open);
            }
            throw e;
        }
    }

    private void advance(Source source) throws IOException {
        source.row = source.rows.next();
        if (source.row != null) {
            sources.add(source);
        }
    }

    private EntryImage take() throws IOException {
        Source lowest = sources.poll();
        EntryImage row = lowest.row;
        advance(lowest);
        return row;
    }

    @Override
    public EntryImage next() throws IOException {
        if (sources.isEmpty()) {
            return null;
        }
        EntryImage counts = take();
        while (!sources.isEmpty() && sources.peek().row.id() == counts.id()) {
            counts = winner(counts, take());
        }
        return counts;
    }

    /** By the rule of applying. */
    static EntryImage winner(EntryImage one, EntryImage other) {
        return other.version() > one.version() || other.version() == one.version() && other.epoch() > one.epoch()
                ? other
                : one;
    }

    @Override
    public void close() throws IOException {
        IOUtils.close(files.toArray(Closeable[]::new));
    }
}
