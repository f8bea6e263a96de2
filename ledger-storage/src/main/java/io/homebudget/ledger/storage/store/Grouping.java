package io.homebudget.ledger.storage.store;

/** By what a summary groups. Within each, entries of different currencies are never added up. */
public enum Grouping {
    CATEGORY,
    MONTH,
    ACCOUNT
}
