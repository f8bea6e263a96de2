package io.homebudget.ledger.change;

import java.util.Locale;

/** What a change did to its entry. */
public enum Action {
    CREATED("INSERT"),
    UPDATED("UPDATE"),
    DELETED("DELETE");

    private final String auditWord;

    Action(String auditWord) {
        this.auditWord = auditWord;
    }

    /** The word in {@code audit_log.action}. */
    public String auditWord() {
        return auditWord;
    }

    /** The CloudEvents type. */
    public String eventType() {
        return "ledger.entry." + name().toLowerCase(Locale.ROOT) + ".v1";
    }
}
