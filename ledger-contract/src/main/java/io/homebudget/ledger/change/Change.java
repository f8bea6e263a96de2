package io.homebudget.ledger.change;

import io.homebudget.ledger.entry.Entry;
import java.util.Objects;
import java.util.UUID;

/**
 * One immutable fact about one entry. A change is identified by its id, never by the version alone: two stores that lost sight
 * of each other can have written different changes at the same version (A35).
 *
 * @param id the change id, also the entry's ETag while this is its last change
 * @param version the entry's version after the change: 1, 2, 3 ... per entry, deletions included, never reused
 * @param before null for a creation, and where the earlier values are unknown (an array file edited by hand)
 * @param after null for a deletion
 * @param digest the digest of {@code after}; null for a deletion
 */
public record Change(UUID id, long entryId, long version, Action action, Entry before, Entry after, UUID digest) {
    public Change {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(action, "action");
        if (version < 1) {
            throw new IllegalArgumentException("version " + version + " is below 1");
        }
        if ((after == null) != (action == Action.DELETED) || (after == null) != (digest == null)) {
            throw new IllegalArgumentException("a deletion, and only a deletion, has no after image and no digest");
        }
    }
}
