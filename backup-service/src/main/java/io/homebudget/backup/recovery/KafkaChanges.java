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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
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

    /** That what begins at the noted offsets is what the snapshot knew: after a deletion they mean something else. */
    private void requireTheSameTopic() throws IOException {
        Properties settings = new Properties();
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, LIMIT_MILLIS);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, LIMIT_MILLIS);
        Admin admin = null;
        try {
            admin = Admin.create(settings);
            String found = admin.describeTopics(List.of(from.topic()))
                    .topicNameValues()
                    .get(from.topic())
                    .get(LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                    .topicId()
                    .toString();
            if (from.id() != null && !from.id().equals(found)) {
                throw new MissingChanges("Kafka's topic " + from.topic()
                        + " was made anew since the snapshot: what it held before is gone");
            }
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new MissingChanges("Kafka cannot be read: " + cause.getClass().getSimpleName());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MissingChanges("reading Kafka was interrupted");
        } finally {
            // without a limit of its own, closing waits for every call in flight
            if (admin != null) {
                admin.close(Duration.ofMillis(LIMIT_MILLIS));
            }
        }
    }

    @Override
    public void after(long after, Taker taker) throws IOException {
        requireTheSameTopic();
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
        if (from.offsets().isEmpty() && sets.first() > after + 1) {
            throw new MissingChanges("Kafka's topic " + from.topic()
                    + (sets.first() == Long.MAX_VALUE
                            ? " holds nothing"
                            : " begins at position " + sets.first() + ", after the snapshot's " + after
                                    + ": nobody knows what was before"));
        }
    }

    private static boolean reached(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
