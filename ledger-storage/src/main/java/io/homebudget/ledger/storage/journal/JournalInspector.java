package io.homebudget.ledger.storage.journal;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Lists what a journal holds, read-only and without a running store, so that a person can see what happened when nothing else
 * starts. Reads a running store's journal just as well: it then ends where the last write does.
 */
public final class JournalInspector {

    /** What is told. Returning false from {@link #frame} ends the listing. */
    public interface Visitor {
        /** A segment begins. */
        default void segment(Path file, Segment.Header header) {}

        /** The next record of the segment. @return whether to go on */
        boolean frame(Frame frame);

        /** The segment ends within a record, {@code offset} being the byte behind the last whole one. */
        default void torn(Path file, long offset) {}

        /** The segment cannot be read on. */
        default void damaged(RecoveryRequired damage) {}
    }

    private JournalInspector() {}

    /** Blocks; reads all segments of the folder in order, and goes on with the next one behind a damage. */
    public static void list(Path folder, Visitor visitor) throws IOException {
        for (Path file : Journal.files(folder)) {
            if (!list(file, visitor, Journal.header(file, null))) {
                return;
            }
        }
    }

    private static boolean list(Path file, Visitor visitor, Segment.Header header) throws IOException {
        visitor.segment(file, header);
        try (FrameReader reader = new FrameReader(file)) {
            reader.next();
            for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
                if (!visitor.frame(frame)) {
                    return false;
                }
            }
            if (reader.end() == FrameReader.End.TORN) {
                visitor.torn(file, reader.offset());
            }
        } catch (RecoveryRequired damage) {
            visitor.damaged(damage);
        }
        return true;
    }
}
