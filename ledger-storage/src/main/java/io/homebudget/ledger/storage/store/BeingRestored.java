package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.phase.StoreName;

/**
 * The store is being restored: what its rows shall be is decided by the restore, so nothing is mended beside it. Nothing was
 * changed; it passes with the restore.
 */
public final class BeingRestored extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BeingRestored(StoreName store) {
        super("The " + store.word()
                + " store is being restored, and nothing is repaired meanwhile. Look at the entry again when the restore has ended,"
                + " and repeat the repair if it still differs.");
    }
}
