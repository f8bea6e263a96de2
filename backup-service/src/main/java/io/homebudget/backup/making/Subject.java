package io.homebudget.backup.making;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.StoreName;
import java.util.ArrayList;
import java.util.List;

/** One store that belongs into a snapshot. */
record Subject(Kind kind, StoreName store, boolean primary, LedgerState state) {

    /** The stores in use in the phase that rules: the primary first. */
    static List<Subject> of(Kind kind, LedgerState state) throws SnapshotFailed {
        if (state.phase() == null) {
            throw new SnapshotFailed("The phase of the " + kind.plural()
                    + " is not known: the store that decides is out of reach. Bring it back and repeat.");
        }
        List<Subject> subjects = new ArrayList<>();
        subjects.add(new Subject(kind, state.phase().primary(), true, state));
        state.phase().follower().ifPresent(store -> subjects.add(new Subject(kind, store, false, state)));
        return subjects;
    }

    String words() {
        return "the " + (store == StoreName.JSON ? "JSON" : "PostgreSQL") + " store of the " + kind.plural();
    }
}
