package io.homebudget.backup.recovery;

import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;

/**
 * How much memory the folds of one piece of work may take together; beyond it they go on in scratch files.
 *
 * @param bytes counted as {@link #weight} does
 */
public record Room(long bytes) {
    /** One recovery and one drill may run at once, each with a third; the last third is for all else. */
    private static final int SHARE = 3;

    /** Of an entry without its texts, with its place in the tree: counted from the objects' layout, compressed references, rounded up. */
    private static final long ENTRY = 320;
    /** Of a text: its objects, and two bytes a character, as for texts beyond Latin-1. */
    private static final long TEXT = 56;

    /** What one piece of work may take of this process' heap. */
    public static Room ofHeap() {
        return new Room(Runtime.getRuntime().maxMemory() / SHARE);
    }

    /** The share of each of so many folds. */
    Room among(int folds) {
        return new Room(bytes / folds);
    }

    static long weight(EntryImage entry) {
        EntryValues values = entry.values();
        return values == null
                ? ENTRY
                : ENTRY
                        + text(values.date())
                        + text(values.business())
                        + text(values.category())
                        + text(values.account())
                        + text(values.currency())
                        + text(values.notes());
    }

    private static long text(String text) {
        return text == null ? 0 : TEXT + 2L * text.length();
    }
}
