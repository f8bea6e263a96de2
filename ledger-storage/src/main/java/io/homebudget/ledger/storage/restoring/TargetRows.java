package io.homebudget.ledger.storage.restoring;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.rows.MalformedRow;
import io.homebudget.ledger.rows.RowLine;
import io.homebudget.ledger.rows.RowText;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Tombstone;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The rows of a restore's target: checked on their way into its file, and read from it. What is kept are lines of {@link RowText},
 * in which a live row has the digest of its values, whatever was recorded where it comes from. For one thread.
 */
final class TargetRows {
    private final Kind kind;
    private final RowLine line;

    TargetRows(ExportHead source) {
        this.kind = Kind.ofWord(source.kind())
                .orElseThrow(() -> new IllegalArgumentException("the rows are of no kind that is known"));
        this.line = new RowLine(kind);
    }

    /**
     * Appends a row as it is kept.
     *
     * @param end behind the row's last byte, without the line feed
     * @param above the id of the row before; 0 before the first
     * @return its id
     * @throws IllegalArgumentException where it is no row, or not above; its message quotes no value
     */
    long take(byte[] bytes, int start, int end, long above, ByteArrayOutputStream kept) {
        if (isOld(bytes, start, end)) {
            ImageRow row = json(bytes, start, end);
            StringBuilder text = new StringBuilder();
            RowText.append(kind, row.image(), text);
            kept.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
            return ascending(row.id(), above);
        }
        read(bytes, start, end);
        if (line.deleted() || line.asRecorded()) {
            kept.write(bytes, start, end - start);
        } else {
            int digest = end;
            while (bytes[digest - 1] != '\t') {
                digest--;
            }
            kept.write(bytes, start, digest - start);
            kept.writeBytes(
                    new UUID(line.digestHigh(), line.digestLow()).toString().getBytes(StandardCharsets.US_ASCII));
        }
        kept.write('\n');
        return ascending(line.id(), above);
    }

    private static long ascending(long id, long above) {
        if (id <= above) {
            throw new IllegalArgumentException("rows must ascend by id: " + id + " follows " + above);
        }
        return id;
    }

    private void read(byte[] bytes, int start, int end) {
        try {
            line.read(bytes, start, end);
        } catch (MalformedRow e) {
            throw new IllegalArgumentException("a line is no row: " + e.getMessage());
        }
    }

    /** A row of the file. */
    ImageRow row(byte[] kept) {
        if (isOld(kept, 0, kept.length)) {
            return json(kept, 0, kept.length);
        }
        read(kept, 0, kept.length);
        if (!line.deleted() && !line.asRecorded()) {
            throw new IllegalArgumentException("row " + line.id() + " is not as it was staged");
        }
        return row(line.image(), new UUID(line.digestHigh(), line.digestLow()));
    }

    private static ImageRow row(EntryImage image, UUID digest) {
        return image.deleted()
                ? new ImageRow(null, new Tombstone(image.id(), image.version(), image.epoch(), image.changeId()))
                : new ImageRow(
                        new Held(
                                image.values().withId(image.id()),
                                image.version(),
                                image.epoch(),
                                image.changeId(),
                                digest),
                        null);
    }

    // ---- rows of format 1, from old snapshots and from services of an older version ------------------------------

    private static boolean isOld(byte[] bytes, int start, int end) {
        return start < end && bytes[start] == '{';
    }

    private static ImageRow json(byte[] bytes, int start, int end) {
        EntryImage image;
        try {
            image = RestoreFiles.JSON.readValue(bytes, start, end - start, EntryImage.class);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "a row is no image of an entry: " + e.getClass().getSimpleName());
        }
        if (image.id() < 1 || image.id() > Entry.MAX_ID) {
            throw new IllegalArgumentException("an id must be within 1.." + Entry.MAX_ID);
        }
        if (!image.deleted() && image.values() == null) {
            throw new IllegalArgumentException("row " + image.id() + " is neither deleted nor has values");
        }
        try {
            return row(
                    image,
                    image.deleted() ? null : EntryDigest.of(image.values().withId(image.id())));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("row " + image.id() + " has values that no entry can have");
        }
    }
}
