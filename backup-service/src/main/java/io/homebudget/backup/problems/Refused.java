package io.homebudget.backup.problems;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;

/** A refusal on its way to the caller; {@link ProblemMapper} is the only one that catches it. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Refusal refusal;

    private Refused(Refusal refusal) {
        super(refusal.detail(), null, false, false);
        this.refusal = refusal;
    }

    public static Refused of(LedgerError error, String detail) {
        return new Refused(Refusal.of(error, detail));
    }

    public static Refused of(Refusal refusal) {
        return new Refused(refusal);
    }

    public Refusal refusal() {
        return refusal;
    }
}
