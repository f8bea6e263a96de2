package io.homebudget.migration.discrepancies;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.problems.Refused;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Which discrepancies a list is about; a null means all. Refuses words that nothing can have. */
record Filter(String kind, String state, String type) {
    private static final List<String> STATES =
            List.of(DiscrepancyRow.OPEN, DiscrepancyRow.REPAIRED, DiscrepancyRow.DISMISSED);
    private static final List<String> KINDS =
            Arrays.stream(Kind.values()).map(Kind::word).collect(Collectors.toList());
    private static final List<String> TYPES =
            Arrays.stream(Finding.Type.values()).map(Finding.Type::word).collect(Collectors.toList());

    Filter {
        check("kind", kind, KINDS);
        check("state", state, STATES);
        check("type", type, TYPES);
    }

    private static void check(String name, String value, List<String> legal) {
        if (value != null && !legal.contains(value)) {
            throw Refused.inQuery(name, name + " must be one of " + String.join(", ", legal));
        }
    }

    Map<String, String> columns() {
        Map<String, String> columns = new TreeMap<>();
        put(columns, "kind", kind);
        put(columns, "state", state);
        put(columns, "type", type);
        return columns;
    }

    private static void put(Map<String, String> columns, String name, String value) {
        if (value != null) {
            columns.put(name, value);
        }
    }
}
