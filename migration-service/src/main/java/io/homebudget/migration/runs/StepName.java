package io.homebudget.migration.runs;

import java.util.Locale;

/** What a run can consist of. */
public enum StepName {
    GATES,
    SNAPSHOT,
    PHASE_CHANGE,
    BACKFILL,
    CATCH_UP,
    VERIFICATION,
    ARCHIVE;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static StepName ofWord(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
