package io.homebudget.migration.imports;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;

/**
 * Builds a record's tree with its numbers exactly as they were written: a detour over a binary fraction would change amounts
 * before the ledger's rules see them.
 */
final class RecordTree {
    /** Longer literals are no amount and no id, and cost time that grows with the square of their length. */
    private static final int LONGEST_NUMBER = 60;

    private static final int LARGEST_EXPONENT = 1_000;
    private static final JsonNodeFactory NODES = JsonNodeFactory.withExactBigDecimals(true);

    /** Bounded: a body comes from anywhere. */
    static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(ItemReader.LONGEST)
                    .maxNumberLength(ItemReader.LONGEST)
                    .maxNestingDepth(20)
                    .build())
            .build();

    /** A record with more values than this is longer than {@link ItemReader#LONGEST}, and rejected for that. */
    private static final int MOST_VALUES = ItemReader.LONGEST / 2;

    private final JsonParser parser;
    private String oddField;
    private long values;

    private RecordTree(JsonParser parser) {
        this.parser = parser;
    }

    /** @param oddNumber the field that holds a number that cannot be one of an entry; null where none does */
    record Read(JsonNode tree, String oddNumber) {}

    /** Reads the value that begins at the parser's current token. */
    static Read read(JsonParser parser) throws IOException {
        RecordTree tree = new RecordTree(parser);
        return new Read(tree.value(""), tree.oddField);
    }

    private JsonNode value(String field) throws IOException {
        JsonToken token = parser.currentToken();
        switch (token) {
            case START_OBJECT:
                ObjectNode object = NODES.objectNode();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    JsonNode value = value(field.isEmpty() ? name : field);
                    if (kept()) {
                        object.set(name, value);
                    }
                }
                return object;
            case START_ARRAY:
                ArrayNode array = NODES.arrayNode();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    JsonNode value = value(field);
                    if (kept()) {
                        array.add(value);
                    }
                }
                return array;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT:
                return number(field);
            case VALUE_STRING:
                return NODES.textNode(parser.getText());
            case VALUE_TRUE, VALUE_FALSE:
                return NODES.booleanNode(token == JsonToken.VALUE_TRUE);
            default:
                return NODES.nullNode();
        }
    }

    /** A body is one "record" where its brackets are doubled: it is read to its end, but not held. */
    private boolean kept() {
        return ++values <= MOST_VALUES;
    }

    private JsonNode number(String field) throws IOException {
        String literal = parser.getText();
        if (literal.length() <= LONGEST_NUMBER) {
            try {
                BigDecimal decimal = new BigDecimal(literal);
                if (Math.abs((long) decimal.scale()) <= LARGEST_EXPONENT) {
                    // an integer stays one in print, which an id needs
                    return decimal.scale() == 0 && literal.indexOf('e') < 0 && literal.indexOf('E') < 0
                            ? NODES.numberNode(decimal.toBigInteger())
                            : NODES.numberNode(decimal);
                }
            } catch (NumberFormatException beyondEveryExponent) {
                // told as an odd number below
            }
        }
        oddField = oddField == null ? field : oddField;
        return NODES.textNode(literal);
    }
}
