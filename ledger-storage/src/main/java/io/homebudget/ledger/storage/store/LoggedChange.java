package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.change.Change;
import java.time.Instant;
import java.util.UUID;

/** One change as the audit shows it. @param setId the set it belongs to; @param epoch the one it was written in */
public record LoggedChange(long position, int ordinal, UUID setId, long epoch, Instant at, String by, Change change) {

    /** What the change left behind: a live entry or a tombstone. */
    public ImageRow image() {
        return change.after() == null
                ? new ImageRow(null, Tombstone.after(change, epoch))
                : new ImageRow(Held.after(change, epoch), null);
    }
}
