package io.homebudget.backup.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.backup.format.TopicEnd;
import io.homebudget.backup.making.TopicEnds;
import io.homebudget.backup.recovery.Changes.MissingChanges;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LoggedSet;
import io.homebudget.ledger.testing.KafkaBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What snapshots note of Kafka, and what a recovery reads there, with a real broker and a transactional publisher. */
class KafkaChangesIT {
    private static final KafkaBroker BROKER = new KafkaBroker();
    private static final String TOPIC = Kind.EXPENSE.changesTopic();
    private static final int PARTITIONS = 3;

    private History history;
    private KafkaProducer<String, byte[]> producer;

    @BeforeAll
    static void startBroker() {
        BROKER.start();
    }

    @AfterAll
    static void stopBroker() {
        BROKER.kill();
    }

    @BeforeEach
    void newTopics() throws Exception {
        create(TOPIC, Kind.INCOME.changesTopic());
        producer = producer("publisher");
        history = new History(31);
        history.changes(800);
    }

    @AfterEach
    void close() throws Exception {
        producer.close(Duration.ofSeconds(5));
        delete(TOPIC, Kind.INCOME.changesTopic());
    }

    @Test
    void whatIsPublishedAfterTheSnapshotComesBackWholeAndWhatWasAbortedDoesNot() throws Exception {
        // Given
        List<LoggedSet> before = List.copyOf(history.sets());
        publish(before);
        long snapshot = history.position();
        TopicEnd noted = end();
        history.changes(600);
        List<LoggedSet> after =
                history.sets().subList(before.size(), history.sets().size());
        publish(after.subList(0, after.size() / 2));
        abort(after.get(after.size() - 1));
        publish(after.subList(after.size() / 2, after.size()));
        // When
        LogFold fold = fold(noted, snapshot);
        // Then
        LogFold reference = Folds.of(new Moment.AtPosition(Long.MAX_VALUE), after);
        assertThat(Folds.changed(fold)).isEqualTo(Folds.changed(reference));
        assertThat(fold.sets()).isEqualTo(after.size());
    }

    @Test
    void aTransactionThatIsStillOpenInOnePartitionIsWaitedForAndNeverTakenForTheEnd() throws Exception {
        // Given sets of one change each, of which none is torn where a partition ends early
        List<LoggedSet> sets =
                history.sets().stream().filter(set -> set.changes().size() == 1).toList();
        TopicEnd noted = end();
        try (KafkaProducer<String, byte[]> open = producer("open")) {
            open.beginTransaction();
            open.send(new ProducerRecord<>(
                            TOPIC, 0, "1", Event.of(sets.get(0)).get(0).value()))
                    .get(30, TimeUnit.SECONDS);
            publish(sets);
            // Then
            assertThatThrownBy(() -> fold(noted, 0, Duration.ofSeconds(1), set -> {}))
                    .isInstanceOf(MissingChanges.class)
                    .hasMessageContaining("still open");
            // When it ends while the topic is read
            AtomicBoolean ended = new AtomicBoolean();
            LogFold fold = fold(noted, 0, Duration.ofSeconds(60), set -> {
                if (ended.compareAndSet(false, true)) {
                    open.abortTransaction();
                }
            });
            // Then
            assertThat(fold.sets()).isEqualTo(sets.size());
        }
    }

    @Test
    void ofWhatIsPublishedDuringTheReadingNoSetIsMissingBeforeOneThatIsTaken() throws Exception {
        // Given
        List<LoggedSet> sets = List.copyOf(history.sets());
        publish(sets.subList(0, 100));
        List<Long> taken = new ArrayList<>();
        // When
        fold(new TopicEnd(TOPIC, null, Map.of()), 0, Duration.ofSeconds(60), set -> {
            taken.add(set.position());
            if (taken.size() % 10 == 1 && taken.size() < 400) {
                int from = 100 + taken.size() / 10 * 10;
                publish(sets.subList(from, from + 10));
            }
        });
        // Then
        long last = taken.stream().mapToLong(Long::longValue).max().orElseThrow();
        assertThat(taken)
                .containsExactlyInAnyOrderElementsOf(sets.stream()
                        .map(LoggedSet::position)
                        .filter(position -> position <= last)
                        .toList())
                .hasSizeGreaterThanOrEqualTo(100);
    }

