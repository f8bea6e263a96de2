package io.homebudget.migration.reconcile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** What an event on a topic of changes says, as far as a comparison needs it: which entry had which version. */
sealed interface ChangeNotice {

    record Changed(long entryId, long version) implements ChangeNotice {}

    /** @param why names the member and the rule, never a value of the entry */
    record Unreadable(String why) implements ChangeNotice {}

    Set<String> TYPES = Set.of("ledger.entry.created.v1", "ledger.entry.updated.v1", "ledger.entry.deleted.v1");

    JsonFactory JSON = new JsonFactory();

    /** Never fails: what cannot be read says why. */
    static ChangeNotice of(Kind kind, ConsumerRecord<byte[], byte[]> record) {
        String format = header(record, "ce_specversion");
        if (!"1.0".equals(format)) {
            return new Unreadable("ce_specversion is not 1.0");
        }
        if (!TYPES.contains(String.valueOf(header(record, "ce_type")))) {
            return new Unreadable("ce_type is not one of " + TYPES);
        }
        if (record.value() == null) {
            return new Unreadable("there is no data");
        }
        try {
            return of(kind, record.key(), Told.of(record.value()));
        } catch (JsonProcessingException e) {
            return new Unreadable(
                    "the data is not JSON: line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr());
        } catch (IOException e) {
            return new Unreadable("the data cannot be read: " + e.getClass().getSimpleName());
        }
    }

    private static ChangeNotice of(Kind kind, byte[] key, Told told) {
        if (!kind.word().equals(told.kind())) {
            return new Unreadable("kind is not " + kind.word());
        }
        if (told.id() < 1 || told.id() > Entry.MAX_ID) {
            return new Unreadable("id is not an integer within 1.." + Entry.MAX_ID);
        }
        if (told.version() < 1) {
            return new Unreadable("version is not a positive integer");
        }
        if (key == null || !new String(key, StandardCharsets.UTF_8).equals(Long.toString(told.id()))) {
            return new Unreadable("the key is not the entry's id");
        }
        return new Changed(told.id(), told.version());
    }

    /**
     * What is needed of an event's data. The rest, two whole entries, is walked over and not kept: thousands come a second.
     *
     * @param kind null where it is no text
     * @param id 0 where it is no integer, as {@code version}
     */
    record Told(String kind, long id, long version) {

        static Told of(byte[] data) throws IOException {
            String kind = null;
            long id = 0;
            long version = 0;
            try (JsonParser parser = JSON.createParser(data)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    return new Told(null, 0, 0);
                }
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    JsonToken value = parser.nextToken();
                    switch (name) {
                        case "kind" -> kind = value == JsonToken.VALUE_STRING ? parser.getText() : null;
                        case "id" -> id = integer(parser, value);
                        case "version" -> version = integer(parser, value);
                        default -> {
                            // nothing of it is needed
                        }
                    }
                    parser.skipChildren();
                }
            }
            return new Told(kind, id, version);
        }

        private static long integer(JsonParser parser, JsonToken value) throws IOException {
            boolean fits =
                    value == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            return fits ? parser.getLongValue() : 0;
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
