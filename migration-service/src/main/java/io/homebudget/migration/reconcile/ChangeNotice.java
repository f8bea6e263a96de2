package io.homebudget.migration.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

    ObjectMapper JSON = new ObjectMapper();

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
            return of(kind, record.key(), JSON.readTree(record.value()));
        } catch (JsonProcessingException e) {
            return new Unreadable(
                    "the data is not JSON: line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr());
        } catch (IOException e) {
            return new Unreadable("the data cannot be read: " + e.getClass().getSimpleName());
        }
    }

    private static ChangeNotice of(Kind kind, byte[] key, JsonNode data) {
        if (data == null || !kind.word().equals(data.path("kind").asText(null))) {
            return new Unreadable("kind is not " + kind.word());
        }
        JsonNode id = data.path("id");
        if (!id.canConvertToLong() || !id.isIntegralNumber() || id.asLong() < 1 || id.asLong() > Entry.MAX_ID) {
            return new Unreadable("id is not an integer within 1.." + Entry.MAX_ID);
        }
        JsonNode version = data.path("version");
        if (!version.canConvertToLong() || !version.isIntegralNumber() || version.asLong() < 1) {
            return new Unreadable("version is not a positive integer");
        }
        if (key == null || !new String(key, StandardCharsets.UTF_8).equals(id.asText())) {
            return new Unreadable("the key is not the entry's id");
        }
        return new Changed(id.asLong(), version.asLong());
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
