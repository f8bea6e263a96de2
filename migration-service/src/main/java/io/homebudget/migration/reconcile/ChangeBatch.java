package io.homebudget.migration.reconcile;

import io.homebudget.ledger.entry.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What a piece of a topic asks to be compared. An entry is compared once per batch, however many events tell of it and in
 * whatever order: a comparison looks at the stores as they are, so events only say where to look (A23).
 *
 * @param expected per entry the highest version that an event told of
 */
record ChangeBatch(Kind kind, int events, Map<Long, Long> expected, List<PutAside> unreadable) {

    /** Where an event lies that cannot be read, and why. */
    record PutAside(String topic, int partition, long offset, String why) {}

    static ChangeBatch of(Kind kind, Iterable<ConsumerRecord<byte[], byte[]>> records) {
        Map<Long, Long> expected = new LinkedHashMap<>();
        List<PutAside> unreadable = new ArrayList<>();
        int events = 0;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            events++;
            ChangeNotice notice = ChangeNotice.of(kind, record);
            if (notice instanceof ChangeNotice.Changed changed) {
                expected.merge(changed.entryId(), changed.version(), Math::max);
            } else if (notice instanceof ChangeNotice.Unreadable not) {
                unreadable.add(new PutAside(record.topic(), record.partition(), record.offset(), not.why()));
            }
        }
        return new ChangeBatch(kind, events, expected, unreadable);
    }
}
