package io.homebudget.migration.status;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether one phase back is possible now. Pure.
 *
 * @param blocker why not, as a word of a fixed list, for metrics; {@link Blocker#NONE} where it is possible
 * @param reason why or why not, one sentence
 */
public record Readiness(boolean ready, Blocker blocker, String reason) {

    /** A fixed list, so that a metric has a bounded number of series. */
    public enum Blocker {
        NONE,
        FIRST_PHASE,
        CLOSED,
        JSON_BEHIND,
        POSTGRES_AWAY,
        PHASE_UNKNOWN,
        LEDGER_AWAY;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static Readiness of(LedgerState state, Optional<String> closed) {
        if (state.phase() == null) {
            return blocked(Blocker.PHASE_UNKNOWN, told(state, "It is not known which phase rules."));
        }
        if (state.phase() == Phase.JSON_ONLY) {
            return blocked(Blocker.FIRST_PHASE, "This is the first phase; there is nothing to go back to.");
        }
        if (closed.isPresent()) {
            return blocked(Blocker.CLOSED, closed.get());
        }
        if (state.rollbackReady()) {
            return new Readiness(true, Blocker.NONE, told(state, "JSON can take over."));
        }
        return state.phase() == Phase.DATABASE_ONLY
                ? blocked(Blocker.POSTGRES_AWAY, told(state, "PostgreSQL rules alone and is out of reach."))
                : blocked(Blocker.JSON_BEHIND, told(state, "The JSON side is not in sync."));
    }

    public static Readiness away(String why) {
        return blocked(Blocker.LEDGER_AWAY, why);
    }

    /** The words of all blockers. */
    public static List<Blocker> blockers() {
        return List.of(Blocker.values()).subList(1, Blocker.values().length);
    }

    private static Readiness blocked(Blocker blocker, String reason) {
        return new Readiness(false, blocker, reason);
    }

    private static String told(LedgerState state, String otherwise) {
        String reason = state.rollbackReason();
        return reason == null || reason.isBlank() ? otherwise : reason;
    }
}
