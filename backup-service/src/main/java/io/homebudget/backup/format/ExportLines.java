package io.homebudget.backup.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.ExportHead;
import java.io.IOException;
import java.io.InputStream;
import java.util.UUID;

/**
 * Reads an export, from a ledger service or from a snapshot's file, one row at a time.
 *
 * <p>Guarantees: {@link #next} gives null only after the whole export was there: as many rows as the head says, ids ascending, a
 * tail that counts the same, and nothing behind it. Everything else ends in {@link BrokenExport}. Memory is one row.
 */
public final class ExportLines {
    private static final ObjectReader HEAD = SnapshotJson.MAPPER.readerFor(ExportHead.class);
    private static final ObjectReader ROW = SnapshotJson.MAPPER.readerFor(EntryImage.class);
    private static final ObjectReader TAIL = SnapshotJson.MAPPER.readerFor(ExportHead.Tail.class);

    private final LineReader lines;
    private final ExportHead head;
    private long read;
    private long lastId;
    private long entries;
    private long tombstones;
    private long damaged;
    private long high;
    private long low;
    private boolean whole;

    /** An export that broke off, or is none. */
    public static final class BrokenExport extends IOException {
        private static final long serialVersionUID = 1L;
        private final long line;

        BrokenExport(long line, String what, Throwable cause) {
            super(what, cause);
            this.line = line;
        }

        /** Counted from 1; the head is line 1. */
        public long line() {
            return line;
        }
    }

    /** What an export held, known at its end; see {@link StoreImage}. */
    public record Sum(long entries, long tombstones, UUID digest, long damaged) {}

    /** Reads the head. The source stays the caller's to close. */
    public ExportLines(InputStream in) throws IOException {
        lines = new LineReader(in);
        LineReader.Line first = lines.next();
        if (first == null) {
            throw broken("the export is empty", null);
        }
        head = parse(HEAD, first, "the head of an export");
        if (head.format() < 1 || head.format() > ExportHead.FORMAT) {
            throw broken("the export has format " + head.format() + ", known is " + ExportHead.FORMAT, null);
        }
    }

    public ExportHead head() {
        return head;
    }

    /** The next row; null once the export proved whole. */
    public EntryImage next() throws IOException {
        if (whole) {
            return null;
        }
        LineReader.Line line = lines.next();
        if (line == null) {
            throw broken("the export broke off after " + read + " of " + head.rows() + " rows", null);
        }
        if (read == head.rows()) {
            end(parse(TAIL, line, "the tail of an export"));
            return null;
        }
        EntryImage image = parse(ROW, line, "a row");
        take(image);
        return image;
    }

    /** How many rows were read so far. */
    public long read() {
        return read;
    }

    /** Only after {@link #next} gave null. */
    public Sum sum() {
        if (!whole) {
            throw new IllegalStateException("the export was not read to its end");
        }
        return new Sum(entries, tombstones, new UUID(high, low), damaged);
    }

    private void take(EntryImage image) throws BrokenExport {
        if (image.id() <= lastId) {
            throw broken("id " + image.id() + " does not ascend from " + lastId, null);
        }
        lastId = image.id();
        read++;
        if (image.deleted()) {
            tombstones++;
            return;
        }
        if (image.values() == null) {
            throw broken("a live row without values", null);
        }
        UUID actual = digest(image);
        entries++;
        high ^= actual.getMostSignificantBits();
        low ^= actual.getLeastSignificantBits();
        if (!actual.equals(image.recorded())) {
            damaged++;
        }
    }

    private UUID digest(EntryImage image) throws BrokenExport {
        try {
            return EntryDigest.of(image.values().withId(image.id()));
        } catch (RuntimeException e) {
            // its message could hold an entry's values
            throw broken("the values of id " + image.id() + " are no entry", null);
        }
    }

    private void end(ExportHead.Tail tail) throws IOException {
        if (!tail.end() || tail.entries() != entries || tail.tombstones() != tombstones) {
            throw broken(
                    "the tail counts " + tail.entries() + " entries and " + tail.tombstones()
                            + " tombstones, read were " + entries + " and " + tombstones,
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
