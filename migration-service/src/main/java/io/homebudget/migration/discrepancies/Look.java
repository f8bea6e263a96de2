package io.homebudget.migration.discrepancies;

import io.homebudget.migration.discrepancies.Finding.Place;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What somebody saw who compared entries.
 *
 * @param equal ids that were proven equal in {@code place}
 * @param verification whose result this is; null where it is none's
 * @param began before the first reading; {@code ended} after the last
 */
public record Look(
        List<Finding> findings,
        Set<Long> equal,
        Place place,
        Origin origin,
        UUID verification,
        Instant began,
        Instant ended) {
    public Look {
        findings = List.copyOf(findings);
        equal = Set.copyOf(equal);
    }

    Look only(List<Finding> some, Set<Long> others) {
        return new Look(some, others, place, origin, verification, began, ended);
    }

    /**
     * What came of recording looks. {@code opened + known + dismissed} and the overtaken ones are the findings.
     *
     * @param dismissed findings of faults that a person has dismissed
     * @param overtaken entries that were mended while the look was under way: look at them again
     */
    public record Settled(int opened, int known, int dismissed, int closed, Set<Long> overtaken) {
        public static final Settled NOTHING = new Settled(0, 0, 0, 0, Set.of());

        public Settled {
            overtaken = Set.copyOf(overtaken);
        }

        public Settled plus(Settled more) {
            Set<Long> both = new HashSet<>(overtaken);
            both.addAll(more.overtaken);
            return new Settled(
                    opened + more.opened, known + more.known, dismissed + more.dismissed, closed + more.closed, both);
        }
    }
}
