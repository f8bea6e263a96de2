package io.homebudget.migration.shadow;

import io.homebudget.ledger.internal.ShadowMismatch;
import java.time.Instant;
import java.util.List;

/**
 * How far a ledger service's mismatches were read. They are numbered since its start and only the newest are kept, so the last
 * one that was read is asked for again: where it is not what it was, the service has started anew.
 *
 * @param number of the last one that was read; 0 before the first
 * @param at when that one was found; null before the first
 */
record ShadowCursor(long number, Instant at) {
    static final ShadowCursor BEGINNING = new ShadowCursor(0, null);

    /** What to ask for: everything after this number. */
    long after() {
        return Math.max(0, number - 1);
    }

    /** Whether an answer to {@link #after} is of the process that was read before. */
    boolean continuedBy(List<ShadowMismatch> answer) {
        if (number == 0) {
            return true;
        }
        boolean again = answer.stream()
                .anyMatch(one -> one.number() == number && one.at().equals(at));
        boolean forgotten = !answer.isEmpty() && answer.stream().allMatch(one -> one.number() > number);
        return again || forgotten;
    }

    ShadowCursor past(List<ShadowMismatch> answer) {
        return answer.isEmpty()
                ? this
                : new ShadowCursor(
                        answer.get(answer.size() - 1).number(),
                        answer.get(answer.size() - 1).at());
    }
}
