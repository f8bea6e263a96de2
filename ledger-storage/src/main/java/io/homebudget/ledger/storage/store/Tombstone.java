package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.change.Change;
import java.util.UUID;

/** What stays of a deleted entry, so that a late change or backfill row cannot bring it back (A17, A40). */
public record Tombstone(long id, long version, long epoch, UUID changeId) {

    public static Tombstone after(Change change, long epoch) {
        return new Tombstone(change.entryId(), change.version(), epoch, change.id());
    }
}
