package io.homebudget.ledger.storage.outbox;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** The event "this rule rules". Its id follows from kind and epoch, so that a repetition is known as one. */
final class PhaseEvent {
    static final String TOPIC = "ledger.phases.v1";

    private PhaseEvent() {}

    static ProducerRecord<String, byte[]> of(Kind kind, Rule rule, Instant at) {
        String subject = kind.word() + "/" + rule.epoch();
        UUID id = UUID.nameUUIDFromBytes(("phase:" + subject).getBytes(StandardCharsets.UTF_8));
        String data = "{\"kind\":\"" + kind.word() + "\",\"epoch\":" + rule.epoch() + ",\"phase\":\"" + rule.phase()
                + "\",\"primary\":\"" + rule.phase().primary().word() + "\"}";
        List<Header> headers = List.of(
                header("ce_specversion", "1.0"),
                header("ce_id", id.toString()),
                header("ce_type", "ledger.phase.entered.v1"),
                header("ce_source", "/" + kind.word() + "-service"),
                header("ce_subject", subject),
                header("ce_time", at.toString()),
                header("content-type", "application/json"));
        return new ProducerRecord<>(TOPIC, null, kind.word(), data.getBytes(StandardCharsets.UTF_8), headers);
    }

    private static Header header(String key, String value) {
        return new RecordHeader(key, value.getBytes(StandardCharsets.UTF_8));
    }
}
