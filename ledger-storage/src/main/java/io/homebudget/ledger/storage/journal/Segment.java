package io.homebudget.ledger.storage.journal;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * One file of the journal: where it begins, and a sparse index of what was written to it by this process.
 */
public final class Segment {
    private static final long INDEX_EVERY_BYTES = 256 << 10;

    private final Path file;
    private final Header header;
    private long[] positions = new long[8];
    private long[] offsets = new long[8];
    private int marks;

    /**
     * @param firstFrame the number of its first frame
     * @param afterPosition every set in it has a higher position
     * @param changesBefore changes in the log before it, since the store began
     */
    public record Header(
            int format, String kind, String identity, long firstFrame, long afterPosition, long changesBefore) {}

    Segment(Path file, Header header) {
        this.file = file;
        this.header = header;
    }

    public Path file() {
        return file;
    }

    public Header header() {
        return header;
    }

    /** Notes that all sets above {@code position} lie at or behind {@code offset}. */
    synchronized void mark(long position, long offset) {
        if (marks > 0 && offset - offsets[marks - 1] < INDEX_EVERY_BYTES) {
            return;
        }
        if (marks == positions.length) {
            positions = Arrays.copyOf(positions, marks * 2);
            offsets = Arrays.copyOf(offsets, marks * 2);
        }
        positions[marks] = position;
        offsets[marks] = offset;
        marks++;
    }

    /** Where to begin reading for sets after a position. */
    public synchronized long offsetFor(long after) {
        int at = Arrays.binarySearch(positions, 0, marks, after);
        int index = at >= 0 ? at : -at - 2;
        return index < 0 ? 0 : offsets[index];
    }
}
