package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.delete;
import static io.homebudget.ledger.storage.testing.Sample.modify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.WriteOutcome;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Phases forwards and back over real files and a real PostgreSQL. */
class EngineMovesIT {
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
    @Tag("A1")
    void createsGoOnAfterTheSwitchFromADualPhase() {
        real.moveTo(Phase.DUAL_WRITE);
        for (int i = 0; i < 50; i++) {
            assertThat(real.created(create(i))).isEqualTo(i + 1);
        }
        real.moveTo(Phase.DATABASE_ONLY);

        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            ids.add(real.created(create(i)));
        }

        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id > 50);
        assertThat(real.served()).hasSize(100);
    }

    @Test
    @Tag("A2")
    void aDeletedIdIsNeverGivenAgainAcrossPhases() {
        long highest = 0;
        for (int i = 0; i < 5; i++) {
            highest = real.created(create(i));
        }
        real.written(delete(highest));
        for (Phase phase : List.of(Phase.DUAL_WRITE, Phase.DATABASE_READS, Phase.DATABASE_ONLY)) {
            real.moveTo(phase);
            long next = real.created(create(9));
            assertThat(next).as("in %s", phase).isGreaterThan(highest);
            real.written(delete(next));
            highest = next;
        }
        real.moveTo(Phase.JSON_ONLY);
        assertThat(real.created(create(9))).isGreaterThan(highest);
    }

    @Test
    @Tag("A8")
    void anEntryFromBeforeTheDualPhaseCanBePatchedBeforeTheBackfill() {
        long old = real.created(create(1));
        real.attached();
        real.step(Phase.DUAL_WRITE);

        real.written(modify(old, Field.AMOUNT, 4_711L));
        real.backfill();

        real.inSync();
        assertThat(real.held(StoreName.POSTGRES)).isEqualTo(real.held(StoreName.JSON));
        assertThat(real.held(StoreName.POSTGRES).get(old).entry().cents()).isEqualTo(4_711);
    }

    @Test
    @Tag("A15")
    void onlyNeighboursCanBeReachedByATableOfAllPairs() {
        for (Phase from : Phase.values()) {
            real.moveTo(from);
            real.attached();
            for (Phase target : Phase.values()) {
                if (Math.abs(from.ordinal() - target.ordinal()) == 1) {
                    continue;
                }
                long epoch = real.state().epoch();
                assertThatThrownBy(() -> real.move(target))
                        .as("%s to %s", from, target)
                        .isInstanceOfSatisfying(
                                PhaseChangeRefused.class,
                                refused -> assertThat(refused.refusal().error()).isEqualTo(LedgerError.CONFLICT));
                assertThat(real.state().epoch()).isEqualTo(epoch);
                assertThat(real.phase()).isEqualTo(from);
            }
        }
    }

    @Test
    @Tag("A16")
    void whatWasWrittenInDatabaseOnlyIsInTheFileAfterTheWayBackUnderLoad() throws Exception {
        real.moveTo(Phase.DATABASE_ONLY);
        Map<Long, String> acknowledged = new ConcurrentHashMap<>();
        Load.of(real, 50, 10_000, acknowledged).join();
        assertThat(acknowledged).hasSize(10_000);
        List<String> failures;
        try (Load load = Load.endless(real, 8, acknowledged)) {
            real.moveTo(Phase.JSON_ONLY);
            failures = load.end();
        }

        assertThat(failures).isEmpty();
        assertThat(acknowledged).hasSizeGreaterThan(10_000);
        real.files().checkpoint().await().atMost(RealEngine.LIMIT);
        String array = Files.readString(real.folder().resolve("expenses.json"));
        assertThat(acknowledged.values()).allMatch(notes -> array.contains("\"" + notes + "\""));
        assertThat(RealEngine.states(real.files(), DataSource.DISK).keySet()).containsAll(acknowledged.keySet());
    }

    @Test
    @Tag("A40")
    void whatWasDeletedBetweenTwoDualPhasesStaysDeleted() {
        long gone = real.created(create(1));
        long stays = real.created(create(2));
        real.moveTo(Phase.DUAL_WRITE);
        real.moveTo(Phase.JSON_ONLY);
        real.written(delete(gone));
        real.files()
                .cutLog(real.files().head().await().atMost(RealEngine.LIMIT))
                .await()
                .atMost(RealEngine.LIMIT);

        real.moveTo(Phase.DUAL_WRITE);

        assertThat(real.held(StoreName.POSTGRES)).containsOnlyKeys(stays).isEqualTo(real.held(StoreName.JSON));
    }

    @Test
    @Tag("A44")
    void anEmptyFolderIsRefusedByADatabaseThatKnowsAnotherOne() {
        real.created(create(1));
        real.moveTo(Phase.DATABASE_ONLY);

        real.loseFolder(NewStore.SERVES_AT_ONCE);

        awaitRefusalOfTheFolder();
        assertThat(real.state().phase()).isNull();
        assertThatThrownBy(real::served).hasMessageContaining("belongs to the JSON store");
        assertThat(real.write(create(2))).isInstanceOf(WriteOutcome.NotWritten.class);
    }

    /** The database tells whose it is. */
    private void awaitRefusalOfTheFolder() {
        await().atMost(RealEngine.LIMIT).until(() -> real.state().notices().stream()
                .anyMatch(notice -> notice.contains("belongs to the JSON store")));
    }

    @Test
    @Tag("A44")
    void anEmptyFolderThatWasRefusedDoesNotBeginALedgerOfItsOwnWhenItsWaitIsOver() {
        real.created(create(1));
        real.moveTo(Phase.DATABASE_READS);
        Duration wait = Duration.ofSeconds(2);

        real.loseFolder(NewStore.servesAfter(wait));

        awaitRefusalOfTheFolder();
        await().during(wait.plusSeconds(1))
                .atMost(RealEngine.LIMIT)
                .until(() -> real.state().phase() == null && real.write(create(2)) instanceof WriteOutcome.NotWritten);
    }

    @Test
    @Tag("A44")
    void anEmptyFolderWaitsForADatabaseThatIsThereAndSlow() {
        real.created(create(1));
        real.moveTo(Phase.DATABASE_READS);
        Duration wait = Duration.ofSeconds(1);
        real.relay.freeze();

        real.loseFolder(NewStore.servesAfter(wait));

        await().during(wait.plusSeconds(3))
                .atMost(RealEngine.LIMIT)
                .until(() -> real.state().phase() == null);
        real.relay.pass();
        awaitRefusalOfTheFolder();
        assertThat(real.state().phase()).isNull();
    }

    @Test
    @Tag("A44")
    void anEmptyFolderIsServedAfterItsWaitWhereNobodyListens() {
        real.relay.refuse();

        real.loseFolder(NewStore.servesAfter(Duration.ofSeconds(1)));

        await().atMost(RealEngine.LIMIT).until(() -> real.state().phase() == Phase.JSON_ONLY);
        real.created(create(1));
    }

    @Test
    void everyPhaseIsServedAgainAfterACrash() {
        for (Phase phase : Phase.values()) {
            real.moveTo(phase);
            long id = real.created(create(phase.ordinal()));
            CompletableFuture<?> inFlight = real.send(create(100)).subscribeAsCompletionStage();

            real.crash();

            await().atMost(RealEngine.LIMIT)
                    .until(() -> real.engine().ledger().state().phase() == phase
                            && isDone(real.write(modify(id, Field.NOTES, "after the crash in " + phase))));
            assertThat(inFlight).isNotNull();
            real.inSync();
            assertThat(real.find(id).version()).isEqualTo(2);
        }
    }

    /** One that had no answer before leaves nothing to be changed when it is repeated. */
    private static boolean isDone(WriteOutcome outcome) {
        return outcome instanceof WriteOutcome.Written || outcome instanceof WriteOutcome.Unchanged;
    }
}
