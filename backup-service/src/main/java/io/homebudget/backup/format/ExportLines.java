package io.homebudget.backup.format;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.rows.MalformedRow;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Reads an export as a ledger service sends it: a head, the rows, a tail.
 *
 * <p>{@link #next} gives false only after the whole export was there: as many rows as the head says, ids ascending, a tail that counts
 * the same, and nothing behind it.
 */
public final class ExportLines implements RowSource {
    private final ExportFrame frame;
    private final Kind kind;
    private final RowChecks rows;

    /** An export that broke off, or is none. */
    public static final class BrokenExport extends IOException {
        private static final long serialVersionUID = 1L;
        private final long line;

        BrokenExport(long line, String what, Throwable cause) {
            super(what, cause);
            this.line = line;
        }

        /** Counted from 1. */
        public long line() {
            return line;
        }
    }

    /** Reads the head. The source stays the caller's to close. */
    public ExportLines(InputStream in) throws IOException {
        frame = new ExportFrame(in);
        ExportHead head = frame.head();
        if (head.format() != ExportHead.FORMAT) {
            throw frame.broken(
                    "the export has format " + head.format() + ", known is " + ExportHead.FORMAT
                            + ": run the ledger service and backup-service of one version",
                    null);
        }
        kind = Kind.ofWord(String.valueOf(head.kind()))
                .orElseThrow(() -> frame.broken("the export is of no kind", null));
        rows = new RowChecks(kind);
    }

    public ExportHead head() {
        return frame.head();
    }

    public Kind kind() {
        return kind;
    }

    @Override
    public boolean next() throws IOException {
        if (frame.whole()) {
            return false;
        }
        LineReader.Line line = frame.row(rows.read());
        if (line == null) {
            Sum sum = rows.sum();
            frame.end(sum.entries(), sum.tombstones());
            return false;
        }
        try {
            rows.take(line);
            return true;
        } catch (MalformedRow | RowChecks.DoesNotAscend e) {
            throw frame.broken("this is not a row: " + e.getMessage(), null);
        }
    }

    @Override
    public EntryImage row() {
        return rows.row();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        rows.writeTo(out);
    }

    @Override
    public long read() {
        return rows.read();
    }

    @Override
    public Sum sum() {
        if (!frame.whole()) {
            throw new IllegalStateException("the export was not read to its end");
        }
        return rows.sum();
    }

    @Override
    public boolean contradicts(StoreImage image) {
        return frame.head().position() != image.position();
    }
}
