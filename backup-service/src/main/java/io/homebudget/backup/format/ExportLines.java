package io.homebudget.backup.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
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
    private static final ObjectReader HEAD = SnapshotJson.MAPPER.readerFor(ExportHead.class);
    private static final ObjectReader TAIL = SnapshotJson.MAPPER.readerFor(ExportHead.Tail.class);

    private final LineReader lines;
    private final ExportHead head;
    private final Kind kind;
    private final RowChecks rows;
    private boolean whole;

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
        lines = new LineReader(in);
        LineReader.Line first = lines.next();
        if (first == null) {
            throw broken("the export is empty", null);
        }
        head = parse(HEAD, first, "the head of an export");
        if (head.format() != ExportHead.FORMAT) {
            throw broken(
                    "the export has format " + head.format() + ", known is " + ExportHead.FORMAT
                            + ": run the ledger service and backup-service of one version",
                    null);
        }
        kind = Kind.ofWord(String.valueOf(head.kind())).orElseThrow(() -> broken("the export is of no kind", null));
        rows = new RowChecks(kind);
    }

    public ExportHead head() {
        return head;
    }

    public Kind kind() {
        return kind;
    }

    @Override
    public boolean next() throws IOException {
        if (whole) {
            return false;
        }
        LineReader.Line line = lines.next();
        if (line == null) {
            throw broken("the export broke off after " + rows.read() + " of " + head.rows() + " rows", null);
        }
        if (rows.read() == head.rows()) {
            end(parse(TAIL, line, "the tail of an export"));
            return false;
        }
        try {
            rows.take(line);
            return true;
        } catch (MalformedRow | RowChecks.DoesNotAscend e) {
            throw broken("this is not a row: " + e.getMessage(), null);
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
        if (!whole) {
            throw new IllegalStateException("the export was not read to its end");
        }
        return rows.sum();
    }

    @Override
    public boolean contradicts(StoreImage image) {
        return head.position() != image.position();
    }

    private void end(ExportHead.Tail tail) throws IOException {
        Sum sum = rows.sum();
        if (!tail.end() || tail.entries() != sum.entries() || tail.tombstones() != sum.tombstones()) {
            throw broken(
                    "the tail counts " + tail.entries() + " entries and " + tail.tombstones()
                            + " tombstones, read were " + sum.entries() + " and " + sum.tombstones(),
                    null);
        }
        if (lines.next() != null) {
            throw broken("something follows the tail", null);
        }
        whole = true;
    }

    private <T> T parse(ObjectReader reader, LineReader.Line line, String what) throws BrokenExport {
        try {
            T value = reader.readValue(line.bytes(), line.from(), line.length());
            if (value != null) {
                return value;
            }
        } catch (JsonProcessingException e) {
            throw broken("this is not " + what + " (" + e.getClass().getSimpleName() + ")", null);
        } catch (IOException e) {
            throw broken("this is not " + what, e);
        }
        throw broken("this is not " + what, null);
    }

    private BrokenExport broken(String what, Throwable cause) {
        return new BrokenExport(Math.max(1, lines.lines()), what, cause);
    }
}
