package io.homebudget.ledger.storage.store;

/** One row of a store's full image: a live entry or a tombstone, exactly one of the two. */
public record ImageRow(Held held, Tombstone tombstone) {
    public ImageRow {
        if ((held == null) == (tombstone == null)) {
            throw new IllegalArgumentException("an image row is either a live entry or a tombstone");
        }
    }

    public long id() {
        return held != null ? held.entry().id() : tombstone.id();
    }

    public long version() {
        return held != null ? held.version() : tombstone.version();
    }
}
