package io.homebudget.ledger.storage.restoring;

import io.homebudget.ledger.internal.RestoreState;

/**
 * What must survive a crash about the last restore.
 *
 * @param epoch in which it writes
 * @param head of the log before it
 * @param inSets whether a crash can leave it half done: then the next start finishes it
 */
record RestoreRecord(RestoreState state, long epoch, long head, boolean inSets) {
    RestoreRecord with(RestoreState next) {
        return new RestoreRecord(next, epoch, head, inSets);
    }
}
