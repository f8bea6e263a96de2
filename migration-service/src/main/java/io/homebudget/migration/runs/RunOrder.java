package io.homebudget.migration.runs;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.problems.Refused;
import java.util.List;

/** The body of {@code POST /runs}. */
public record RunOrder(String kind, String target, boolean consent, boolean dryRun, String reason) {

    List<Kind> kinds() {
        if ("all".equals(kind)) {
            return List.of(Kind.values());
        }
        return List.of(Kind.ofWord(kind == null ? "" : kind)
                .orElseThrow(() -> Refused.inBody("kind", "kind must be expense, income or all", "enum")));
    }

    Phase phase() {
        for (Phase phase : Phase.values()) {
            if (phase.name().equals(target)) {
                return phase;
            }
        }
        throw Refused.inBody(
                "target", "target must be one of JSON_ONLY, DUAL_WRITE, DATABASE_READS, DATABASE_ONLY", "enum");
    }

    String why() {
        return reason == null ? "" : reason;
    }
}
