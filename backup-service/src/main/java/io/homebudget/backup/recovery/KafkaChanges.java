package io.homebudget.backup.recovery;

import io.homebudget.backup.format.TopicEnd;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The changes as they were published, from where the topic ended when the snapshot was made up to its end now: every change up to
 * some position, and none beyond it, so that the log can go on from there.
 *
 * <p>A topic has no one end. Kafka answers a commit before every partition shows it, the partitions' ends are told one after the
 * other, and the publisher goes on meanwhile: what one reading meets of the last transactions may be any part of them. So it is read
 * twice. The first reading's highest position counts: its transaction was decided, so everything up to it lies before the ends that
 * are asked for afterwards, and the second reading goes up to those. The ends are those of uncommitted readers; where a transaction
 * before them stays open, reading fails instead of ending early.
 */
public final class KafkaChanges implements Changes {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int LIMIT_MILLIS = 15_000;

    /**
     * Without coming nearer to the end; longer than a transaction stays open that a killed publisher left, 20 s and up to 10 s until
     * Kafka looks.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Kind kind;
    private final TopicEnd from;
    private final String servers;
    private final Duration patience;

    public KafkaChanges(Kind kind, TopicEnd from, String servers) {
        this(kind, from, servers, PATIENCE);
    }

    KafkaChanges(Kind kind, TopicEnd from, String servers, Duration patience) {
        this.kind = kind;
        this.from = from;
        this.servers = servers;
        this.patience = patience;
    }

    @Override
    public String name() {
        return "Kafka topic " + from.topic();
    }

    /** That what begins at the noted offsets is what the snapshot knew: after a deletion they mean something else. */
    private void requireTheSameTopic() throws IOException {
        String found = ask(admin -> admin.describeTopics(List.of(from.topic()))
                        .topicNameValues()
                        .get(from.topic()))
                .topicId()
                .toString();
        if (from.id() != null && !from.id().equals(found)) {
            throw new MissingChanges(
                    "Kafka's topic " + from.topic() + " was made anew since the snapshot: what it held before is gone");
        }
    }

    /** Everything that was sent until now lies before these, also what no committed reader sees yet. */
    private Map<TopicPartition, Long> ends(List<TopicPartition> partitions) throws IOException {
        Map<TopicPartition, OffsetSpec> latest =
                partitions.stream().collect(Collectors.toMap(one -> one, one -> OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        ask(admin -> admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                        .all())
                .forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    private <T> T ask(Function<Admin, KafkaFuture<T>> question) throws IOException {
        Properties settings = new Properties();
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, LIMIT_MILLIS);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, LIMIT_MILLIS);
        Admin admin = null;
        try {
            admin = Admin.create(settings);
            return question.apply(admin).get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new SourceAway("Kafka cannot be read: " + cause.getClass().getSimpleName());
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
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(from.topic()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
            for (TopicPartition partition : partitions) {
                long start = from.offsets().getOrDefault(partition.partition(), 0L);
                if (begins.get(partition) > start) {
                    throw new MissingChanges("Kafka no longer holds " + partition + " from offset " + start
                            + " on: its retention is shorter than the snapshot's age");
                }
                consumer.seek(partition, start);
            }
            if (!read(consumer, ends(partitions), sets, taker)) {
                return;
            }
            sets.nothingNew();
            if (!read(consumer, ends(partitions), sets, taker)) {
                return;
            }
        } catch (KafkaException e) {
            throw new SourceAway("Kafka cannot be read: " + e.getClass().getSimpleName());
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

    private Properties settings() {
        Properties settings = new Properties();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, LIMIT_MILLIS);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, LIMIT_MILLIS);
        return settings;
    }

    /** @return whether to go on */
    private boolean read(
            KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends, EventSets sets, Taker taker)
            throws IOException {
        long idleSince = System.nanoTime();
        long missing = missing(consumer, ends);
        while (missing > 0) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                LoggedSet whole = sets.take(name -> header(record, name), record.value());
                if (whole != null && !taker.take(whole)) {
                    return false;
                }
            }
            long before = missing;
            missing = missing(consumer, ends);
            // what comes from behind the ends of other partitions is no progress: it may never stop
            if (missing < before) {
                idleSince = System.nanoTime();
            } else if (System.nanoTime() - idleSince > patience.toNanos()) {
                throw new SourceAway("Kafka's topic " + from.topic() + " cannot be read to its end: " + missing
                        + " records are behind a transaction that is still open, or Kafka stopped answering."
                        + " Repeat later");
            }
        }
        return true;
    }

    /** How many offsets lie between here and the ends. */
    private static long missing(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
                .sum();
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