    @Test
    void withoutANoteTheWholeTopicIsRead() throws Exception {
        // Given
        publish(history.sets());
        LogFold reference = Folds.of(new Moment.AtPosition(Long.MAX_VALUE), history.sets());
        // When
        LogFold fold = fold(new TopicEnd(TOPIC, null, Map.of()), 0);
        // Then
        assertThat(Folds.changed(fold)).isEqualTo(Folds.changed(reference));
    }

    @Test
    @Tag("A28")
    void whatRetentionHasTakenIsMissing() throws Exception {
        // Given
        TopicEnd noted = end();
        publish(history.sets());
        try (Admin admin = admin()) {
            admin.deleteRecords(Map.of(new TopicPartition(TOPIC, 1), RecordsToDelete.beforeOffset(5)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
        // Then
        assertThatThrownBy(() -> fold(noted, 0))
                .isInstanceOf(MissingChanges.class)
                .hasMessageContaining("retention is shorter");
    }

    @Test
    @Tag("A28")
    void aTopicThatWasMadeAnewIsNotTheOneThatTheSnapshotKnew() throws Exception {
        // Given a topic that was lost, and has grown beyond what was noted
        publish(history.sets().subList(0, 100));
        TopicEnd noted = end();
        delete(TOPIC);
        create(TOPIC);
        publish(history.sets().subList(150, history.sets().size()));
        // Then
        assertThatThrownBy(() -> fold(noted, history.sets().get(99).position()))
                .isInstanceOf(MissingChanges.class)
                .hasMessageContaining("made anew");
        // and where the snapshot noted nothing, its beginning says the same
        assertThatThrownBy(() -> fold(
                        new TopicEnd(TOPIC, null, Map.of()),
                        history.sets().get(99).position()))
                .isInstanceOf(MissingChanges.class)
                .hasMessageContaining("begins at position");
    }

    @Test
    void aKafkaThatIsAwayIsNotedAndMissing() throws Exception {
        List<String> notes = new ArrayList<>();

        assertThat(new TopicEnds("localhost:1").ask(notes::add)).isNull();

        assertThat(notes).singleElement().asString().contains("Kafka could not say");
    }

    private static LogFold fold(TopicEnd from, long after) throws IOException {
        return fold(from, after, Duration.ofSeconds(60), set -> {});
    }

    private static LogFold fold(TopicEnd from, long after, Duration patience, Consumer<LoggedSet> meanwhile)
            throws IOException {
        LogFold fold = Folds.empty();
        new KafkaChanges(Kind.EXPENSE, from, BROKER.servers(), patience).after(after, set -> {
            meanwhile.accept(set);
            fold.add(set);
            return true;
        });
        return fold;
    }

    private static TopicEnd end() throws InterruptedException {
        List<String> notes = new ArrayList<>();
        List<TopicEnd> ends = new TopicEnds(BROKER.servers()).ask(notes::add);
        assertThat(notes).isEmpty();
        return ends.stream()
                .filter(one -> one.topic().equals(TOPIC))
                .findFirst()
                .orElseThrow();
    }

    private static KafkaProducer<String, byte[]> producer(String id) {
        KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", BROKER.servers(), "transactional.id", id, "linger.ms", "0"),
                new StringSerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    private void publish(List<LoggedSet> sets) {
        producer.beginTransaction();
        sets.forEach(this::send);
        producer.commitTransaction();
    }

    private void abort(LoggedSet set) {
        producer.beginTransaction();
        send(set);
        producer.flush();
        producer.abortTransaction();
    }

    private void send(LoggedSet set) {
        for (Event event : Event.of(set)) {
            ProducerRecord<String, byte[]> record =
                    new ProducerRecord<>(TOPIC, Long.toString(event.entry()), event.value());
            event.headers()
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
            producer.send(record);
        }
    }

    private static Admin admin() {
        return Admin.create(new HashMap<>(Map.of("bootstrap.servers", BROKER.servers())));
    }

    private static void create(String... topics) throws Exception {
        try (Admin admin = admin()) {
            List<NewTopic> wanted = Arrays.stream(topics)
                    .map(name -> new NewTopic(name, PARTITIONS, (short) 1))
                    .toList();
            admin.createTopics(wanted).all().get(60, TimeUnit.SECONDS);
        }
    }

    private static void delete(String... topics) throws Exception {
        try (Admin admin = admin()) {
            List<String> names = List.of(topics);
            admin.deleteTopics(names).all().get(60, TimeUnit.SECONDS);
            Awaitility.await("the topics are gone")
                    .atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> admin.listTopics().names().get(5, TimeUnit.SECONDS).stream()
                            .noneMatch(names::contains));
        }
    }
}
