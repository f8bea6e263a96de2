package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.bulkDelete;
import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.delete;
import static io.homebudget.ledger.storage.testing.Sample.modify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.homebudget.ledger.storage.testing.Witness;
import io.smallrye.mutiny.subscription.Cancellable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many clients at once, in every phase and while phases change. */
class EngineConcurrencyIT {
    private RealEngine real;

    @BeforeEach
    void open() {
        real = new RealEngine();
    }

    @AfterEach
    void close() {
        real.close();
    }

    @Test
    @Tag("A5")
    void parallelWritersOfDifferentEntriesAndOfOneLeaveVersionsWithoutGapsInEveryPhase() {
        for (Phase phase : Phase.values()) {
            real.moveTo(phase);
            List<Long> ids = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                ids.add(real.created(create(i)));
            }
            long one = real.created(create(0));
            List<CompletableFuture<WriteOutcome>> all = new ArrayList<>();
            ids.forEach(id -> all.add(send(modify(id, Field.AMOUNT, 50_000_000L + id))));
            for (int i = 0; i < 20; i++) {
                all.add(send(modify(one, Field.NOTES, "writer " + i)));
            }

            assertThat(all).allSatisfy(write -> assertThat(write)
                    .succeedsWithin(RealEngine.LIMIT)
                    .isInstanceOf(WriteOutcome.Written.class));

            ids.forEach(id -> assertThat(real.find(id).version()).isEqualTo(2));
            assertThat(ids).allMatch(id -> real.find(id).entry().cents() == 50_000_000L + id);
            assertThat(real.find(one).version()).isEqualTo(21);
            assertThat(all.subList(100, 120).stream().map(write -> version(write.join())))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void noWriteFailsOrWaitsForASecondWhileThePhasesChangeForwardsAndBack() throws Exception {
        real.moveTo(Phase.DUAL_WRITE);
        Map<Long, String> acknowledged = new ConcurrentHashMap<>();
        List<Long> held = new ArrayList<>();
        List<String> failures;
        long longest;
        try (Witness witness = new Witness();
                Load load = Load.endless(real, 10, acknowledged)) {
            for (Phase next : List.of(
                    Phase.DATABASE_READS,
                    Phase.DATABASE_ONLY,
                    Phase.DATABASE_READS,
                    Phase.DUAL_WRITE,
                    Phase.JSON_ONLY)) {
                Witness.Span moving = witness.begin();
                real.step(next)
                        .forEach(done ->
                                held.add(done.heldMillis() - moving.stood().toMillis()));
            }
            failures = load.end();
            longest = load.longestMillis();
        }

        assertThat(failures).isEmpty();
        assertThat(held).hasSize(5).allMatch(millis -> millis < 1_000);
        assertThat(longest).isLessThan(2_000);
        assertThat(real.served().keySet()).isEqualTo(acknowledged.keySet());
    }

    @Test
    @Tag("A31")
    void writesWhoseClientsHangUpAreWholeOrAbsentInBothStores() {
        real.moveTo(Phase.DATABASE_READS);
        Random random = new Random(31);
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            ids.add(real.created(create(i)));
        }
        List<Cancellable> calls = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            long id = ids.get(random.nextInt(ids.size()));
            var request =
                    switch (random.nextInt(4)) {
                        case 0 -> delete(id);
                        case 1 -> bulkDelete(id, ids.get(random.nextInt(ids.size())));
                        case 2 -> create(i);
                        default -> modify(id, Field.NOTES, "hung up " + i);
                    };
            calls.add(real.send(request).subscribe().with(done -> {}, failure -> {}));
            if (random.nextBoolean()) {
                calls.remove(random.nextInt(calls.size())).cancel();
            }
        }
        calls.forEach(Cancellable::cancel);

        await().atMost(RealEngine.LIMIT)
                .untilAsserted(() -> assertThat(RealEngine.states(real.postgres(), DataSource.SERVED))
                        .isEqualTo(RealEngine.states(real.files(), DataSource.SERVED)));
        real.inSync();
        assertThat(RealEngine.states(real.files(), DataSource.SERVED).values()).allMatch(state -> state.intact());
        await().atMost(RealEngine.LIMIT).until(() -> real.query(
                        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'")
                .isEmpty());
        try (Witness witness = new Witness()) {
            Witness.Span moving = witness.begin();
            assertThat(real.step(Phase.DATABASE_ONLY)).singleElement().satisfies(done -> assertThat(
                            done.heldMillis() - moving.stood().toMillis())
                    .isLessThan(1_000));
        }
    }

    @Test
    @Tag("A17")
    @Tag("A18")
    void aBackfillUnderUpdatesAndDeletesBringsNothingBackAndOverwritesNothingNewer() throws Exception {
        List<CompletableFuture<WriteOutcome>> first = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            first.add(send(create(i)));
        }
        List<Long> ids = first.stream().map(write -> entry(write.join())).toList();
        real.attached();
        real.step(Phase.DUAL_WRITE);
        real.engine().startBackfill();
        Random random = new Random(17);
        List<CompletableFuture<WriteOutcome>> meanwhile = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            long id = ids.get(random.nextInt(ids.size()));
            meanwhile.add(send(random.nextInt(3) == 0 ? delete(id) : modify(id, Field.NOTES, "newer " + i)));
        }
        meanwhile.forEach(CompletableFuture::join);
        await().atMost(RealEngine.LIMIT)
                .until(() -> !real.engine().backfill().state().equals("running"));

        assertThat(real.engine().backfill().state()).isEqualTo("succeeded");
        await().atMost(RealEngine.LIMIT)
                .untilAsserted(() -> assertThat(RealEngine.states(real.postgres(), DataSource.SERVED))
                        .isEqualTo(RealEngine.states(real.files(), DataSource.SERVED)));
    }

    @Test
    @Tag("A43")
    void aFollowerWhoseLogWasCutNeedsABackfillAndWritesGoOn() {
        real.moveTo(Phase.DUAL_WRITE);
        real.relay.refuse();
        for (int i = 0; i < 50; i++) {
            real.created(create(i));
        }
        real.files()
                .cutLog(real.files().head().await().atMost(RealEngine.LIMIT))
                .await()
                .atMost(RealEngine.LIMIT);
        real.relay.pass();
        await().atMost(RealEngine.LIMIT)
                .until(() -> real.state().followerState().equals("needs_backfill"));
        real.created(create(51));

        real.backfill();

        real.inSync();
        await().atMost(RealEngine.LIMIT)
                .until(() -> real.state().followerState().equals("following"));
        assertThat(RealEngine.states(real.postgres(), DataSource.SERVED))
                .isEqualTo(RealEngine.states(real.files(), DataSource.SERVED));
    }

    private CompletableFuture<WriteOutcome> send(WriteRequest request) {
        return real.send(request).subscribeAsCompletionStage();
    }

    private static long version(WriteOutcome outcome) {
        return ((WriteOutcome.Written) outcome).set().changes().get(0).version();
    }

    private static long entry(WriteOutcome outcome) {
        return ((WriteOutcome.Written) outcome).set().changes().get(0).entryId();
    }
}
