package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.bulkDelete;
import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.delete;
import static io.homebudget.ledger.storage.testing.Sample.modify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.json.FaultyDisk;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.testing.Events;
import io.homebudget.ledger.storage.testing.Events.Event;
import io.homebudget.ledger.storage.testing.Sample;
import io.homebudget.ledger.storage.testing.Witness;
import io.homebudget.ledger.testing.KafkaBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a consumer of a real Kafka sees of a ledger that moves, and while Kafka and the publisher come and go. */
class EngineEventsIT {
    private final KafkaBroker kafka = KafkaBroker.running();
    private final Map<Long, Long> versions = new HashMap<>();
    private RealEngine real;
    private Events events;

    @BeforeEach
    void open() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.servers()))) {
            var topics = admin.listTopics().names().get();
            admin.deleteTopics(topics).all().get();
            await().atMost(RealEngine.LIMIT)
                    .until(() -> admin.listTopics().names().get().isEmpty());
        }
        real = new RealEngine(RealEngine.Options.USUAL.publishingTo(kafka.servers()));
        events = new Events(real.kind(), kafka.servers());
    }

    @AfterEach
    void close() {
        events.close();
        real.close();
    }

    @Test
    void everyChangeComesInOrderAndWithoutGapsAcrossAllPhasesForwardsAndBack() {
        long first = created(1);
        List<Phase> way = List.of(
                Phase.DUAL_WRITE,
                Phase.DATABASE_READS,
                Phase.DATABASE_ONLY,
                Phase.DATABASE_READS,
                Phase.DUAL_WRITE,
                Phase.JSON_ONLY);
        for (Phase phase : way) {
            changed(first);
            real.moveTo(phase);
            changed(created(2));
            changed(first);
        }

        allArrive();
    }

    @Test
    void anEventSaysWhatHappenedAndToWhichSetItBelongs() {
        long a = created(1);
        long b = created(2);
        String set = real.written(bulkDelete(a, b)).set().id().toString();
        versions.put(a, 2L);
        versions.put(b, 2L);

        List<Event> all = allArrive();

        assertThat(all).extracting(Event::type).containsOnly("ledger.entry.created.v1", "ledger.entry.deleted.v1");
        assertThat(all)
                .filteredOn(event -> event.setId().equals(set))
                .allSatisfy(event -> {
                    assertThat(event.setSize()).isEqualTo(2);
                    assertThat(event.data().path("after").isNull()).isTrue();
                    assertThat(event.data().path("before").path("id").asText()).isEqualTo(event.key());
                    assertThat(UUID.fromString(event.id())).isNotNull();
                })
                .extracting(Event::key)
                .containsOnly(Long.toString(a), Long.toString(b));
    }

    @Test
    void kafkaMayBeKilledAndComeBackWhileWritesGoOn() {
        real.moveTo(Phase.DATABASE_ONLY);
        long id = created(1);
        allArrive();

        kafka.kill();
        for (int i = 0; i < 50; i++) {
            changed(id);
            created(i);
        }
        await().atMost(RealEngine.LIMIT).until(() -> real.state().publishBacklog() >= 100);
        assertThat(real.producers)
                .as("nobody measures a connection that was given up")
                .hasValueLessThan(2);
        kafka.start();

        allArrive();
        await().atMost(RealEngine.LIMIT).until(() -> real.state().publishBacklog() == 0);
        assertThat(real.producers).hasValue(1);
        real.engine().close();
        assertThat(real.producers).hasValue(0);
    }

    @Test
    void anInterruptedPublisherGoesOnAtLeastOnce() {
        long id = created(1);
        for (int i = 0; i < 200; i++) {
            changed(id);
            if (i % 50 == 25) {
                real.crash();
            }
        }

        List<Event> all = allArrive();

        assertThat(all.stream().map(Event::id).distinct()).hasSize(201);
    }

    @Test
    @Tag("A43")
    void whereTheLogWasCutBeforeItWasPublishedABaselineComesFirst() {
        real.engine().publisher().pause();
        long lives = created(1);
        changed(lives);
        changed(lives);
        long gone = created(2);
        real.written(delete(gone));
        real.files()
                .cutLog(real.files().head().await().atMost(RealEngine.LIMIT))
                .await()
                .atMost(RealEngine.LIMIT);

        real.engine().publisher().resume();
        await().atMost(RealEngine.LIMIT).until(() -> told().size() >= 2);
        changed(lives);
        await().atMost(RealEngine.LIMIT).until(() -> told().size() >= 3);

        List<Event> all = told();
        assertThat(all).extracting(Event::by).containsExactlyInAnyOrder("baseline", "baseline", "user");
        assertThat(Events.versions(all).get(lives)).containsExactly(3L, 4L);
        assertThat(all)
                .filteredOn(event -> event.key().equals(Long.toString(gone)))
                .singleElement()
                .satisfies(event -> assertThat(event.type()).isEqualTo("ledger.entry.deleted.v1"));
    }

    @Test
    void whileInSyncNothingIsPublishedThatJsonDoesNotHold() {
        real.moveTo(Phase.DATABASE_READS);
        for (int i = 0; i < 100; i++) {
            created(i);
            List<Event> told = events.all();
            boolean inSync = real.files().inSync();
            long held = real.files().standing().await().atMost(RealEngine.LIMIT).position();
            assertThat(told)
                    .filteredOn(event -> inSync && event.data().path("position").asLong() > held)
                    .isEmpty();
        }
        allArrive();
    }

    @Test
    void aBaselineTellsNothingThatJsonDoesNotHoldWhileInSync() {
        real.moveTo(Phase.DATABASE_READS);
        created(0);
        allArrive();
        real.engine().publisher().pause();
        created(1);
        real.postgres()
                .cutLog(real.postgres().head().await().atMost(RealEngine.LIMIT))
                .await()
                .atMost(RealEngine.LIMIT);
        CountDownLatch disk = new CountDownLatch(1);
        real.disk.before = (call, file) -> call != FaultyDisk.Call.APPEND || passed(disk);
        CompletableFuture<WriteOutcome> write = real.send(create(2)).subscribeAsCompletionStage();
        await().atMost(RealEngine.LIMIT)
                .until(() -> real.postgres().count().await().atMost(RealEngine.LIMIT) == 3);

        real.engine().publisher().resume();

        await().atMost(RealEngine.LIMIT).until(() -> {
            boolean told = events.all().stream().anyMatch(event -> event.key().equals("3"));
            boolean inSync = real.files().inSync();
            assertThat(told && inSync).isFalse();
            return !inSync;
        });
        disk.countDown();
        assertThat(write).succeedsWithin(RealEngine.LIMIT);
        versions.put(3L, 1L);
        allArrive();
    }

    private static boolean passed(CountDownLatch latch) {
        try {
            return latch.await(RealEngine.LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anInitialFileIsToldAsItWasAndEveryChangeSinceFollowsThoughKafkaCameLater() {
        startOnAFileWithoutKafka();
        changed(1);
        changed(1);
        real.written(delete(2L));
        versions.put(2L, 2L);
        changed(created(3));

        kafka.start();

        toldAsItWas(allArrive());
        real.crash();
        changed(1);
        real.restart();
        allArrive();
    }

    @Test
    void anInitialFileIsToldAsItWasAlsoWhereKafkaComesWhenPostgresRules() {
        startOnAFileWithoutKafka();
        changed(1);
        real.moveTo(Phase.DATABASE_READS);
        changed(1);
        real.written(delete(2L));
        versions.put(2L, 2L);
        real.moveTo(Phase.DATABASE_ONLY);
        changed(created(3));
        changed(3);

        kafka.start();

        toldAsItWas(allArrive());
        changed(3);
        allArrive();
    }

    /** Three entries that came with a file. */
    private void startOnAFileWithoutKafka() {
        kafka.kill();
        real.close();
        StringJoiner records = new StringJoiner(",", "[", "]");
        for (long id = 1; id <= 3; id++) {
            StringBuilder record = new StringBuilder();
            EntryWriter.compact(real.kind(), Sample.entry(id, (int) id), record);
            records.add(record);
            versions.put(id, 1L);
        }
        real = new RealEngine(RealEngine.Options.USUAL.publishingTo(kafka.servers()), records.toString());
    }

    private static void toldAsItWas(List<Event> all) {
        List<Event> baseline = Events.once(all).stream()
                .filter(event -> event.by().equals("baseline"))
                .toList();
        assertThat(baseline).extracting(Event::key).containsExactlyInAnyOrder("1", "2", "3");
        assertThat(baseline).allSatisfy(event -> {
            assertThat(event.version()).isEqualTo(1);
            assertThat(event.data().path("after").path("notes").asText()).isEqualTo("note " + event.key());
        });
    }

    @Test
    void anEventIsReadableSoonAfterTheAcknowledgement() {
        real.moveTo(Phase.DATABASE_ONLY);
        created(0);
        allArrive();
        List<Long> millis = new ArrayList<>();
        try (Witness witness = new Witness()) {
            for (int i = 0; i < 20; i++) {
                long id = created(i);
                Witness.Span unread = witness.begin();
                await().atMost(RealEngine.LIMIT)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> events.all().stream()
                                .anyMatch(event -> event.key().equals(Long.toString(id))));
                millis.add(unread.elapsed().toMillis());
            }
        }

        millis.sort(null);
        // the figure proper is the bench's; here only that nobody waits for a poll or a retry
        assertThat(millis.get(10)).as("median of %s", millis).isLessThan(150);
    }

    // ---- in common -----------------------------------------------------------------------------------------------

    private long created(int nth) {
        long id = real.created(create(nth));
        versions.put(id, 1L);
        return id;
    }

    private void changed(long id) {
        long version = versions.get(id) + 1;
        real.written(modify(id, Field.NOTES, "version " + version));
        versions.put(id, version);
    }

    /** Each event once: one whose delivery got no answer is sent again. */
    private List<Event> told() {
        return Events.once(events.all());
    }

    private List<Event> allArrive() {
        // a broker that comes back has a minute's work on a busy machine
        await().atMost(RealEngine.LIMIT.multipliedBy(2)).untilAsserted(() -> {
            Map<Long, List<Long>> arrived = Events.versions(events.all());
            assertThat(arrived.keySet()).isEqualTo(versions.keySet());
            versions.forEach((id, last) -> assertThat(Events.gapFree(arrived.get(id), last))
                    .as("entry %d at version %d: %s", id, last, arrived.get(id))
                    .isTrue());
        });
        return events.all();
    }
}
