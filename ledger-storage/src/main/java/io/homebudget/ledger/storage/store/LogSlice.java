package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.change.ChangeSet;
import java.util.List;

/**
 * A piece of a store's change log, in the order of positions.
 *
 * @param sets complete sets after the position that was asked for, ascending
 * @param through every position up to here is either in {@code sets}, was before, or will never be used; go on from here
 * @param cut true when changes after the asked position are gone because the log was cut: only a backfill or baseline helps
 */
public record LogSlice(List<ChangeSet> sets, long through, boolean cut) {}
