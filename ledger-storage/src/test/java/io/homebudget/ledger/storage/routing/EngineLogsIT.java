package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.delete;
import static io.homebudget.ledger.storage.testing.Sample.modify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.json.FaultyDisk;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.Standing;
import io.homebudget.ledger.storage.testing.Events;
import io.homebudget.ledger.testing.KafkaBroker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bounded logs and forgotten tombstones, with a follower and a Kafka that are away for longer than the logs reach. */
class EngineLogsIT {
    private static final int HISTORY = 20;
    private static final int LIMIT = 100;

    private final KafkaBroker kafka = KafkaBroker.running();
    /** The version that every entry must come to, in stores and events. */
    private final Map<Long, Long> versions = new HashMap<>();

    private final List<Long> gone = new ArrayList<>();
    private RealEngine real;
    private Events events;

    @BeforeEach
    void open() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.servers()))) {
            admin.deleteTopics(admin.listTopics().names().get()).all().get();
            await().atMost(RealEngine.LIMIT)
                    .until(() -> admin.listTopics().names().get().isEmpty());
        }
        real = new RealEngine(RealEngine.Options.USUAL
                .log(HISTORY, LIMIT)
                .forgettingTombstonesAtOnce()
                .publishingTo(kafka.servers()));
        events = new Events(real.kind(), kafka.servers());
    }

    @AfterEach
    void close() {
        events.close();
        real.close();
    }

    @Test
    @Tag("A43")
    void inJsonOnlyTheLogIsCutThoughKafkaIsAwayAndABaselineTellsTheRest() {
        changes(10);
        kafka.kill();

        moreThanTheLimit(real.files());

        kafka.start();
        consumersKnowEverything();
    }

    @Test
    @Tag("A43")
    void inDualWriteTheLogIsCutThoughPostgresAndKafkaAreAwayAndBothStartAnew() {
        real.moveTo(Phase.DUAL_WRITE);
        changes(10);
        real.inSync();
        real.relay.refuse();
        kafka.kill();

        moreThanTheLimit(real.files());
        real.crash();

        real.relay.pass();
        real.attached();
        needsBackfill(real.postgres());
        changes(10);
        real.backfill();
        bothEqual();
        kafka.start();
        consumersKnowEverything();
        real.moveTo(Phase.DATABASE_READS);
        changes(10);
        consumersKnowEverything();
    }

    @Test
    @Tag("A43")
    void inDatabaseReadsTheLogIsCutThoughTheJournalAndKafkaAreAwayAndBothStartAnew() {
        real.moveTo(Phase.DATABASE_READS);
        changes(10);
        kafka.kill();
        real.disk.fails = (call, file) -> call == FaultyDisk.Call.APPEND && file.contains("journal");

        moreThanTheLimit(real.postgres());

        real.disk.fails = (call, file) -> false;
        needsBackfill(real.files());
        assertThat(real.files().inSync()).isFalse();
        changes(10);
        real.backfill();
        bothEqual();
        kafka.start();
        consumersKnowEverything();
        real.moveTo(Phase.DUAL_WRITE);
        changes(10);
        consumersKnowEverything();
    }

    @Test
    @Tag("A43")
    void inDatabaseOnlyTheLogIsCutAndTheWayBackIsABackfillInReverse() {
        real.moveTo(Phase.DATABASE_ONLY);
        changes(10);
        kafka.kill();

        moreThanTheLimit(real.postgres());

        kafka.start();
        consumersKnowEverything();
        real.step(Phase.DATABASE_READS);
        needsBackfill(real.files());
        real.backfill();
        bothEqual();
        real.inSync();
        real.moveTo(Phase.JSON_ONLY);
        changes(10);
        consumersKnowEverything();
    }

    @Test
    @Tag("A43")
    void theFollowersOwnLogIsBoundedTooInBothDualPhases() {
        for (Phase phase : List.of(Phase.DUAL_WRITE, Phase.DATABASE_READS)) {
            real.moveTo(phase);
            changes(2 * LIMIT);
            for (LedgerStore store : List.of(real.files(), real.postgres())) {
                await().atMost(RealEngine.LIMIT).until(() -> length(store) <= HISTORY + 1);
            }
            bothEqual();
        }
        consumersKnowEverything();
    }

    @Test
    @Tag("A40")
    void whatWasDeletedAndForgottenInBetweenStaysDeletedInTheNextDualPhase() {
        real.moveTo(Phase.DUAL_WRITE);
        long id = real.created(create(1));
        long stays = real.created(create(2));
        real.inSync();
        assertThat(real.held(StoreName.POSTGRES)).containsKey(id);
        real.moveTo(Phase.JSON_ONLY);
        real.written(delete(id));
        forgotten(real.files(), id);

        real.moveTo(Phase.DUAL_WRITE);

        assertThat(real.held(StoreName.POSTGRES).keySet()).containsExactly(stays);
        real.moveTo(Phase.DATABASE_ONLY);
        assertThat(real.served().keySet()).containsExactly(stays);
        assertThat(real.created(create(3))).isGreaterThan(stays);
    }

    @Test
    @Tag("A40")
    void whatWasDeletedAndForgottenInDatabaseOnlyStaysDeletedOnTheWayBack() {
        real.moveTo(Phase.DATABASE_READS);
        long id = real.created(create(1));
        long stays = real.created(create(2));
        real.moveTo(Phase.DATABASE_ONLY);
        real.written(delete(id));
        forgotten(real.postgres(), id);

        real.moveTo(Phase.JSON_ONLY);

        assertThat(real.served().keySet()).containsExactly(stays);
    }

    @Test
    @Tag("A40")
    void inADualPhaseBothStoresForget() {
        real.moveTo(Phase.DATABASE_READS);
        long id = real.created(create(1));
        real.written(delete(id));

        forgotten(real.postgres(), id);
        forgotten(real.files(), id);
        bothEqual();
        real.crash();
        assertThat(real.find(id)).isNull();
    }

    // ---- in common -----------------------------------------------------------------------------------------------

    private void moreThanTheLimit(LedgerStore log) {
        changes(2 * LIMIT);
        await().atMost(RealEngine.LIMIT).until(() -> length(log) <= LIMIT + LIMIT / 10);
        changes(10);
    }

    private static long length(LedgerStore store) {
        return store.head().await().atMost(RealEngine.LIMIT)
                - store.logFrom().await().atMost(RealEngine.LIMIT);
    }

    /** Creates, changes and a deletion, so many in all. */
    private void changes(int count) {
        long id = real.created(create(count));
        versions.put(id, 1L);
        for (int i = 1; i < count - 2; i++) {
            real.written(modify(id, Field.AMOUNT, 1_000_000L + i));
            versions.merge(id, 1L, Long::sum);
        }
        long deleted = real.created(create(count));
        real.written(delete(deleted));
        gone.add(deleted);
    }

    private static void needsBackfill(LedgerStore store) {
        await().atMost(RealEngine.LIMIT)
                .until(() -> store.standing().await().atMost(RealEngine.LIMIT).followerState()
                        == Standing.FollowerState.NEEDS_BACKFILL);
    }

    private static void forgotten(LedgerStore store, long id) {
        await().atMost(RealEngine.LIMIT.multipliedBy(2)).until(() -> store.states(List.of(id))
                .await()
                .atMost(RealEngine.LIMIT)
                .isEmpty());
    }

    private void bothEqual() {
        await().atMost(RealEngine.LIMIT)
                .untilAsserted(() -> assertThat(live(real.postgres())).isEqualTo(live(real.files())));
        assertThat(live(real.files()).keySet()).isEqualTo(versions.keySet());
    }

    private static Map<Long, EntryState> live(LedgerStore store) {
        Map<Long, EntryState> states = RealEngine.states(store, DataSource.SERVED);
        states.values().removeIf(EntryState::deleted);
        return states;
    }

    /** The last event of every entry tells how it stands; of what is deleted, that it is. */
    private void consumersKnowEverything() {
        await().atMost(RealEngine.LIMIT.multipliedBy(2)).untilAsserted(() -> {
            Map<Long, Long> newest = new HashMap<>();
            Map<Long, Boolean> deleted = new HashMap<>();
            for (Events.Event event : events.all()) {
                long id = Long.parseLong(event.key());
                if (event.version() >= newest.getOrDefault(id, 0L)) {
                    newest.put(id, event.version());
                    deleted.put(id, event.data().path("after").isNull());
                }
            }
            assertThat(newest).containsAllEntriesOf(versions);
            assertThat(gone).filteredOn(newest::containsKey).allMatch(deleted::get);
            assertThat(versions.keySet()).noneMatch(deleted::get);
        });
    }
}
