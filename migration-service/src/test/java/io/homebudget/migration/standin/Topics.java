package io.homebudget.migration.standin;

import io.homebudget.migration.ledgers.RecordedChange;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes as a ledger service does, and reads as any consumer does. */
public final class Topics implements AutoCloseable {
    private static final int PARTITIONS = 6;
    private static final int ATTEMPTS = 5;

    private final String servers;
    private final KafkaProducer<String, byte[]> producer;

    public Topics(String servers) {
        this.servers = servers;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers, "request.timeout.ms", "4000", "delivery.timeout.ms", "8000"),
                new StringSerializer(),
                new ByteArraySerializer());
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(List.of(
                            new NewTopic("ledger.expense.changes.v1", PARTITIONS, (short) 1),
                            new NewTopic("ledger.income.changes.v1", PARTITIONS, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new IllegalStateException(e);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public static ProducerRecord<String, byte[]> event(String kind, RecordedChange change) {
        String action = change.deleted() ? "deleted" : change.version() == 1 ? "created" : "updated";
        String data = "{\"kind\":\"" + kind + "\",\"id\":" + change.entryId() + ",\"version\":" + change.version()
                + ",\"epoch\":1,\"position\":" + change.position() + ",\"before\":null,\"after\":null}";
        ProducerRecord<String, byte[]> event = new ProducerRecord<>(
                "ledger." + kind + ".changes.v1",
                Long.toString(change.entryId()),
                data.getBytes(StandardCharsets.UTF_8));
        header(event, "ce_specversion", "1.0");
        header(event, "ce_id", change.id().toString());
        header(event, "ce_type", "ledger.entry." + action + ".v1");
        return event;
    }

    public static void header(ProducerRecord<String, byte[]> event, String key, String value) {
        event.headers().add(key, value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * At least once, and until every event is on its topic: Kafka's client now and then leaves one for a topic that was made a
     * moment ago lying until the time for its delivery is over.
     */
    public void send(List<ProducerRecord<String, byte[]>> events) {
        List<ProducerRecord<String, byte[]>> left = events;
        for (int attempt = 1; !left.isEmpty(); attempt++) {
            Map<ProducerRecord<String, byte[]>, Future<RecordMetadata>> sent = new LinkedHashMap<>();
            left.forEach(event -> sent.put(event, producer.send(event)));
            producer.flush();
            left = new ArrayList<>();
            for (Map.Entry<ProducerRecord<String, byte[]>, Future<RecordMetadata>> one : sent.entrySet()) {
                try {
                    one.getValue().get();
                } catch (ExecutionException e) {
                    if (attempt == ATTEMPTS) {
                        throw new IllegalStateException(e.getCause());
                    }
                    left.add(one.getKey());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    /** Every change of the ledger's log after a position. */
    public static List<ProducerRecord<String, byte[]>> events(SimLedger ledger, long after) {
        List<ProducerRecord<String, byte[]>> events = new ArrayList<>();
        ledger.log(after).forEach(change -> events.add(event(ledger.kind, change)));
        return events;
    }

    /** Everything on a topic from its beginning to its present end. */
    public List<ConsumerRecord<String, byte[]>> all(String topic) {
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers, "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(one -> new TopicPartition(topic, one.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
