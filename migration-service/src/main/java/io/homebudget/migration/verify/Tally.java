package io.homebudget.migration.verify;

import io.homebudget.migration.discrepancies.Finding;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Counts while a verification goes on; {@code suspects = falseAlarms + differences} once it is done. Thread-safe. */
final class Tally {
    private final Progress progress;
    private final List<Finding> findings = new ArrayList<>();
    private final Set<Long> entries = new HashSet<>();
    private long suspects;
    private long differences;
    private long bucketsRead;
    private long entriesRead;
    private long done;
    private long total;

    Tally(Progress progress) {
        this.progress = progress;
    }

    synchronized void total(long entries) {
        total = entries;
        progress.at(done, total);
    }

    /** Never falls and never passes the total. */
    synchronized void done(long entries) {
        done = Math.max(done, Math.min(entries, total));
        progress.at(done, total);
    }

    synchronized void bucketRead() {
        bucketsRead++;
    }

    synchronized void entriesRead(long rows) {
        entriesRead += rows;
    }

    /** An entry counts once, also where its store differs from the other store and from its own disk. */
    synchronized void compared(int suspicious, List<Finding> found) {
        suspects += suspicious;
        for (Finding finding : found) {
            if (entries.contains(finding.entryId())) {
                suspects--;
                continue;
            }
            differences++;
            if (findings.size() < VerificationResult.MOST_FINDINGS) {
                findings.add(finding);
                entries.add(finding.entryId());
            }
        }
    }

    synchronized VerificationResult result(long compared, long verifiedThrough, double seconds) {
        return new VerificationResult(
                compared,
                differences,
                suspects - differences,
                verifiedThrough,
                bucketsRead,
                entriesRead,
                seconds,
                findings);
    }
}
