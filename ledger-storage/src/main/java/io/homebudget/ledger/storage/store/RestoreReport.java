package io.homebudget.ledger.storage.store;

/**
 * What a restore did.
 *
 * @param position the head of the log afterwards
 */
public record RestoreReport(long created, long updated, long deleted, long position) {
    public long changes() {
        return created + updated + deleted;
    }
}
