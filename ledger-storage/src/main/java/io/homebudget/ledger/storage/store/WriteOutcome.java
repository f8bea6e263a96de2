package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.error.Refusal;

/** What became of a write. The caller must handle every one of these, so they are values and not exceptions. */
public sealed interface WriteOutcome {

    /** Durable in the store that was asked. @param repeated true when an earlier request with the same key wrote it */
    record Written(ChangeSet set, boolean repeated) implements WriteOutcome {}

    /** Nothing needed to change. @param held the entry as it stands; null for a bulk delete that found none */
    record Unchanged(Held held) implements WriteOutcome {}

    /** The request breaks a rule; nothing was written. */
    record Refused(Refusal refusal) implements WriteOutcome {}

    /** The store does not rule in the epoch that the caller gave; nothing was written. */
    record Fenced() implements WriteOutcome {}

    /** The store could not be reached or failed before committing; certainly nothing was written. */
    record NotWritten(String why) implements WriteOutcome {}

    /** The commit got no answer: written or not, nobody knows yet. */
    record Unknown(String why) implements WriteOutcome {}
}
