package io.homebudget.migration.discrepancies;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * What is told on {@link #TOPIC}: CloudEvents 1.0 in binary mode, keyed by discrepancy id, so that a discrepancy's events stay
 * in order. The format is version 1 for ever: golden files hold it. Values of entries are not in it; whoever may see them asks
 * the API.
 */
final class DiscrepancyEvent {
    static final String TOPIC = "ledger.discrepancies.v1";
    static final String OPENED = "ledger.discrepancy.opened.v1";
    static final String REPAIRED = "ledger.discrepancy.repaired.v1";
    static final String DISMISSED = "ledger.discrepancy.dismissed.v1";

    private static final ObjectMapper JSON = new ObjectMapper();

    private DiscrepancyEvent() {}

    /** The event as it is kept until it is published. */
    static EventRow of(String type, DiscrepancyRow row, Instant at) {
        EventRow event = new EventRow();
        String subject = type + "/" + row.kind + "/" + row.id;
        event.eventId = UUID.nameUUIDFromBytes(subject.getBytes(StandardCharsets.UTF_8));
        event.discrepancyId = row.id;
        event.type = type;
        event.data = data(row);
        event.at = at;
        return event;
    }

    private static String data(DiscrepancyRow row) {
        ObjectNode data = JSON.createObjectNode();
        data.put("id", row.id);
        data.put("kind", row.kind);
        data.put("entry_id", row.entryId);
        data.put("type", row.type);
        List<String> fields = DiscrepancyView.fields(row);
        fields.forEach(data.putArray("fields")::add);
        data.put("damaged", row.damaged);
        data.put("place", row.place);
        data.put("cause", row.cause);
        data.put("cause_code", row.causeCode);
        data.put("found_by", row.foundBy);
        data.put("state", row.state);
        data.put("found_at", text(row.foundAt));
        data.put("resolved_at", text(row.resolvedAt));
        data.put("resolution", row.resolution);
        data.put("actor", row.actor);
        data.put("reason", row.reason);
        try {
            return JSON.writeValueAsString(data);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values must be writable", e);
        }
    }

    private static String text(Instant instant) {
        return instant == null ? null : instant.toString();
    }

    static ProducerRecord<String, byte[]> record(EventRow event) {
        String key = Long.toString(event.discrepancyId);
        List<Header> headers = List.of(
                header("ce_specversion", "1.0"),
                header("ce_id", event.eventId.toString()),
                header("ce_type", event.type),
                header("ce_source", "/migration-service"),
                header("ce_subject", key),
                header("ce_time", event.at.toString()),
                header("content-type", "application/json"));
        return new ProducerRecord<>(TOPIC, null, key, event.data.getBytes(StandardCharsets.UTF_8), headers);
    }

    private static Header header(String key, String value) {
        return new RecordHeader(key, value.getBytes(StandardCharsets.UTF_8));
    }
}
