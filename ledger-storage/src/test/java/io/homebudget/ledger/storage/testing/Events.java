package io.homebudget.ledger.storage.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homebudget.ledger.entry.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads a kind's committed change events from their beginning, as any consumer would. */
public final class Events implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** One event. @param arrived by the consumer's clock */
    public record Event(
            String id,
            String type,
            String key,
            long version,
            String setId,
            int setSize,
            String by,
            JsonNode data,
            long arrived) {}

    private final String topic;
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<Event> seen = new ArrayList<>();
    private boolean assigned;

    public Events(Kind kind, String servers) {
        this.topic = kind.changesTopic();
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", servers,
                        "isolation.level", "read_committed",
                        "enable.auto.commit", "false",
                        "default.api.timeout.ms", "30000"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    /** What this consumer has read so far, in the order in which it came; looks for more first. */
    public List<Event> all() {
        if (!assigned) {
            List<PartitionInfo> partitions = consumer.listTopics().getOrDefault(topic, List.of());
            if (partitions.isEmpty()) {
                return List.of();
            }
            List<TopicPartition> all = partitions.stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            assigned = true;
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(20))) {
            seen.add(event(record));
        }
        return List.copyOf(seen);
    }

    /** Without those that were delivered again. */
    public static List<Event> once(List<Event> events) {
        Set<String> known = new HashSet<>();
        return events.stream().filter(event -> known.add(event.id())).toList();
    }

    /** Per entry the versions in the order in which they came. */
    public static Map<Long, List<Long>> versions(List<Event> events) {
        return events.stream()
                .collect(Collectors.groupingBy(
                        event -> Long.parseLong(event.key()),
                        TreeMap::new,
                        Collectors.mapping(Event::version, Collectors.toList())));
    }

    /** Whether a consumer that skips what it knows sees 1, 2, 3 ... and at the end the last version. */
    public static boolean gapFree(List<Long> versions, long last) {
        long known = 0;
        for (long version : versions) {
            if (version > known + 1) {
                return false;
            }
            known = Math.max(known, version);
        }
        return known == last;
    }

    private static Event event(ConsumerRecord<String, byte[]> record) {
        try {
            JsonNode data = JSON.readTree(record.value());
            return new Event(
                    header(record, "ce_id"),
                    header(record, "ce_type"),
                    record.key(),
                    data.path("version").asLong(),
                    data.path("set_id").asText(),
                    data.path("set_size").asInt(),
                    data.path("changed_by").asText(),
                    data,
                    System.nanoTime());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String header(ConsumerRecord<String, byte[]> record, String key) {
        return new String(record.headers().lastHeader(key).value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
