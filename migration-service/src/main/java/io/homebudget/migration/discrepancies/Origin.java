package io.homebudget.migration.discrepancies;

import java.util.Locale;

/** Who looked. The same fault is one discrepancy, whoever finds it. */
public enum Origin {
    EVENTS,
    VERIFICATION,
    SHADOW_READ,
    /** A later look at what is open. */
    RECHECK;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
