package io.homebudget.ledger.storage.store;

/** Is told how a full synchronisation goes on, and may stop it between two chunks. */
public interface SyncListener {
    SyncListener NONE = new SyncListener() {};

    /** @param rows rows staged so far, of {@code total} in the image */
    default void staged(long rows, long total) {}

    /** Asked before each chunk; true ends the synchronisation with {@link java.util.concurrent.CancellationException}. */
    default boolean cancelled() {
        return false;
    }

    /** Milliseconds to rest before the next chunk, so that clients keep their latency; 0 for none. */
    default long restMillis() {
        return 0;
    }
}
