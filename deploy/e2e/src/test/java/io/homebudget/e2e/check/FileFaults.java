package io.homebudget.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homebudget.e2e.check.Discrepancies.Found;
import io.homebudget.e2e.load.Row;
import io.homebudget.e2e.stack.Api;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

    /**
     * One value of one entry in a file of any size, replaced where it stands by one of the same length.
     *
     * @param id of an entry of {@link io.homebudget.e2e.load.LargeLedger}, whose category names it
     * @return what must be found
     */
    public static Found injectOne(Path array, long id) throws IOException {
        byte[] wanted = ("\"category\": \"i" + id + "\"").getBytes(StandardCharsets.US_ASCII);
        try (FileChannel file = FileChannel.open(array, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer bytes = file.map(FileChannel.MapMode.READ_WRITE, 0, file.size());
            for (int at = 0; at + wanted.length <= bytes.limit(); at++) {
                int same = 0;
                while (same < wanted.length && bytes.get(at + same) == wanted[same]) {
                    same++;
                }
                if (same == wanted.length) {
                    bytes.put(at + "\"category\": \"".length(), (byte) 'j');
                    return new Found(id, "field", "json", "disk", "category");
                }
            }
        }
        throw new AssertionError(array + " has no entry " + id);
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
