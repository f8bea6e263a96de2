package io.homebudget.backup.recovery;

import io.homebudget.backup.format.TopicEnd;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The changes as they were published, from where the topic ended when the snapshot was made up to its end now. */
public final class KafkaChanges implements Changes {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int LIMIT_MILLIS = 15_000;
    private final Kind kind;
    private final TopicEnd from;
    private final String servers;

    public KafkaChanges(Kind kind, TopicEnd from, String servers) {
        this.kind = kind;
        this.from = from;
        this.servers = servers;
    }

    @Override
    public String name() {
        return "Kafka topic " + from.topic();
    }

    @Override
    public void after(long after, Taker taker) throws IOException {
        EventSets sets = new EventSets(kind, after);
        Properties settings = new Properties();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, LIMIT_MILLIS);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, LIMIT_MILLIS);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(from.topic()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            for (TopicPartition partition : partitions) {
                long start = from.offsets().getOrDefault(partition.partition(), 0L);
                if (begins.get(partition) > start) {
                    throw new MissingChanges("Kafka no longer holds " + partition + " from offset " + start
                            + " on: its retention is shorter than the snapshot's age");
                }
                consumer.seek(partition, start);
            }
            long idleSince = System.nanoTime();
            while (!reached(consumer, ends)) {
                var records = consumer.poll(POLL);
                if (!records.isEmpty()) {
                    idleSince = System.nanoTime();
                } else if (System.nanoTime() - idleSince > LIMIT_MILLIS * 1_000_000L) {
                    throw new MissingChanges("Kafka stopped answering before the end of " + from.topic());
                }
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    LoggedSet whole = sets.take(name -> header(record, name), record.value());
                    if (whole != null && !taker.take(whole)) {
                        return;
                    }
                }
            }
        } catch (KafkaException e) {
            throw new MissingChanges("Kafka cannot be read: " + e.getClass().getSimpleName());
        }
        sets.requireWhole();
    }

    private static boolean reached(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
