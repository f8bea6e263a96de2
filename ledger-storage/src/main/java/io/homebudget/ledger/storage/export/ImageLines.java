package io.homebudget.ledger.storage.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Tombstone;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * The lines of an export. Rows are written token by token, exactly as {@link io.homebudget.ledger.internal.EntryImage} would be,
 * because binding a million objects would take longer than reading them.
 */
final class ImageLines {
    private static final JsonFactory JSON = new JsonFactory();
    private static final ObjectMapper BINDING = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
    private static final int BYTES_PER_ROW = 400;

    private ImageLines() {}

    static byte[] head(ExportHead head) {
        return line(head);
    }

    static byte[] tail(ExportHead.Tail tail) {
        return line(tail);
    }

    private static byte[] line(Object value) {
        try {
            return (BINDING.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] rows(List<ImageRow> rows) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(rows.size() * BYTES_PER_ROW);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.setRootValueSeparator(null);
            for (ImageRow row : rows) {
                if (row.held() != null) {
                    write(row.held(), json);
                } else {
                    write(row.tombstone(), json);
                }
                json.writeRaw('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void write(Held held, JsonGenerator json) throws IOException {
        Entry entry = held.entry();
        begin(entry.id(), held.version(), held.epoch(), held.changeId(), json);
        json.writeBooleanField("deleted", false);
        uuid("recorded", held.digest(), json);
        json.writeObjectFieldStart("values");
        json.writeStringField("date", entry.date().toString());
        json.writeStringField("business", entry.business());
        json.writeStringField("category", entry.category());
        json.writeNumberField("cents", entry.cents());
        json.writeStringField("account", entry.account());
        json.writeStringField("currency", entry.currency());
        json.writeStringField("notes", entry.notes());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void write(Tombstone gone, JsonGenerator json) throws IOException {
        begin(gone.id(), gone.version(), gone.epoch(), gone.changeId(), json);
        json.writeBooleanField("deleted", true);
        json.writeNullField("recorded");
        json.writeNullField("values");
        json.writeEndObject();
    }

    private static void begin(long id, long version, long epoch, UUID changeId, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", id);
        json.writeNumberField("version", version);
        json.writeNumberField("epoch", epoch);
        uuid("change_id", changeId, json);
    }

    private static void uuid(String name, UUID value, JsonGenerator json) throws IOException {
        json.writeStringField(name, value == null ? null : value.toString());
    }
}
