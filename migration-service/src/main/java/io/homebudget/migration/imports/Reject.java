package io.homebudget.migration.imports;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** One line of a file of rejects: where it stood, why it was refused, and what it was. */
final class Reject {
    static final String LINE = "line";
    static final String FIELD = "field";
    static final String REASON = "reason";
    /** The record; missing where it could not be read as one, {@link #TEXT} is there then. */
    static final String RECORD = "record";

    static final String TEXT = "text";

    private Reject() {}

    static ObjectNode of(Item.Bad bad) {
        ObjectNode reject = JsonNodeFactory.instance.objectNode();
        reject.put(LINE, bad.line());
        reject.put(FIELD, bad.field());
        reject.put(REASON, bad.reason());
        if (bad.original() != null) {
            reject.set(RECORD, bad.original());
        } else {
            reject.put(TEXT, bad.text());
        }
        return reject;
    }

    /** Whether a line is one of these; no entry has a field {@code reason}. */
    static boolean isOne(JsonNode tree) {
        return tree.hasNonNull(LINE) && tree.hasNonNull(REASON) && (tree.has(RECORD) || tree.has(TEXT));
    }
}
