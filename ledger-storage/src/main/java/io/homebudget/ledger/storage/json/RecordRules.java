package io.homebudget.ledger.storage.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.error.Verdict;

/** Validates one record of an array file that this store did not write itself. */
@FunctionalInterface
public interface RecordRules {

    /**
     * The entry with its id, in canonical form ("150.50" and 100 become amounts, a missing currency the default), or why the
     * record cannot be taken. The refusal never repeats the values.
     */
    Verdict<Entry> take(JsonNode record);
}
