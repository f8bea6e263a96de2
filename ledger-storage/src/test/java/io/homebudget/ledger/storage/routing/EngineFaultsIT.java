package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.delete;
import static io.homebudget.ledger.storage.testing.Sample.keyed;
import static io.homebudget.ledger.storage.testing.Sample.modify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.json.FaultyDisk;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.testing.Sample;
import io.homebudget.ledger.storage.testing.Witness;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Faults between the engine and its stores: lost answers, a PostgreSQL that is away or hangs, a disk that fails. */
class EngineFaultsIT {
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
    @Tag("A7")
    void whatAnAbsentFollowerMissedIsKnownAndAppliedAfterwardsAlsoOverARestart() {
        long old = real.created(create(0));
        real.moveTo(Phase.DUAL_WRITE);
        real.relay.refuse();
        for (int i = 0; i < 200; i++) {
            real.created(create(i));
        }
        real.written(modify(old, Field.AMOUNT, 7L));
        await().atMost(RealEngine.LIMIT).until(() -> real.state().followerLag() == 201);
        assertThat(real.state().oldestPendingSeconds()).isPositive();

        real.crash();
        real.written(delete(old));
        real.relay.pass();

        real.attached();
        await().atMost(RealEngine.LIMIT)
                .untilAsserted(() -> assertThat(RealEngine.states(real.postgres(), DataSource.SERVED))
                        .isEqualTo(RealEngine.states(real.files(), DataSource.SERVED)));
    }

    @Test
    @Tag("A9")
    void aRetryAfterALostAnswerFindsOneEntryAndOneChange() {
        for (Phase phase : new Phase[] {Phase.DATABASE_READS, Phase.DATABASE_ONLY}) {
            real.moveTo(phase);
            String marker = "the answer to this is lost in " + phase;
            Entry draft = Sample.draft(1);
            Intent create = new Intent.Create(
                    new Entry(0, draft.date(), null, "food", draft.cents(), draft.account(), draft.currency(), marker));
            CompletableFuture<Void> lost = real.relay.loseAnswerTo(marker);

            WriteOutcome first = real.write(keyed(create, "key " + phase, 1));
            assertThat(lost).succeedsWithin(RealEngine.LIMIT);
            assertThat(first).isInstanceOf(WriteOutcome.Unknown.class);
            await().atMost(RealEngine.LIMIT)
                    .until(() -> real.write(keyed(create, "key " + phase, 1)) instanceof WriteOutcome.Written written
                            && written.repeated());

            assertThat(real.served().values())
                    .filteredOn(held -> marker.equals(held.entry().notes()))
                    .hasSize(1);
            assertThat(real.query("SELECT change_id FROM expense.change_log WHERE after::text LIKE '%" + marker + "%'"))
                    .hasSize(1);
            real.inSync();
            if (phase.dual()) {
                assertThat(real.held(StoreName.JSON)).isEqualTo(real.held(StoreName.POSTGRES));
            }
        }
    }

