package io.homebudget.backup.catalogue;

import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.SnapshotId;

/**
 * A snapshot as the list shows it.
 *
 * @param manifest null where it is damaged; {@code flaw} says how, and is null else
 * @param newer whether the flaw is only that a newer version wrote it
 */
public record Listed(SnapshotId id, Manifest manifest, SnapshotState state, Flaw flaw, boolean newer) {

    /** Proven whole at its last look, and nothing known against it since. */
    public boolean good() {
        return flaw == null && state.ok() && state.verifiedAt() != null;
    }
}
