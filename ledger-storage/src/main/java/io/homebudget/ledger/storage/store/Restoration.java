package io.homebudget.ledger.storage.store;

import java.time.Instant;
import java.util.UUID;

/**
 * One restore into a ledger that is in use. All its sets carry the same time, so that recovery to an instant takes all of it or
 * nothing.
 *
 * @param id the id of its first set
 * @param at when it began; a set's time is never before that of an earlier change in the log
 * @param idsThrough no id up to here may be given out any more
 */
public record Restoration(UUID id, Instant at, long idsThrough) {
    /** Recorded as the author of every change. */
    public static final String BY = "restore";

    /** Changes in one set at most: what a reader of the log must be able to hold at once. */
    public static final int MOST = 1_000;
}
