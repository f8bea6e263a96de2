package io.homebudget.e2e.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;

/**
 * One entry as this proof sees it, wherever it was read: field to text, the amount with two decimals. Its category names the
 * create that made it and is never changed by the load.
 */
public record Row(long id, Map<String, String> fields) {
    public static final String MARK = "category";

    /** @param node an object as in HTTP answers, array files and events */
    public static Row of(JsonNode node) {
        Map<String, String> fields = new TreeMap<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!field.getKey().equals("id")) {
                fields.put(
                        field.getKey(),
                        field.getKey().equals("amount")
                                ? amount(field.getValue().decimalValue())
                                : field.getValue().isNull()
                                        ? null
                                        : field.getValue().asText());
            }
        }
        return new Row(node.path("id").asLong(), fields);
    }

    public static String amount(BigDecimal amount) {
        return amount.setScale(2).toPlainString();
    }
}
