package io.homebudget.backup.format;

import io.homebudget.ledger.internal.EntryImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;

/**
 * The rows of an image, one at a time, ascending by id.
 *
 * <p>Guarantees: {@link #next} gives false only after everything was there and each row was in its form; anything else ends in
 * {@link ExportLines.BrokenExport}. Memory is one row.
 */
public interface RowSource {

    /** What rows added up to, known at their end; see {@link StoreImage}. */
    record Sum(long entries, long tombstones, UUID digest, long damaged) {}

    /** Goes to the next row; false once all proved whole. */
    boolean next() throws IOException;

    /** The row as an object. */
    EntryImage row();

    /** The row as a line of {@link io.homebudget.ledger.rows.RowText}. */
    void writeTo(OutputStream out) throws IOException;

    /** How many rows were read so far. */
    long read();

    /** Only after {@link #next} gave false. */
    Sum sum();

    /** Whether it says of itself that it is another image. */
    boolean contradicts(StoreImage image);
}
