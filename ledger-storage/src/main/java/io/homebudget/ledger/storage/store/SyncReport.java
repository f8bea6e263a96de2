package io.homebudget.ledger.storage.store;

/** What a full synchronisation did. @param removed entries and tombstones the target had beyond the image */
public record SyncReport(long rows, long written, long skipped, long removed) {}
