package io.homebudget.migration.imports;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** One record of a body, with the line on which it begins, counted from 1. */
sealed interface Item {

    long line();

    /**
     * One that can be offered to the ledger.
     *
     * @param record what the ledger is given
     * @param original what came, to be given back where the ledger refuses it
     * @param size about as many bytes
     */
    record Good(long line, ObjectNode record, ObjectNode original, int size) implements Item {}

    /**
     * One that cannot be offered.
     *
     * @param field null where it is no single field
     * @param original null where it could not be read as a record; {@code text} is what stood there then
     */
    record Bad(long line, String field, String reason, JsonNode original, String text) implements Item {}
}
