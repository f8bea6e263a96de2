package io.homebudget.ledger.storage.outbox;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Tombstone;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Turns changes into CloudEvents 1.0 in binary mode. The format is version 1 for ever: golden files hold it; another format is
 * another type and topic.
 */
final class ChangeEvent {
    /** {@code changed_by} of an event that tells how an entry stands instead of what happened to it. */
    static final String BASELINE = "baseline";

    private ChangeEvent() {}

    /** One record per change of the set, in its order. */
    static List<ProducerRecord<String, byte[]>> of(Kind kind, ChangeSet set) {
        List<ProducerRecord<String, byte[]>> records =
                new ArrayList<>(set.changes().size());
        for (Change change : set.changes()) {
            records.add(record(
                    kind, set.position(), set.id(), set.changes().size(), set.rule(), set.at(), set.by(), change));
        }
        return records;
    }

    /** How an entry or tombstone stands, for consumers that missed what led there. */
    static ProducerRecord<String, byte[]> baseline(Kind kind, ImageRow row, long position, Rule rule, Instant now) {
        Change change = row.held() != null ? standing(row.held()) : gone(row.tombstone());
        return record(kind, position, change.id(), 1, rule, now, BASELINE, change);
    }

    /** An entry of the initial file as it was in it; under the same id whether it is taken from a store or from its first change. */
    static ProducerRecord<String, byte[]> fromFile(Kind kind, Entry entry, Rule rule, Instant now) {
        UUID id = new UUID(0, entry.id());
        Change change = new Change(id, entry.id(), 1, Action.CREATED, null, entry, EntryDigest.of(entry));
        return record(kind, 0, id, 1, rule, now, BASELINE, change);
    }

    private static Change standing(Held held) {
        Action action = held.version() <= 1 ? Action.CREATED : Action.UPDATED;
        UUID id = held.changeId() == null ? new UUID(0, held.entry().id()) : held.changeId();
        return new Change(
                id,
                held.entry().id(),
                Math.max(1, held.version()),
                action,
                null,
                held.entry(),
                EntryDigest.of(held.entry()));
    }

    private static Change gone(Tombstone tombstone) {
        return new Change(tombstone.changeId(), tombstone.id(), tombstone.version(), Action.DELETED, null, null, null);
    }

    private static ProducerRecord<String, byte[]> record(
            Kind kind, long position, UUID setId, int setSize, Rule rule, Instant at, String by, Change change) {
        StringBuilder data = new StringBuilder(512);
        data.append("{\"kind\":\"").append(kind.word()).append("\",\"id\":").append(change.entryId());
        data.append(",\"version\":")
                .append(change.version())
                .append(",\"epoch\":")
                .append(rule.epoch());
        data.append(",\"position\":").append(position).append(",\"set_id\":\"").append(setId);
        data.append("\",\"set_size\":").append(setSize).append(",\"phase\":\"").append(rule.phase());
        data.append("\",\"primary\":\"").append(rule.phase().primary().word()).append("\",\"before\":");
        image(kind, change.before(), data);
        data.append(",\"after\":");
        image(kind, change.after(), data);
        data.append(",\"changed_by\":");
        EntryWriter.string(by, data, false);
        data.append('}');
        String key = Long.toString(change.entryId());
        List<Header> headers = List.of(
                header("ce_specversion", "1.0"),
                header("ce_id", change.id().toString()),
                header("ce_type", change.action().eventType()),
                header("ce_source", "/" + kind.word() + "-service"),
                header("ce_subject", key),
                header("ce_time", at.toString()),
                header("content-type", "application/json"),
                header("traceparent", traceparent(setId, change.id())));
        return new ProducerRecord<>(
                kind.changesTopic(), null, key, data.toString().getBytes(StandardCharsets.UTF_8), headers);
    }

    private static void image(Kind kind, Entry entry, StringBuilder out) {
        if (entry == null) {
            out.append("null");
        } else {
            EntryWriter.compact(kind, entry, out);
        }
    }

    /** W3C trace context: the set is the trace, the change the span; the same for every delivery of the same event. */
    private static String traceparent(UUID setId, UUID changeId) {
        String trace = setId.toString().replace("-", "");
        String span = changeId.toString().replace("-", "").substring(16);
        return "00-" + trace + "-" + span + "-01";
    }

    private static Header header(String key, String value) {
        return new RecordHeader(key, value.getBytes(StandardCharsets.UTF_8));
    }
}
