package io.homebudget.bench.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.bench.stack.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventWatcherIT {
    private static final int PORT = freePort();
    private static final int CONTROLLER_PORT = freePort();
    private static final String BOOTSTRAP = "127.0.0.1:" + PORT;
    private static final int PARTITIONS = 3;
    private static final String TOPIC = "ledger.expense.changes.v1";

    @TempDir
    static Path folder;

    private static KafkaRaftServer broker;

    @BeforeAll
    static void start() throws Exception {
        Properties settings = new Properties();
        settings.putAll(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.voters", "1@127.0.0.1:" + CONTROLLER_PORT),
                Map.entry("listeners", "PLAINTEXT://" + BOOTSTRAP + ",CONTROLLER://127.0.0.1:" + CONTROLLER_PORT),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("log.dirs", folder.resolve("log").toString()),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1")));
        Path file = folder.resolve("server.properties");
        try (var out = Files.newOutputStream(file)) {
            settings.store(out, null);
        }
        StorageTool.execute(new String[] {"format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", file.toString()}, System.out);
        broker = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
        broker.startup();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", BOOTSTRAP))) {
            admin.createTopics(Set.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
    }

    @AfterAll
    static void stop() {
        if (broker != null) {
            broker.shutdown();
            broker.awaitShutdown();
        }
    }

    @Test
    void events_are_seen_once_committed_and_those_from_before_are_not() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            producer.initTransactions();
            publish(producer, 1, 5);
            readBack(5);
            try (EventWatcher watcher = EventWatcher.start(BOOTSTRAP, TOPIC)) {
                producer.beginTransaction();
                producer.send(event(77)).get(30, TimeUnit.SECONDS);
                producer.abortTransaction();
                publish(producer, 6, 20);

                Patience.until(
                        "15 events were seen",
                        Duration.ofSeconds(30),
                        () -> watcher.seen().size() >= 15);

                assertThat(watcher.seen())
                        .containsOnlyKeys(6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L, 14L, 15L, 16L, 17L, 18L, 19L, 20L);
            }
        }
    }

    /** A commit is answered before each partition has its marker: until then the end that a reader sees lies before the events. */
    private static void readBack(int events) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        BOOTSTRAP,
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(IntStream.range(0, PARTITIONS)
                    .mapToObj(nth -> new TopicPartition(TOPIC, nth))
                    .toList());
            AtomicInteger seen = new AtomicInteger();
            Patience.until(
                    "the events from before can be read",
                    Duration.ofSeconds(30),
                    () -> seen.addAndGet(consumer.poll(Duration.ofMillis(100)).count()) >= events);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void publish(KafkaProducer<byte[], byte[]> producer, long from, long to) {
        producer.beginTransaction();
        for (long id = from; id <= to; id++) {
            producer.send(event(id));
        }
        producer.commitTransaction();
    }

    private static ProducerRecord<byte[], byte[]> event(long id) {
        return new ProducerRecord<>(TOPIC, Long.toString(id).getBytes(StandardCharsets.UTF_8), new byte[] {'{', '}'});
    }

    private static KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", BOOTSTRAP, "transactional.id", "bench-test"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }
}
