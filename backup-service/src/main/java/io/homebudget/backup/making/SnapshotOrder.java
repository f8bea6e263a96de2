package io.homebudget.backup.making;

import io.homebudget.backup.format.Reason;

/** @param actor who wants it; {@code comment} why, in their words, null where they gave none */
public record SnapshotOrder(Reason reason, String actor, String comment) {}
