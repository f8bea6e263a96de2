package io.homebudget.backup.recovery;

import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;

/**
 * How much memory the folds of one piece of work may take together. Without it a recovery over too many changes would end the whole
 * process, and not with a sentence. For one thread.
 */
public final class Room {
    /** One recovery and one drill may run at once, each with a third; the last third is for all else. */
    private static final int SHARE = 3;

    /** Of an entry without its texts, with its place in the tree: counted from the objects' layout, compressed references, rounded up. */
    private static final long ENTRY = 320;
    /** Of a text: its objects, and two bytes a character, as for texts beyond Latin-1. */
    private static final long TEXT = 56;

    private final long bytes;
    private long taken;

    public Room(long bytes) {
        this.bytes = bytes;
    }

    /** What one piece of work may take of this process' heap. */
    public static Room ofHeap() {
        return new Room(Runtime.getRuntime().maxMemory() / SHARE);
    }

    /** @throws IllegalStateException where it does not fit; the message is for a person */
    void take(EntryImage entry) {
        taken += weight(entry);
        if (taken > bytes) {
            throw new IllegalStateException(
                    "the entries that changed since the snapshot take more than " + (bytes >> 20)
                            + " MB, a third of this service's heap: choose a moment nearer to a snapshot, make snapshots more"
                            + " often, or give it a larger heap");
        }
    }

    void give(EntryImage entry) {
        taken -= weight(entry);
    }

    long taken() {
        return taken;
    }

    private static long weight(EntryImage entry) {
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
