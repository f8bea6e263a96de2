package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.entry.Entry;
import java.util.UUID;

/**
 * An entry as a store holds it, with what its last change recorded about it.
 *
 * @param digest the digest which the last change recorded, not one computed from {@code entry}: the two differ where the data
 *     was damaged
 */
public record Held(Entry entry, long version, long epoch, UUID changeId, UUID digest) {

    public static Held after(Change change, long epoch) {
        return new Held(change.after(), change.version(), epoch, change.id(), change.digest());
    }
}
