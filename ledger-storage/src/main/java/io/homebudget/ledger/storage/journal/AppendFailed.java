package io.homebudget.ledger.storage.journal;

/** A batch is not known to be durable. @see #unknown */
public final class AppendFailed extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean unknown;

    AppendFailed(boolean unknown, String why, Throwable cause) {
        super(why, cause);
        this.unknown = unknown;
    }

    /** False: certainly not written. True: nobody can say. */
    public boolean unknown() {
        return unknown;
    }
}
