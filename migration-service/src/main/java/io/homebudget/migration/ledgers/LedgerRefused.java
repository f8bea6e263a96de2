package io.homebudget.migration.ledgers;

import io.homebudget.ledger.entry.Kind;

/** A ledger service understood the call and said no; repeating it unchanged is pointless. */
public final class LedgerRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    public LedgerRefused(Kind kind, int status, String detail) {
        super(kind.word() + "-service refused (" + status + "): " + detail);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
