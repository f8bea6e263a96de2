package io.homebudget.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homebudget.e2e.check.Discrepancies.Found;
import io.homebudget.e2e.load.Row;
import io.homebudget.e2e.stack.Api;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Damage put straight into the array file of a JSON store, as a person with an editor would; and what must be reported for it. */
public final class FileFaults {
    private static final long FAR = 9_100_000_000L;
    private static final List<String> FIELDS =
            List.of("date", "business", "category", "amount", "account", "currency", "notes");

    private FileFaults() {}

    /**
     * Each field of one entry, the contents of two entries swapped, one missing, one that never was.
     *
     * @return what must be found, in no order
     */
    public static List<Found> inject(Path array) throws IOException {
        ArrayNode entries = (ArrayNode) Api.JSON.readTree(Files.readAllBytes(array));
        List<Found> expected = new ArrayList<>();
        for (int i = 0; i < FIELDS.size(); i++) {
            ObjectNode entry = (ObjectNode) entries.get(i);
            edit(entry, FIELDS.get(i));
            expected.add(found(entry, "field", FIELDS.get(i)));
        }
        ObjectNode first = (ObjectNode) entries.get(FIELDS.size());
        ObjectNode second = (ObjectNode) entries.get(FIELDS.size() + 1);
        String differing = swap(first, second);
        expected.add(found(first, "field", differing));
        expected.add(found(second, "field", differing));
        JsonNode missing = entries.remove(FIELDS.size() + 2);
        expected.add(found(missing, "missing", ""));
        ObjectNode extra = entries.get(0).deepCopy();
        extra.put("id", FAR);
        entries.add(extra);
        expected.add(found(extra, "extra", ""));
        Files.write(array, Api.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(entries));
        return expected;
    }

    private static void edit(ObjectNode entry, String field) {
        switch (field) {
            case "date" -> entry.put(field, "1999-12-31");
            case "amount" -> entry.put(field, entry.path(field).decimalValue().add(new BigDecimal("0.01")));
            case "currency" -> entry.put(field, "XXX");
            default -> entry.put(field, "edited");
        }
    }

    private static String swap(ObjectNode first, ObjectNode second) {
        Row one = Row.of(first);
        Row other = Row.of(second);
        ObjectNode kept = first.deepCopy();
        first.setAll(second);
        first.put("id", one.id());
        second.setAll(kept);
        second.put("id", other.id());
        return String.join(
                " ",
                FIELDS.stream()
                        .filter(field -> !Objects.equals(
                                one.fields().get(field), other.fields().get(field)))
                        .toList());
    }

    private static Found found(JsonNode entry, String type, String fields) {
        return new Found(entry.path("id").asLong(), type, "json", "disk", fields);
    }
}
