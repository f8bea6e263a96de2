package io.homebudget.backup.ledgers;

import io.homebudget.ledger.entry.Kind;
import java.io.IOException;

/** A ledger service could not be asked, or said no. The message is a sentence for a person. */
public final class LedgerTrouble extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;

    /** @param status what it answered; 0 where no answer came */
    public LedgerTrouble(Kind kind, int status, String what, Throwable cause) {
        super(kind.word() + "-service " + what, cause);
        this.status = status;
    }

    public int status() {
        return status;
    }

    /** Whether another attempt makes sense. */
    public boolean passing() {
        return status == 0 || status >= 500;
    }
}
