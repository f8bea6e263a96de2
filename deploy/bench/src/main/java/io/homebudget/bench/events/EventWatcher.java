package io.homebudget.bench.events;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic from its present end with {@code read_committed} and remembers when the first event of each entry could be
 * read: what a consumer sees, the wait for the publisher's transaction included.
 */
public final class EventWatcher implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<Long, Long> seen = new ConcurrentHashMap<>();
    private final CountDownLatch positioned = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean stopping;

    private EventWatcher(String bootstrap, String topic) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "isolation.level",
                        "read_committed",
                        "enable.auto.commit",
                        false,
                        "fetch.min.bytes",
                        1),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        thread = new Thread(() -> watch(topic), "event-watcher");
    }

    /** Returns when it stands at the end of every partition, so that nothing sent from now on is missed. */
    public static EventWatcher start(String bootstrap, String topic) throws InterruptedException {
        EventWatcher watcher = new EventWatcher(bootstrap, topic);
        watcher.thread.start();
        if (!watcher.positioned.await(30, TimeUnit.SECONDS)) {
            watcher.close();
            throw new IllegalStateException("Kafka at " + bootstrap + " does not tell where " + topic + " ends");
        }
        return watcher;
    }

    /** Id to {@link System#nanoTime} at which its first event was handed out. */
    public Map<Long, Long> seen() {
        return seen;
    }

    private void watch(String topic) {
        try (consumer) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
            positioned.countDown();
            while (!stopping) {
                for (ConsumerRecord<byte[], byte[]> event : consumer.poll(POLL)) {
                    long now = System.nanoTime();
                    seen.putIfAbsent(Long.parseLong(new String(event.key(), StandardCharsets.UTF_8)), now);
                }
            }
        }
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
