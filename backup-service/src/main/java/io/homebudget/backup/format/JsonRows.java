package io.homebudget.backup.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import io.homebudget.backup.format.ExportLines.BrokenExport;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.rows.RowText;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** The file of a snapshot of format 1: a head, rows as JSON, a tail. None are written any more; they are kept for years. */
final class JsonRows implements RowSource {
    private static final ObjectReader HEAD = SnapshotJson.MAPPER.readerFor(ExportHead.class);
    private static final ObjectReader ROW = SnapshotJson.MAPPER.readerFor(EntryImage.class);
    private static final ObjectReader TAIL = SnapshotJson.MAPPER.readerFor(ExportHead.Tail.class);

    /** In which the rows were {@link EntryImage}s. */
    private static final int FORMAT = 1;

    private final Kind kind;
    private final LineReader lines;
    private final ExportHead head;
    private EntryImage row;
    private long read;
    private long lastId;
    private long entries;
    private long tombstones;
    private long damaged;
    private long high;
    private long low;
    private boolean whole;

    /** Reads the head. The source stays the caller's to close. */
    JsonRows(Kind kind, InputStream in) throws IOException {
        this.kind = kind;
        lines = new LineReader(in);
        LineReader.Line first = lines.next();
        if (first == null) {
            throw broken("the export is empty", null);
        }
        head = parse(HEAD, first, "the head of an export");
        if (head.format() != FORMAT) {
            throw broken("the export has format " + head.format() + ", here it must be " + FORMAT, null);
        }
    }

    @Override
    public boolean next() throws IOException {
        if (whole) {
            return false;
        }
        LineReader.Line line = lines.next();
        if (line == null) {
            throw broken("the export broke off after " + read + " of " + head.rows() + " rows", null);
        }
        if (read == head.rows()) {
            end(parse(TAIL, line, "the tail of an export"));
            return false;
        }
        row = parse(ROW, line, "a row");
        take(row);
        return true;
    }

    @Override
    public EntryImage row() {
        return row;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        StringBuilder text = new StringBuilder();
        RowText.append(kind, row, text);
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean contradicts(StoreImage image) {
        return head.position() != image.position();
    }

    @Override
    public long read() {
        return read;
    }

    @Override
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
