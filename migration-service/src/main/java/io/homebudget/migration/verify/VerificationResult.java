package io.homebudget.migration.verify;

import io.homebudget.migration.discrepancies.Finding;
import java.util.List;

/**
 * What a verification found.
 *
 * @param compared live entries that were compared
 * @param differences how many entries differ; {@code findings} holds the first of them
 * @param falseAlarmsDropped entries that looked different at first and were proven equal by the rule
 * @param verifiedThrough the position up to which the stores were compared
 * @param bucketsRead buckets whose rows were read one by one
 * @param entriesRead rows that were read one by one, each side and each repetition counted
 */
public record VerificationResult(
        long compared,
        long differences,
        long falseAlarmsDropped,
        long verifiedThrough,
        long bucketsRead,
        long entriesRead,
        double seconds,
        List<Finding> findings) {

    /** More findings than this are counted, not kept: a store that is wholly different must not fill the memory. */
    public static final int MOST_FINDINGS = 10_000;

    public VerificationResult {
        findings = List.copyOf(findings);
    }

    public boolean clean() {
        return differences == 0;
    }
}
