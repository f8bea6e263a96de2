package io.homebudget.ledger.storage.store;

import java.util.OptionalLong;

/**
 * How {@link LedgerStore#publishedThrough} says that nothing is published yet and that entries came with an initial file, which
 * no change tells of. A negative number, so that it is handed from store to store as every other position is.
 */
public final class InitialFile {
    private InitialFile() {}

    /** @param idsThrough the largest id in the file, at least 1; every larger one is told by a change that created it */
    public static long unpublished(long idsThrough) {
        if (idsThrough < 1) {
            throw new IllegalArgumentException("an initial file without entries needs no telling");
        }
        return -idsThrough;
    }

    /** The largest id in the file; empty where {@code publishedThrough} is a position. */
    public static OptionalLong idsThrough(long publishedThrough) {
        return publishedThrough < 0 ? OptionalLong.of(-publishedThrough) : OptionalLong.empty();
    }
}
