package io.homebudget.migration.verify;

import io.homebudget.ledger.internal.EntryState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Which rows of a bucket need a closer look. Pure functions. */
final class Narrowing {
    private Narrowing() {}

    /** Ids under which more than one row stands, which only a file can hold. */
    static Set<Long> repeated(List<EntryState> states) {
        Set<Long> seen = new HashSet<>();
        return states.stream()
                .filter(ComparisonRule::live)
                .map(EntryState::id)
                .filter(id -> !seen.add(id))
                .collect(Collectors.toSet());
    }

    /** Ids whose rows are not equal on both sides, or not what their change recorded, or not the only ones. */
    static List<Long> suspects(List<EntryState> primary, List<EntryState> other) {
        Set<Long> repeated = repeated(other);
        Map<Long, EntryState> unmatched = new HashMap<>();
        other.forEach(state -> unmatched.put(state.id(), state));
        List<Long> suspects = new ArrayList<>();
        for (EntryState state : primary) {
            if (!same(state, unmatched.remove(state.id())) || repeated.contains(state.id())) {
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
