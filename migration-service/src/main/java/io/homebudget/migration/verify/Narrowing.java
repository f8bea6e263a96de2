package io.homebudget.migration.verify;

import io.homebudget.ledger.internal.EntryState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Which rows of a bucket need a closer look. Pure functions. */
final class Narrowing {
    private Narrowing() {}

    /** Ids whose rows are not equal on both sides, or not what their change recorded. */
    static List<Long> suspects(List<EntryState> primary, List<EntryState> other) {
        Map<Long, EntryState> unmatched = new HashMap<>();
        other.forEach(state -> unmatched.put(state.id(), state));
        List<Long> suspects = new ArrayList<>();
        for (EntryState state : primary) {
            if (!same(state, unmatched.remove(state.id()))) {
                suspects.add(state.id());
            }
        }
        unmatched.values().stream().filter(ComparisonRule::live).forEach(extra -> suspects.add(extra.id()));
        return suspects;
    }

    private static boolean same(EntryState a, EntryState b) {
        if (b == null || a.deleted() || b.deleted()) {
            return !ComparisonRule.live(a) && !ComparisonRule.live(b);
        }
        return a.version() == b.version()
                && Objects.equals(a.changeId(), b.changeId())
                && Objects.equals(a.actual(), b.actual())
                && a.intact()
                && b.intact();
    }
}
