package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.error.Refusal;

/** Carries a refusal out of places that have no other way to answer; {@link ProblemMapper} turns it into the answer. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Refusal refusal;

    public Refused(Refusal refusal) {
        super(refusal.detail(), null, false, false);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
