package io.homebudget.ledger.phase;

import java.util.Locale;

/** The two stores of a kind. */
public enum StoreName {
    JSON,
    POSTGRES;

    /** The word used in paths, messages and metric labels. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public StoreName other() {
        return this == JSON ? POSTGRES : JSON;
    }
}
