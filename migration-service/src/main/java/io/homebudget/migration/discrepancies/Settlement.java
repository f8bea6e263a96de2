package io.homebudget.migration.discrepancies;

import io.homebudget.migration.discrepancies.Finding.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What a look at some entries means for what is known of them. Pure functions.
 *
 * <p>The same fault is one row, whoever finds it: a side of an entry, in one place, is open once. A row closes by itself when a
 * look that began after the fault was last seen finds the entry equal. A fault that a person dismissed stays dismissed as long as
 * the damaged side is what it was then.
 */
final class Settlement {
    private Settlement() {}

    /** Whether this row is about the same side of the same entry. */
    static boolean same(DiscrepancyRow row, Finding finding) {
        return row.entryId == finding.entryId()
                && row.damaged.equals(finding.damaged().word())
                && row.place.equals(finding.place().word());
    }

    /** Whether this row tells of this very fault already, so that nothing of it must be read anew. */
    static boolean tells(DiscrepancyRow row, Finding finding) {
        return same(row, finding)
                && row.type.equals(finding.type().word())
                && row.seenVersion == version(finding)
                && Objects.equals(row.seenActual, actual(finding));
    }

    static Optional<DiscrepancyRow> open(List<DiscrepancyRow> rows, Finding finding) {
        return rows.stream().filter(row -> row.open() && same(row, finding)).findFirst();
    }

    static boolean dismissed(List<DiscrepancyRow> rows, Finding finding) {
        return rows.stream().anyMatch(row -> DiscrepancyRow.DISMISSED.equals(row.state) && tells(row, finding));
    }

    /**
     * Whether this side of the entry was mended while the look was under way: what it saw may be older than that. Only another
     * look can tell.
     */
    static boolean overtaken(List<DiscrepancyRow> rows, Finding finding, Instant began) {
        return rows.stream()
                .anyMatch(row -> DiscrepancyRow.REPAIRED.equals(row.state)
                        && same(row, finding)
                        && !row.resolvedAt.isBefore(began));
    }

    /** Whether anything must be read to record it. */
    static boolean known(List<DiscrepancyRow> rows, Finding finding) {
        return open(rows, finding)
                        .filter(row -> tells(row, finding) && row.changeId != null)
                        .isPresent()
                || open(rows, finding).isEmpty() && dismissed(rows, finding);
    }

    static long version(Finding finding) {
        return finding.seen() == null ? 0 : finding.seen().version();
    }

    static UUID actual(Finding finding) {
        return finding.seen() == null ? null : finding.seen().actual();
    }

    /**
     * Open rows that a look has disproved.
     *
     * @param equal ids that the look proved equal in {@code place}
     * @param began when the look began; a fault that was seen later may be newer than its readings
     */
    static List<DiscrepancyRow> disproved(
            List<DiscrepancyRow> rows, List<Finding> findings, Set<Long> equal, Place place, Instant began) {
        List<DiscrepancyRow> disproved = new ArrayList<>();
        for (DiscrepancyRow row : rows) {
            boolean mayClose =
                    row.open() && row.place.equals(place.word()) && (row.seenAt == null || !row.seenAt.isAfter(began));
            if (mayClose && (equal.contains(row.entryId) || leaderIntact(row, findings))) {
                disproved.add(row);
            }
        }
        return disproved;
    }

    /** The primary is judged first: where the follower is found damaged, the primary was not. */
    private static boolean leaderIntact(DiscrepancyRow row, List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.entryId() == row.entryId && finding.place() == Place.SERVED)
                .anyMatch(finding -> finding.damaged() != finding.leading()
                        && row.damaged.equals(finding.leading().word()));
    }
}
