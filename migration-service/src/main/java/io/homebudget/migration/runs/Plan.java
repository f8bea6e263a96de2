package io.homebudget.migration.runs;

import static io.homebudget.migration.runs.StepName.ARCHIVE;
import static io.homebudget.migration.runs.StepName.BACKFILL;
import static io.homebudget.migration.runs.StepName.CATCH_UP;
import static io.homebudget.migration.runs.StepName.GATES;
import static io.homebudget.migration.runs.StepName.PHASE_CHANGE;
import static io.homebudget.migration.runs.StepName.SNAPSHOT;
import static io.homebudget.migration.runs.StepName.VERIFICATION;

import io.homebudget.ledger.phase.Phase;
import java.util.List;

/**
 * Which steps take a kind from one phase to a neighbouring one. There is a plan for each of the six steps between neighbours
 * and for no other pair (A15).
 */
final class Plan {
    private Plan() {}

    /** @throws IllegalArgumentException where the phases are not neighbours */
    static List<StepName> of(Phase from, Phase to) {
        if (!from.isNeighbourOf(to)) {
            throw new IllegalArgumentException(from + " and " + to + " are not neighbours");
        }
        if (!backwards(from, to)) {
            return switch (to) {
                case DUAL_WRITE -> List.of(GATES, SNAPSHOT, PHASE_CHANGE, BACKFILL, CATCH_UP, VERIFICATION);
                // what will rule is proven before it rules, and proven again under its own writes
                case DATABASE_READS -> List.of(GATES, SNAPSHOT, CATCH_UP, VERIFICATION, PHASE_CHANGE, VERIFICATION);
                // the last moment with two stores to compare is before the change
                case DATABASE_ONLY -> List.of(GATES, SNAPSHOT, CATCH_UP, VERIFICATION, PHASE_CHANGE, ARCHIVE);
                case JSON_ONLY -> throw new IllegalStateException("nothing leads forwards to JSON_ONLY");
            };
        }
        return switch (to) {
            case DATABASE_READS -> List.of(GATES, SNAPSHOT, PHASE_CHANGE, BACKFILL, CATCH_UP, VERIFICATION);
            case DUAL_WRITE -> List.of(GATES, SNAPSHOT, PHASE_CHANGE, CATCH_UP, VERIFICATION);
            case JSON_ONLY -> List.of(GATES, SNAPSHOT, PHASE_CHANGE, VERIFICATION);
            case DATABASE_ONLY -> throw new IllegalStateException("nothing leads back to DATABASE_ONLY");
        };
    }

    /**
     * A rollback is a run back without gates of its own: consent and the state of the JSON side were checked already. It makes no
     * snapshot either: going back in an emergency waits for nothing.
     */
    static List<StepName> rollback(Phase from, Phase to) {
        return of(from, to).stream()
                .filter(step -> step != GATES && step != SNAPSHOT)
                .toList();
    }

    static boolean backwards(Phase from, Phase to) {
        return to.ordinal() < from.ordinal();
    }

    /**
     * Whether a run may take its phase change back. Backwards always; forwards only where the same store rules in both
     * phases, because then nothing has to be proven first.
     */
    static boolean mayUndo(Phase from, Phase to) {
        return to.ordinal() > from.ordinal() || from.primary() == to.primary();
    }
}
