package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.keyed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.homebudget.ledger.storage.testing.Sample;
import io.homebudget.ledger.storage.testing.Witness;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Single faults at single steps of a phase change, which random histories meet too rarely. */
class PhaseFaultsTest {
    private EngineFixture fixture;

    @BeforeEach
    void open() {
        fixture = new EngineFixture();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    @Tag("A34")
    void aTakeoverNeverLosesAWriteThatIsAcknowledgedMeanwhile() {
        forwardTo(Phase.DATABASE_READS);
        fixture.pingFails = true;
        await().atMost(EngineFixture.LIMIT).until(() -> !fixture.connected());
        CompletableFuture<Void> journal = new CompletableFuture<>();
        fixture.jsonCalls.hold("apply", journal);
        CompletableFuture<WriteOutcome> first = send(create(1));
        CompletableFuture<WriteOutcome> second = send(create(2));

        CompletableFuture<PhaseChange.Done> change = fixture.engine()
                .changePhase(new PhaseChange(Phase.DUAL_WRITE, null, false, "test", "PostgreSQL is lost"))
                .subscribeAsCompletionStage();
        await().atMost(EngineFixture.LIMIT).until(() -> second.isDone() || change.isDone());
        journal.complete(null);

        assertThat(change).succeedsWithin(EngineFixture.LIMIT);
        assertThat(first).succeedsWithin(EngineFixture.LIMIT);
        assertThat(second).succeedsWithin(EngineFixture.LIMIT);
        for (CompletableFuture<WriteOutcome> write : List.of(first, second)) {
            if (write.join() instanceof WriteOutcome.Written written) {
                assertThat(fixture.json.liveEntries())
                        .containsKey(written.set().changes().get(0).entryId());
            }
        }
    }

    @Test
    void aMoveAskedForBeforePostgresIsAttachedWaitsForItAndOneWithoutPostgresIsRefused() {
        fixture.attached();
        fixture.pingFails = true;
        await().atMost(EngineFixture.LIMIT).until(() -> !fixture.connected());
        assertThatThrownBy(() -> fixture.move(Phase.DUAL_WRITE))
                .isInstanceOf(PhaseChangeRefused.class)
                .hasMessageContaining("out of reach");
        CompletableFuture<PhaseChange.Done> move = fixture.engine()
                .changePhase(new PhaseChange(Phase.DUAL_WRITE, null, false, "test", "early"))
                .subscribeAsCompletionStage();

        fixture.pingFails = false;

        assertThat(move).succeedsWithin(EngineFixture.LIMIT);
        assertThat(fixture.engine().state().phase()).isEqualTo(Phase.DUAL_WRITE);
    }

    @Test
    void theSwitchWaitsForAFollowerThatIsNotAtTheHeadYet() {
        forwardTo(Phase.DUAL_WRITE);
        CompletableFuture<Void> slow = new CompletableFuture<>();
        fixture.postgresCalls.hold("apply", slow);
        long id = created(1);

        slow.completeOnTimeout(null, 200, TimeUnit.MILLISECONDS);
        fixture.move(Phase.DATABASE_READS);

        assertThat(fixture.postgres.liveEntries()).containsKey(id);
    }

    @Test
    void oneSlowMomentDoesNotEndAPhaseChangeAndWritersGetThroughBetweenTheAttempts() {
        forwardTo(Phase.DUAL_WRITE);
        CompletableFuture<CompletableFuture<WriteOutcome>> sent = new CompletableFuture<>();
        fixture.postgresCalls.on("prepare", real -> {
            boolean firstAttempt = !sent.isDone();
            if (firstAttempt) {
                sent.complete(send(create(1)));
            }
            return firstAttempt ? Uni.createFrom().nothing() : real;
        });
        CompletableFuture<PhaseChange.Done> change = fixture.engine()
                .changePhase(new PhaseChange(Phase.DATABASE_READS, null, false, "test", "forward"))
                .subscribeAsCompletionStage();

        CompletableFuture<WriteOutcome> held = joined(sent);

        assertThat(held).succeedsWithin(EngineFixture.LIMIT).isInstanceOf(WriteOutcome.Written.class);
        assertThat(change).succeedsWithin(EngineFixture.LIMIT);
        assertThat(fixture.engine().state().phase()).isEqualTo(Phase.DATABASE_READS);
    }

    @Test
    @Tag("A34")
    void aPostgresWhoseLogCanBeReadAgainDoesNotCostTheMarkWhileTheJournalCatchesUp() {
        forwardTo(Phase.DATABASE_READS);
        fixture.postgresCalls.on(
                "log", real -> Uni.createFrom().failure(new StoreAway(StoreName.POSTGRES, "no answer", null)));
        fixture.postgres
                .write(create(1), fixture.engine().state().epoch())
                .await()
                .indefinitely();
        await().atMost(EngineFixture.LIMIT)
                .until(() -> fixture.engine().state().followerState().equals("away"));
        CompletableFuture<Void> slow = new CompletableFuture<>();
        AtomicInteger applying = new AtomicInteger();
        fixture.jsonCalls.on("apply", real -> {
            applying.incrementAndGet();
            return Uni.createFrom().completionStage(slow::copy).chain(() -> real);
        });
        fixture.postgresCalls.clear();

        await().atMost(EngineFixture.LIMIT).until(() -> applying.get() > 0);

        await().during(Duration.ofMillis(300)).atMost(EngineFixture.LIMIT).until(fixture.json::isSet);
        slow.complete(null);
        await().atMost(EngineFixture.LIMIT).until(() -> fixture.engine().state().followerLag() == 0);
        assertThat(fixture.json.isSet()).isTrue();
    }

    @Test
    void aTakeoverThatFailsCanBeRepeatedAndLosesNothing() {
        forwardTo(Phase.DATABASE_READS);
        fixture.pingFails = true;
        await().atMost(EngineFixture.LIMIT).until(() -> !fixture.connected());
        fixture.jsonCalls.on(
                "adopt", real -> Uni.createFrom().failure(new StoreAway(StoreName.JSON, "disk full", null)));
        assertThatThrownBy(() -> fixture.move(Phase.DUAL_WRITE)).isInstanceOf(PhaseChangeRefused.class);
        fixture.jsonCalls.clear();

        fixture.pingFails = false;
        await().atMost(EngineFixture.LIMIT).until(fixture::connected);

        long id = created(1);
        await().atMost(EngineFixture.LIMIT)
                .untilAsserted(() -> assertThat(fixture.json.liveEntries()).containsKey(id));
        await().atMost(EngineFixture.LIMIT).until(() -> fixture.engine().state().inSync());
    }

    @Test
    void jsonServesAtOnceWhenPostgresDiesRightAfterItsDecisionToStepBack() {
        forwardTo(Phase.DATABASE_READS);
        AtomicInteger decisions = new AtomicInteger();
        fixture.postgresCalls.on(
                "decide",
                real -> real.invoke(() -> {
                    decisions.incrementAndGet();
                    fixture.postgres.away(true);
                }));

        fixture.move(Phase.DUAL_WRITE);

        assertThat(decisions).hasValue(1);
        assertThat(send(create(1))).succeedsWithin(EngineFixture.LIMIT).isInstanceOf(WriteOutcome.Written.class);
        fixture.postgres.away(false);
        await().atMost(EngineFixture.LIMIT)
                .untilAsserted(() -> assertThat(fixture.postgres.liveEntries()).isEqualTo(fixture.json.liveEntries()));
    }

    @Test
    @Tag("A34")
    void reachingDatabaseReadsWithoutPostgresKnowingLeavesTheWayBackOpen() {
        forwardTo(Phase.DUAL_WRITE);
        long id = created(1);
        await().atMost(EngineFixture.LIMIT).until(() -> fixture.engine().state().followerLag() == 0);
        fixture.jsonCalls.on("decide", real -> real.invoke(() -> fixture.postgres.away(true)));
        fixture.move(Phase.DATABASE_READS);

        assertThat(fixture.engine()
                        .ledger()
                        .find(id)
                        .await()
                        .atMost(EngineFixture.LIMIT)
                        .value())
                .isNotNull();
        fixture.move(Phase.DUAL_WRITE);

        assertThat(send(create(2))).succeedsWithin(EngineFixture.LIMIT).isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    @Tag("A34")
    void aPostgresThatFallsSilentBetweenTwoWritesDoesNotCostTheMark() {
        forwardTo(Phase.DATABASE_READS);
        await().atMost(EngineFixture.LIMIT).until(fixture.json::isSet);
        long epoch = fixture.engine().state().epoch();
        fixture.postgresCalls.hold("log", new CompletableFuture<>());
        // committed, and its answer is lost: the journal can have the next one only after PostgreSQL has told of this
        // one
        fixture.postgres.write(create(1), epoch).await().atMost(EngineFixture.LIMIT);

        CompletableFuture<WriteOutcome> next = send(create(2));

        assertThat(next).succeedsWithin(EngineFixture.LIMIT).isInstanceOf(WriteOutcome.Unknown.class);
        assertThat(fixture.json.isSet()).isTrue();
        fixture.postgres.away(true);
        fixture.move(Phase.DUAL_WRITE);
        assertThat(send(create(3))).succeedsWithin(EngineFixture.LIMIT).isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    void anAbandonedStepToDatabaseOnlyLeavesJsonInSync() {
        forwardTo(Phase.DATABASE_READS);
        fixture.postgresCalls.on(
                "decide", real -> Uni.createFrom().failure(new StoreAway(StoreName.POSTGRES, "timeout", null)));
        assertThatThrownBy(() -> fixture.move(Phase.DATABASE_ONLY)).isInstanceOf(PhaseChangeRefused.class);
        fixture.postgresCalls.clear();

        await().atMost(EngineFixture.LIMIT)
                .until(() -> fixture.engine().state().inSync()
                        && fixture.engine().state().rollbackReady());
        assertThat(fixture.engine().state().phase()).isEqualTo(Phase.DATABASE_READS);
        assertThat(send(create(1))).succeedsWithin(EngineFixture.LIMIT).isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    void aPostgresThatHangsDuringTheWayBackIsLeftBehindWithinFiveSeconds() {
        forwardTo(Phase.DATABASE_READS);
        CompletableFuture<Void> never = new CompletableFuture<>();
        fixture.postgresCalls.on("decide", real -> {
            fixture.postgresCalls.hold("standing", never);
            return Uni.createFrom().failure(new StoreAway(StoreName.POSTGRES, "no answer", null));
        });
        try (Witness witness = new Witness()) {
            Witness.Span back = witness.begin();

            PhaseChange.Done done = fixture.move(Phase.DUAL_WRITE);

            assertThat(back.elapsed()).isLessThan(Duration.ofSeconds(5));
            assertThat(done.phase()).isEqualTo(Phase.DUAL_WRITE);
        }
        assertThat(send(create(1))).succeedsWithin(EngineFixture.LIMIT).isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    @Tag("A35")
    void orphansAreFoundAlsoWhenJsonWentOnToJsonOnlyBeforePostgresReturned() {
        forwardTo(Phase.DATABASE_READS);
        fixture.jsonCalls.on(
                "apply", real -> Uni.createFrom().failure(new StoreAway(StoreName.JSON, "disk full", null)));
        Intent create = new Intent.Create(Sample.draft(7));
        send(keyed(create, "lost", 1)).join();
        fixture.postgres.away(true);
        await().atMost(EngineFixture.LIMIT).until(() -> !fixture.connected());
        fixture.jsonCalls.clear();
        fixture.engine()
                .changePhase(new PhaseChange(Phase.DUAL_WRITE, null, true, "test", "lost"))
                .await()
                .atMost(EngineFixture.LIMIT);
        for (int i = 0; i < 5; i++) {
            created(i);
        }
        fixture.move(Phase.JSON_ONLY);

        fixture.postgres.away(false);
        await().atMost(EngineFixture.LIMIT).until(fixture::connected);

        assertThat(fixture.engine().state().orphans()).isEqualTo(1);
    }

    @Test
    @Tag("A36")
    void writersHeldByADecisionThatHangsAreToldThatNothingWasWrittenAndGoOnWhenItsOutcomeIsKnown() {
        forwardTo(Phase.DUAL_WRITE);
        CompletableFuture<Void> disk = new CompletableFuture<>();
        CompletableFuture<CompletableFuture<WriteOutcome>> sent = sentWhenDeciding(disk);
        CompletableFuture<PhaseChange.Done> change = fixture.engine()
                .changePhase(new PhaseChange(Phase.JSON_ONLY, null, false, "test", "back"))
                .subscribeAsCompletionStage();

        CompletableFuture<WriteOutcome> held = joined(sent);

        assertThat(held).succeedsWithin(EngineFixture.LIMIT).isInstanceOf(WriteOutcome.NotWritten.class);
        assertThat(change).failsWithin(EngineFixture.LIMIT);
        fixture.postgres.away(true);
        disk.complete(null);
        await().atMost(EngineFixture.LIMIT).until(() -> send(create(2)).join() instanceof WriteOutcome.Written);
        assertThat(fixture.engine().state().phase()).isEqualTo(Phase.JSON_ONLY);
    }

    @Test
    void aFollowerThatHangsWhenItShouldLearnADecisionHoldsNoWriterUp() {
        forwardTo(Phase.JSON_ONLY);
        await().atMost(EngineFixture.LIMIT).until(fixture::connected);
        CompletableFuture<Void> never = new CompletableFuture<>();
        fixture.postgresCalls.hold("adopt", never);

        PhaseChange.Done done = fixture.move(Phase.DUAL_WRITE);

        assertThat(done.warning()).isNotNull();
        assertThat(send(create(1))).succeedsWithin(EngineFixture.LIMIT).isInstanceOf(WriteOutcome.Written.class);
        never.complete(null);
    }

    @Test
    void writersHeldWhenTheEngineClosesAreAnswered() {
        forwardTo(Phase.DUAL_WRITE);
        CompletableFuture<Void> never = new CompletableFuture<>();
        CompletableFuture<CompletableFuture<WriteOutcome>> sent = sentWhenDeciding(never);
        fixture.engine()
                .changePhase(new PhaseChange(Phase.JSON_ONLY, null, false, "test", "back"))
                .subscribeAsCompletionStage();
        CompletableFuture<WriteOutcome> held = joined(sent);

        fixture.engine().close();

        assertThat(held).succeedsWithin(EngineFixture.LIMIT).isInstanceOf(WriteOutcome.NotWritten.class);
    }

    @Test
    void aBackfillDoesNotBeginWhileThePhaseChanges() {
        forwardTo(Phase.DUAL_WRITE);
        AtomicReference<Throwable> meanwhile = new AtomicReference<>();
        fixture.jsonCalls.on("decide", real -> {
            meanwhile.set(catchThrowable(fixture.engine()::startBackfill));
            return real;
        });

        fixture.move(Phase.JSON_ONLY);

        assertThat(meanwhile.get()).isInstanceOf(PhaseChangeRefused.class);
    }

    @Test
    @Tag("A43")
    void aFollowerThatLostItsPlaceDoesNotBecomePrimary() {
        forwardTo(Phase.DUAL_WRITE);
        fixture.postgres.away(true);
        long lost = created(1);
        fixture.json.cutLog(fixture.json.head().await().indefinitely()).await().indefinitely();
        fixture.postgres.away(false);

        assertThatThrownBy(() -> fixture.move(Phase.DATABASE_READS)).isInstanceOf(PhaseChangeRefused.class);

        await().atMost(EngineFixture.LIMIT)
                .until(() -> fixture.engine().state().followerState().equals("needs_backfill"));
        assertThatThrownBy(() -> fixture.move(Phase.DATABASE_READS)).isInstanceOf(PhaseChangeRefused.class);
        fixture.engine().startBackfill();
        await().atMost(EngineFixture.LIMIT)
                .until(() -> fixture.engine().backfill().state().equals("succeeded"));
        fixture.move(Phase.DATABASE_READS);
        assertThat(fixture.postgres.liveEntries()).containsKey(lost);
    }

    @Test
    void aStoreThatThrowsLeavesNoWriterInside() {
        fixture.jsonCalls.on("write", real -> {
            throw new IllegalStateException("thrown instead of answered");
        });
        assertThat(send(create(1))).succeedsWithin(EngineFixture.LIMIT).isInstanceOf(WriteOutcome.Unknown.class);
        fixture.jsonCalls.clear();
        await().atMost(EngineFixture.LIMIT).until(fixture::connected);

        assertThat(fixture.move(Phase.DUAL_WRITE).phase()).isEqualTo(Phase.DUAL_WRITE);
    }

    @Test
    void aFollowerThatIsAwayIsNotAskedAnewByEveryWrite() {
        forwardTo(Phase.DUAL_WRITE);
        AtomicInteger asked = new AtomicInteger();
        fixture.postgresCalls.on("apply", real -> {
            asked.incrementAndGet();
            return Uni.createFrom().failure(new StoreAway(StoreName.POSTGRES, "refused", null));
        });

        for (int i = 0; i < 500; i++) {
            created(i);
        }

        assertThat(asked).hasValueLessThan(50);
        fixture.postgresCalls.clear();
        await().atMost(EngineFixture.LIMIT)
                .untilAsserted(() -> assertThat(fixture.postgres.liveEntries()).hasSize(500));
    }

    // ---- in common -----------------------------------------------------------------------------------------------

    private void forwardTo(Phase target) {
        while (fixture.engine().state().phase() != target) {
            fixture.forward();
        }
        if (target == Phase.DATABASE_READS) {
            await().atMost(EngineFixture.LIMIT)
                    .until(() -> fixture.engine().state().inSync());
        }
    }

    /** What is sent at the moment at which the decision is asked for, so that it is held; the decision waits for the future. */
    private CompletableFuture<CompletableFuture<WriteOutcome>> sentWhenDeciding(CompletableFuture<Void> until) {
        CompletableFuture<CompletableFuture<WriteOutcome>> sent = new CompletableFuture<>();
        fixture.jsonCalls.on("decide", real -> {
            sent.complete(send(create(1)));
            return Uni.createFrom().completionStage(until::copy).chain(() -> real);
        });
        return sent;
    }

    private static <T> T joined(CompletableFuture<T> future) {
        assertThat(future).succeedsWithin(EngineFixture.LIMIT);
        return future.join();
    }

    private CompletableFuture<WriteOutcome> send(WriteRequest request) {
        return fixture.engine().ledger().write(request).subscribeAsCompletionStage();
    }

    private long created(int nth) {
        WriteOutcome outcome = send(create(nth)).join();
        assertThat(outcome).isInstanceOf(WriteOutcome.Written.class);
        return ((WriteOutcome.Written) outcome).set().changes().get(0).entryId();
    }
}
