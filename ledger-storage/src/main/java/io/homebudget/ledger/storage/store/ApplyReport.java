package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.change.ChangeSet;
import java.util.List;

/**
 * What became of applied sets.
 *
 * @param applied changes that took effect
 * @param skipped changes that were there already, or older than what stands
 * @param orphans losing changes at the same version (A35): what stood before, or the one that came
 */
public record ApplyReport(int applied, int skipped, List<Orphan> orphans) {

    /** A change that lost against another one at the same version. @param set holds only the losing changes */
    public record Orphan(ChangeSet set, String why) {}
}