    @Test
    @Tag("A34")
    void whatWasAcknowledgedIsInJsonWhenPostgresDiesAndJsonTakesOver() {
        real.moveTo(Phase.DATABASE_READS);
        Map<Long, String> acknowledged = new ConcurrentHashMap<>();
        try (Witness witness = new Witness();
                Load load = Load.endless(real, 8, acknowledged)) {
            await().atMost(RealEngine.LIMIT)
                    .until(() -> acknowledged.size() > 200 && real.files().inSync());
            real.relay.refuse();
            Witness.Span takeover = witness.begin();

            PhaseChange.Done done = real.move(Phase.DUAL_WRITE);

            assertThat(takeover.elapsed()).isLessThan(Duration.ofSeconds(5));
            assertThat(done.warning()).isNull();
            load.end();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(real.held(StoreName.JSON).keySet()).containsAll(acknowledged.keySet());
        real.relay.pass();
        bothEqual();
    }

    @Test
    @Tag("A34")
    void whilePostgresIsAwayReadsGoOnFromJsonAndTheWayBackStaysOpenWithoutLoss() {
        real.moveTo(Phase.DATABASE_READS);
        long id = real.created(create(1));
        real.inSync();
        real.relay.refuse();
        real.detached();
        await().during(Duration.ofSeconds(2)).atMost(RealEngine.LIMIT).until(() -> real.files()
                .inSync());

        assertThat(real.find(id)).isNotNull();
        assertThat(real.write(create(2))).isInstanceOf(WriteOutcome.NotWritten.class);
        assertThat(real.state().rollbackReady()).isTrue();
        assertThat(real.move(Phase.DUAL_WRITE).warning()).isNull();

        real.created(create(3));
        real.relay.pass();
        bothEqual();
    }

    @Test
    @Tag("A34")
    void anUnwritableJournalClearsTheMarkBeforeTheFirstAcknowledgementWithoutIt() {
        real.moveTo(Phase.DATABASE_READS);
        real.disk.fails = (call, file) -> call == FaultyDisk.Call.APPEND && file.contains("journal");

        long id = real.created(create(1));

        assertThat(real.files().inSync()).isFalse();
        assertThat(real.held(StoreName.POSTGRES)).containsKey(id);
        real.relay.refuse();
        real.detached();
        assertThatThrownBy(() -> real.move(Phase.DUAL_WRITE))
                .isInstanceOfSatisfying(
                        PhaseChangeRefused.class,
                        refused -> assertThat(refused.refusal().error()).isEqualTo(LedgerError.CONSENT_MISSING));
        real.relay.pass();
        real.disk.fails = (call, file) -> false;
        real.attached();
        bothEqual();
        assertThat(real.files().inSync()).isTrue();
    }

    @Test
    @Tag("A34")
    void nothingIsAcknowledgedWhenNeitherJournalNorMarkCanBeWritten() {
        real.moveTo(Phase.DATABASE_READS);
        long id = real.created(create(1));
        real.disk.fails = (call, file) ->
                call == FaultyDisk.Call.APPEND || call == FaultyDisk.Call.OVERWRITE || call == FaultyDisk.Call.FORCE;

        WriteOutcome outcome = real.write(delete(id));

        assertThat(outcome).isInstanceOf(WriteOutcome.Unknown.class);
        real.disk.fails = (call, file) -> false;
        bothEqual();
    }

    @Test
    @Tag("A35")
    void ofTwoChangesAtOneVersionTheAcknowledgedOneStaysAndTheOtherIsAnOrphan() {
        real.moveTo(Phase.DATABASE_READS);
        long id = real.created(create(1));
        real.disk.fails = (call, file) ->
                call == FaultyDisk.Call.APPEND || call == FaultyDisk.Call.OVERWRITE || call == FaultyDisk.Call.FORCE;
        assertThat(real.write(modify(id, Field.NOTES, "in doubt"))).isInstanceOf(WriteOutcome.Unknown.class);
        real.relay.refuse();
        real.detached();
        real.disk.fails = (call, file) -> false;
        real.crash();
        real.move(Phase.DUAL_WRITE, true);
        real.written(modify(id, Field.NOTES, "acknowledged"));

        real.relay.pass();
        real.attached();

        bothEqual();
        assertThat(real.find(id).entry().notes()).isEqualTo("acknowledged");
        assertThat(real.held(StoreName.POSTGRES).get(id).entry().notes()).isEqualTo("acknowledged");
        assertThat(real.query("SELECT entry_id FROM expense.orphans")).containsExactly(Long.toString(id));
    }

    @Test
    @Tag("A36")
    void onePhaseRulesAfterADecisionWithoutAnAnswerAndNobodyWroteMeanwhile() {
        real.moveTo(Phase.DATABASE_READS);
        // of the statements before it, this lock is the decision's alone
        CompletableFuture<Void> lost = real.relay.loseAnswerAfter("SHARE ROW EXCLUSIVE", "COMMIT");
        CompletableFuture<Void> refusing = lost.thenRun(real.relay::refuse);

        assertThatThrownBy(() -> real.move(Phase.DATABASE_ONLY))
                .isInstanceOfSatisfying(
                        PhaseChangeRefused.class,
                        refused -> assertThat(refused.refusal().error()).isEqualTo(LedgerError.OUTCOME_UNKNOWN));
        assertThat(refusing).isCompleted();
        real.detached();
        assertThat(real.write(create(1))).isInstanceOf(WriteOutcome.NotWritten.class);
        real.crash();
        assertThat(real.write(create(1))).isInstanceOf(WriteOutcome.NotWritten.class);

        real.relay.pass();
        real.attached();

        assertThat(real.phase()).as("the decision was committed").isEqualTo(Phase.DATABASE_ONLY);
        assertThat(real.query("SELECT decided_phase FROM expense.ledger_state"))
                .containsExactly(real.phase().name());
        assertThat(real.created(create(1))).isPositive();
        real.inSync();
    }

    @Test
    @Tag("A37")
    void digestsShowWhichSideIsDamagedAlsoWhenItIsThePrimary() {
        real.moveTo(Phase.DATABASE_READS);
        long id = real.created(create(1));
        real.inSync();

        real.execute("UPDATE expense.expenses SET amount = amount + 1 WHERE id = " + id);

        EntryState primary =
                RealEngine.states(real.postgres(), DataSource.SERVED).get(id);
        EntryState follower = RealEngine.states(real.files(), DataSource.SERVED).get(id);
        assertThat(primary.version()).isEqualTo(follower.version());
        assertThat(primary.intact()).isFalse();
        assertThat(follower.intact()).isTrue();
        assertThat(follower.actual()).isEqualTo(primary.recorded());
    }

    @Test
    void aPostgresThatHangsIsNoticedAndLeftWithinFiveSeconds() {
        real.restartWithLimitsOfAService();
        real.moveTo(Phase.DATABASE_READS);
        long id = real.created(create(1));
        real.inSync();
        try (Witness witness = new Witness()) {
            real.relay.freeze();
            Witness.Span hangs = witness.begin();
            WriteOutcome hanging = real.write(create(2));
            assertThat(hanging).isNotInstanceOf(WriteOutcome.Written.class);
            assertThat(hangs.elapsed()).isLessThan(Duration.ofMillis(2_100));

            Witness.Span leaves = witness.begin();
            real.move(Phase.DUAL_WRITE);

            assertThat(leaves.elapsed()).isLessThan(Duration.ofSeconds(5));
        }
        assertThat(real.find(id)).isNotNull();
        real.created(create(3));
        real.relay.pass();
        bothEqual();
    }

    @Test
    void readsInFlightWhenPostgresFreezesAreAnsweredFromJsonWithinTwoSeconds() {
        real.restartWithLimitsOfAService();
        real.moveTo(Phase.DATABASE_READS);
        long id = real.created(create(1));
        real.inSync();
        try (Witness witness = new Witness()) {
            real.relay.freeze();
            Witness.Span reads = witness.begin();

            var found = real.engine().ledger().find(id).subscribeAsCompletionStage();
            var listed = real.engine().ledger().list(Listing.ALL).subscribeAsCompletionStage();

            assertThat(found).succeedsWithin(RealEngine.LIMIT).satisfies(served -> {
                assertThat(served.byFollower()).isTrue();
                assertThat(served.value().entry().id()).isEqualTo(id);
            });
            assertThat(listed).succeedsWithin(RealEngine.LIMIT).satisfies(served -> assertThat(
                            served.value().collect().asList().await().atMost(RealEngine.LIMIT))
                    .hasSize(1));
            assertThat(reads.elapsed()).isLessThan(Duration.ofMillis(2_100));
        }
        real.relay.pass();
        bothEqual();
    }

    private void bothEqual() {
        real.attached();
        await().atMost(RealEngine.LIMIT)
                .untilAsserted(() -> assertThat(RealEngine.states(real.postgres(), DataSource.SERVED))
                        .isEqualTo(RealEngine.states(real.files(), DataSource.SERVED)));
        real.inSync();
    }
}
