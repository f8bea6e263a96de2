package io.homebudget.migration.ledgers;

import io.homebudget.ledger.entry.Kind;

/** A ledger service could not be reached, did not answer in time, or said that it cannot now. Worth another attempt. */
public final class LedgerAway extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LedgerAway(Kind kind, String why, Throwable cause) {
        super(kind.word() + "-service: " + why, cause);
    }
}
