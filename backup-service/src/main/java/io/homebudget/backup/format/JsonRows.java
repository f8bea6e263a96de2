package io.homebudget.backup.format;

import com.fasterxml.jackson.databind.ObjectReader;
import io.homebudget.backup.format.ExportLines.BrokenExport;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.rows.RowText;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** The file of a snapshot of format 1: a head, rows as JSON, a tail. None are written any more; they are kept for years. */
final class JsonRows implements RowSource {
    private static final ObjectReader ROW = SnapshotJson.MAPPER.readerFor(EntryImage.class);

    /** In which the rows were {@link EntryImage}s. */
    private static final int FORMAT = 1;

    private final Kind kind;
    private final ExportFrame frame;
    private EntryImage row;
    private long read;
    private long lastId;
    private long entries;
    private long tombstones;
    private long damaged;
    private long high;
    private long low;

    /** Reads the head. The source stays the caller's to close. */
    JsonRows(Kind kind, InputStream in) throws IOException {
        this.kind = kind;
        frame = new ExportFrame(in);
        if (frame.head().format() != FORMAT) {
            throw frame.broken("the export has format " + frame.head().format() + ", here it must be " + FORMAT, null);
        }
    }

    @Override
    public boolean next() throws IOException {
        if (frame.whole()) {
            return false;
        }
        LineReader.Line line = frame.row(read);
        if (line == null) {
            frame.end(entries, tombstones);
            return false;
        }
        row = frame.parse(ROW, line, "a row");
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
        return frame.head().position() != image.position();
    }

    @Override
    public long read() {
        return read;
    }

    @Override
    public Sum sum() {
        if (!frame.whole()) {
            throw new IllegalStateException("the export was not read to its end");
        }
        return new Sum(entries, tombstones, new UUID(high, low), damaged);
    }

    private void take(EntryImage image) throws BrokenExport {
        if (image.id() <= lastId) {
            throw frame.broken("id " + image.id() + " does not ascend from " + lastId, null);
        }
        lastId = image.id();
        read++;
        if (image.deleted()) {
            tombstones++;
            return;
        }
        if (image.values() == null) {
            throw frame.broken("a live row without values", null);
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
            throw frame.broken("the values of id " + image.id() + " are no entry", null);
        }
    }
}
