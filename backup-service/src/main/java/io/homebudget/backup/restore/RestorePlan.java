package io.homebudget.backup.restore;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.StoreName;
import java.util.List;
import java.util.Objects;

/** What a restore comes to for one kind: a pure function of where the ledger stands and what was asked. */
public sealed interface RestorePlan {

    /** The ledger gets the snapshot's entries, by changes of its own. */
    record TakeBack() implements RestorePlan {}

    /** The installation is new and empty: it takes everything. */
    record TakeEverything() implements RestorePlan {}

    /** The follower is filled anew from the primary and catches up; nothing is taken back. */
    record RebuildFollower() implements RestorePlan {}

    /** @param why for a person */
    record Impossible(String why) implements RestorePlan {}

    /** A restore of the primary's store or both takes the ledger back; the follower's alone rebuilds it. */
    static RestorePlan of(LedgerState state, Target target) {
        if (state.phase() == null) {
            return new Impossible("the " + state.kind() + " ledger does not serve now: "
                    + String.join(" ", state.notices() == null ? List.of() : state.notices()));
        }
        if (target == Target.BOTH) {
            return isNew(state) ? new TakeEverything() : new TakeBack();
        }
        if (target.is(state.phase().primary())) {
            return new TakeBack();
        }
        boolean follows = state.phase().follower().map(StoreName::word).stream().anyMatch(target.word()::equals);
        return follows
                ? new RebuildFollower()
                : new Impossible("the " + target.word() + " store is not in use for " + state.kind() + " in phase "
                        + state.phase() + ": restore " + state.phase().primary().word() + ", or both");
    }

    /** Nothing was ever written, and no phase ever changed. */
    static boolean isNew(LedgerState state) {
        return state.epoch() <= 1
                && state.head() == 0
                && state.entries().values().stream().filter(Objects::nonNull).allMatch(count -> count == 0);
    }
}
