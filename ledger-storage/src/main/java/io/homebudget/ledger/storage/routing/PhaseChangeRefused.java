package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.smallrye.mutiny.Uni;

/** A step of the move was refused or abandoned; the old phase goes on unless the refusal says otherwise. */
public final class PhaseChangeRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Refusal refusal;

    PhaseChangeRefused(LedgerError error, String detail) {
        super(detail, null, false, false);
        this.refusal = Refusal.of(error, detail);
    }

    public Refusal refusal() {
        return refusal;
    }

    static <T> Uni<T> refuse(LedgerError error, String detail) {
        return Uni.createFrom().failure(new PhaseChangeRefused(error, detail));
    }

    /** For people; a failure without a message says at least what it is. */
    static String reasonOf(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
