package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;

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

    /** As services hand it to each other. */
    public EntryImage image() {
        return held != null
                ? new EntryImage(
                        id(),
                        held.version(),
                        held.epoch(),
                        held.changeId(),
                        false,
                        held.digest(),
                        EntryValues.of(held.entry()))
                : new EntryImage(id(), tombstone.version(), tombstone.epoch(), tombstone.changeId(), true, null, null);
    }
}
