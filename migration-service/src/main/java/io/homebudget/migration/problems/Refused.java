package io.homebudget.migration.problems;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import java.util.Map;

/** A refusal on its way to the caller; {@link ProblemMapper} is the only one that catches it. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Refusal refusal;
    private final transient Map<String, Object> more;

    private Refused(Refusal refusal, Map<String, Object> more) {
        super(refusal.detail(), null, false, false);
        this.refusal = refusal;
        this.more = Map.copyOf(more);
    }

    public static Refused of(LedgerError error, String detail) {
        return new Refused(Refusal.of(error, detail), Map.of());
    }

    /** @param more further members of the problem document, for example the checks of a closed gate */
    public static Refused of(LedgerError error, String detail, Map<String, Object> more) {
        return new Refused(Refusal.of(error, detail), more);
    }

    public Refusal refusal() {
        return refusal;
    }

    public Map<String, Object> more() {
        return more;
    }
}
