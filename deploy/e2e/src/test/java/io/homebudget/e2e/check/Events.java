package io.homebudget.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.load.History;
import io.homebudget.e2e.load.Operation;
import io.homebudget.e2e.load.Operation.Verb;
import io.homebudget.e2e.load.Row;
import io.homebudget.e2e.stack.Api;
import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** The change events of one kind, read from the beginning by a plain consumer. */
public final class Events {
    private static final Duration READ_LIMIT = Duration.ofSeconds(60);

    /** One event in the order of its partition. */
    public record Event(String changeId, long entryId, long version, long epoch, JsonNode after) {}

    private final String kind;
    private final List<Event> events;

    private Events(String kind, List<Event> events) {
        this.kind = kind;
        this.events = events;
    }

    public static Events read(Stack stack, String kind) throws IOException {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", "localhost:" + stack.portOf("kafka"));
        settings.put("isolation.level", "read_committed");
        List<Event> events = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor("ledger." + kind + ".changes.v1").stream()
                    .map(part -> new TopicPartition(part.topic(), part.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long limit = System.nanoTime() + READ_LIMIT.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() > limit) {
                    throw new AssertionError("the topic of " + kind + " cannot be read to its end");
                }
                for (ConsumerRecord<String, byte[]> event : consumer.poll(Duration.ofMillis(200))) {
                    events.add(event(event));
                }
            }
        }
        return new Events(kind, events);
    }

    private static Event event(ConsumerRecord<String, byte[]> event) throws IOException {
        String id = new String(event.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8);
        JsonNode data = Api.JSON.readTree(event.value());
        if (!event.key().equals(data.path("id").asText())) {
            throw new AssertionError("the key is not the entry's id: " + event.key() + " " + data);
        }
        return new Event(
                id,
                data.path("id").asLong(),
                data.path("version").asLong(),
                data.path("epoch").asLong(),
                data.path("after"));
    }

    public int size() {
        return events.size();
    }

    /**
     * Per entry: versions without gaps and in order at their first delivery, one change per version, as many changes as were
     * acknowledged and at most the unknown ones more, and the last one says what the ledger holds.
     */
    public List<String> problems(History history, Map<Long, Row> end) {
        return problems(history, end, false);
    }

    /**
     * @param baseline whether the topic may begin later than the entries: a publisher that reaches Kafka for the first time
     *     publishes what there is once, and every change from there on
     */
    public List<String> problems(History history, Map<Long, Row> end, boolean baseline) {
        List<String> problems = new ArrayList<>();
        Map<Long, List<Event>> byEntry = new HashMap<>();
        Set<String> seen = new HashSet<>();
        for (Event event : events) {
            if (!seen.add(event.changeId())) {
                continue;
            }
            List<Event> before = byEntry.computeIfAbsent(event.entryId(), none -> new ArrayList<>());
            if (!before.isEmpty()
                    && event.version() != before.get(before.size() - 1).version() + 1) {
                problems.add(kind + " " + event.entryId() + ": version " + event.version() + " is delivered after "
                        + before.get(before.size() - 1).version());
            }
            before.add(event);
        }
        Map<Long, Integer> certain = new HashMap<>();
        Map<Long, Integer> possible = new HashMap<>();
        for (Operation operation : history.of(kind)) {
            if (operation.verb == Verb.CREATE && operation.acknowledged()) {
                certain.merge(operation.createdId(), 1, Integer::sum);
            } else if (operation.writes() && operation.possible()) {
                Map<Long, Integer> count = operation.acknowledged() ? certain : possible;
                operation.ids.forEach(id -> count.merge(id, 1, Integer::sum));
            }
        }
        certain.forEach((id, all) -> {
            List<Event> found = byEntry.getOrDefault(id, List.of());
            // deleted before the beginning: nothing tells of it
            boolean before = baseline
                    && (found.isEmpty() ? !end.containsKey(id) : found.get(0).version() > 1);
            int least = !before
                    ? all
                    : found.isEmpty() ? 0 : (int) Math.max(1, all - found.get(0).version() + 1);
            boolean initial = history.initial().get(kind).containsKey(id);
            int most = all + possible.getOrDefault(id, 0) + (initial ? found.size() : 0);
            if (found.size() < least || found.size() > most) {
                problems.add(kind + " " + id + ": " + found.size() + " changes delivered, " + least + " to " + most
                        + " expected; versions "
                        + found.stream().map(Event::version).toList());
            }
        });
        byEntry.forEach((id, found) -> {
            JsonNode last = found.get(found.size() - 1).after();
            Row told = last.isObject() ? Row.of(last) : null;
            Row held = end.get(id);
            if (told == null ? held != null : held == null || !told.fields().equals(held.fields())) {
                problems.add(kind + " " + id + ": the last event says " + told + ", the ledger holds " + held);
            }
        });
        return problems;
    }
}
