package io.homebudget.migration.discrepancies;

import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.ledgers.RecordedChange;
import java.util.List;
import java.util.Optional;

/**
 * A finding with what a person needs to understand it.
 *
 * @param json what each store held a moment after it was judged; empty where it held nothing or could not be read
 * @param fields names of the fields whose values differ from what was recorded; empty where none or not known
 * @param change the entry's last change in the log; empty where it has none
 */
record Evidence(
        Finding finding,
        Optional<EntryImage> json,
        Optional<EntryImage> postgres,
        List<String> fields,
        Optional<RecordedChange> change) {

    /** Where nothing could be read beyond the finding itself. */
    static Evidence bare(Finding finding) {
        return new Evidence(finding, Optional.empty(), Optional.empty(), List.of(), Optional.empty());
    }

    Optional<EntryImage> side(StoreName store) {
        return store == StoreName.JSON ? json : postgres;
    }

    /** What is known of the cause, as one sentence without any value of the entry. */
    String cause(String troubles) {
        StringBuilder text = new StringBuilder(finding.damaged().word())
                .append(finding.place() == Finding.Place.DISK ? " (on disk): " : ": ")
                .append(finding.detail());
        change.ifPresent(last -> {
            text.append("; last change: version ").append(last.version());
            text.append(last.deleted() ? " (deletion)" : "")
                    .append(" at position ")
                    .append(last.position());
            if (last.at() != null) {
                text.append(", ").append(last.at());
            }
            if (last.by() != null) {
                text.append(", by ").append(last.by());
            }
        });
        if (!troubles.isEmpty()) {
            text.append("; ").append(troubles);
        }
        return text.toString();
    }
}
