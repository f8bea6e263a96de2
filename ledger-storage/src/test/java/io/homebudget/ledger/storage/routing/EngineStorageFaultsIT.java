package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.bulkDelete;
import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.modify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.json.FaultyDisk;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.WriteOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Faults inside one store, half-way through a write or beside it, as the whole engine meets them. */
class EngineStorageFaultsIT {
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
    @Tag("A25")
    void aBulkDeleteThatTheDiskTearsDeletesNothingInTheJsonStore() {
        List<Long> three = three();
        real.disk.tornBytes = 100;
        real.disk.fails = FULL;

        WriteOutcome torn = real.write(bulkDelete(three.toArray(Long[]::new)));

        assertThat(torn).isInstanceOf(WriteOutcome.NotWritten.class);
        assertThat(real.served().keySet()).containsExactlyElementsOf(three);
        real.crash();
        assertThat(real.served().keySet()).containsExactlyElementsOf(three);
        real.disk.fails = (call, file) -> false;
        real.written(bulkDelete(three.toArray(Long[]::new)));
        assertThat(real.served()).isEmpty();
    }

    @Test
    @Tag("A25")
    void aBulkDeleteThatFailsAtItsSecondEntryDeletesNothingInPostgres() {
        real.moveTo(Phase.DATABASE_ONLY);
        List<Long> three = three();
        refuseDeletionOf(three.get(1));

        WriteOutcome failed = real.write(bulkDelete(three.toArray(Long[]::new)));

        assertThat(failed).isInstanceOf(WriteOutcome.NotWritten.class);
        assertThat(real.served().keySet()).containsExactlyElementsOf(three);
        refuseNothing();
        real.written(bulkDelete(three.toArray(Long[]::new)));
        assertThat(real.served()).isEmpty();
        assertThat(real.query("SELECT DISTINCT set_id FROM expense.change_log WHERE action = 'DELETE'"))
                .hasSize(1);
    }

    @Test
    @Tag("A25")
    void aFollowerThatFailsInTheMiddleOfABulkDeleteHasAllOfItOrNothing() {
        real.moveTo(Phase.DUAL_WRITE);
        List<Long> three = three();
        real.inSync();
        refuseDeletionOf(three.get(1));

        real.written(bulkDelete(three.toArray(Long[]::new)));

        await().atMost(RealEngine.LIMIT)
                .until(() -> real.state().followerState().equals("away"));
        assertThat(real.held(StoreName.JSON)).isEmpty();
        assertThat(real.held(StoreName.POSTGRES).keySet()).containsExactlyElementsOf(three);
        refuseNothing();
        bothEqual();
        assertThat(real.held(StoreName.POSTGRES)).isEmpty();

        real.moveTo(Phase.DATABASE_READS);
        List<Long> more = three();
        real.disk.tornBytes = 100;
        real.disk.fails = FULL;
        real.written(bulkDelete(more.toArray(Long[]::new)));
        assertThat(real.held(StoreName.JSON).keySet()).containsExactlyElementsOf(more);
        real.disk.fails = (call, file) -> false;
        bothEqual();
        assertThat(real.held(StoreName.JSON)).isEmpty();
    }

    @Test
    @Tag("A33")
    void aStalledWriteIsWaitedForAndIsInBothStoresWhenThePhaseHasChanged() throws SQLException {
        real.moveTo(Phase.DATABASE_READS);
        long id = real.created(create(1));

        int stalled = 1;
        while (!changesWithAStalledWrite(id, "stalled " + stalled)) {
            stalled++;
        }

        assertThat(real.phase()).isEqualTo(Phase.DUAL_WRITE);
        assertThat(real.find(id).entry().notes()).isEqualTo("stalled " + stalled);
        bothEqual();
    }

    /** @return false where the machine was too slow to let the write go on in time, so that the change was given up */
    private boolean changesWithAStalledWrite(long id, String notes) throws SQLException {
        real.inSync();
        CompletableFuture<WriteOutcome> stalled;
        CompletableFuture<PhaseChange.Done> change;
        try (Connection other = holding(id)) {
            stalled = real.send(modify(id, Field.NOTES, notes)).subscribeAsCompletionStage();
            awaitStalled();
            change = backToDualWrite();
            await().atMost(RealEngine.LIMIT)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> real.engine().holdsWriters() || change.isDone());
            other.rollback();
        }
        assertThat(stalled).succeedsWithin(RealEngine.LIMIT).isInstanceOf(WriteOutcome.Written.class);
        await().atMost(RealEngine.LIMIT).until(change::isDone);
        try {
            change.join();
            return true;
        } catch (CompletionException refused) {
            assertThat(refused.getCause()).hasMessageContaining("was abandoned");
            assertThat(real.phase()).isEqualTo(Phase.DATABASE_READS);
            return false;
        }
    }

    @Test
    @Tag("A33")
    void aWriteThatStallsTooLongMakesThePhaseChangeGiveUpAndTheOldPhaseGoesOn() throws SQLException {
        real.moveTo(Phase.DATABASE_READS);
        long id = real.created(create(1));
        long epoch = real.state().epoch();
        CompletableFuture<WriteOutcome> stalled;
        try (Connection other = holding(id)) {
            stalled = real.send(modify(id, Field.NOTES, "stalled")).subscribeAsCompletionStage();
            awaitStalled();

            assertThat(backToDualWrite()).failsWithin(RealEngine.LIMIT);

            // as the server's own limit ends it later
            real.execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE " + STALLED);
            assertThat(stalled).succeedsWithin(RealEngine.LIMIT).isInstanceOf(WriteOutcome.NotWritten.class);
            other.rollback();
        }
        assertThat(real.phase()).isEqualTo(Phase.DATABASE_READS);
        assertThat(real.state().epoch()).isEqualTo(epoch);
        assertThat(real.find(id).entry().notes()).isEqualTo("note 1");
        real.written(modify(id, Field.NOTES, "goes on"));
        bothEqual();
    }

    @Test
    @Tag("A41")
    void aFailedFsyncLosesNothingAcknowledgedInAnyPhaseThatInvolvesTheJournal() {
        Map<Long, String> acknowledged = new HashMap<>();
        for (Phase phase : List.of(Phase.JSON_ONLY, Phase.DUAL_WRITE, Phase.DATABASE_READS)) {
            real.moveTo(phase);
            for (int i = 0; i < 20; i++) {
                AtomicBoolean once = new AtomicBoolean(i % 5 == 2);
                real.disk.fails = (call, file) ->
                        call == FaultyDisk.Call.FORCE && file.contains("journal") && once.compareAndSet(true, false);
                if (real.write(create(i)) instanceof WriteOutcome.Written written) {
                    acknowledged.put(
                            written.set().changes().get(0).entryId(),
                            written.set().changes().get(0).after().notes());
                }
            }
            real.disk.fails = (call, file) -> false;
            real.crash();
            real.attached();
            bothEqualIn(phase);
            acknowledged.forEach(
                    (id, notes) -> assertThat(real.find(id).entry().notes()).isEqualTo(notes));
        }
        assertThat(acknowledged).hasSizeGreaterThan(40);
    }

    @Test
    @Tag("A42")
    void anEditOfTheArrayFileWhileStoppedBecomesAChangeThatTheFollowerGetsToo() {
        real.moveTo(Phase.DUAL_WRITE);
        long id = real.created(create(1));
        long other = real.created(create(2));
        real.inSync();

        real.restartOn(folder -> edit("note 1", "edited by hand"));

        real.attached();
        bothEqual();
        assertThat(real.find(id).entry().notes()).isEqualTo("edited by hand");
        assertThat(real.find(id).version()).isEqualTo(2);
        assertThat(real.find(other).version()).isEqualTo(1);
        assertThat(real.held(StoreName.POSTGRES).get(id).entry().notes()).isEqualTo("edited by hand");
    }

    @Test
    @Tag("A42")
    void anEditWhileRunningIsKeptAsideAndNothingOfOursIsLost() throws IOException {
        long id = real.created(create(1));
        real.files().checkpoint().await().atMost(RealEngine.LIMIT);
        edit("note 1", "edited while running");
        real.created(create(2));

        real.restart();

        assertThat(real.find(id).entry().notes()).isEqualTo("note 1");
        assertThat(Files.readString(real.array())).contains("note 1").doesNotContain("edited while running");
        try (var files = Files.list(real.folder())) {
            assertThat(files.filter(file -> file.getFileName().toString().contains(".foreign-")))
                    .singleElement()
                    .satisfies(aside -> assertThat(Files.readString(aside)).contains("edited while running"));
        }
    }

    @Test
    @Tag("A42")
    void anEditOfAFollowersFileChangesNothingInTheLedger() {
        real.moveTo(Phase.DATABASE_READS);
        long id = real.created(create(1));
        real.inSync();

        real.restartOn(folder -> edit("note 1", "edited by hand"));

        real.attached();
        real.inSync();
        assertThat(real.find(id).entry().notes()).isEqualTo("note 1");
        assertThat(real.find(id).version()).isEqualTo(1);
        assertThat(real.held(StoreName.POSTGRES).get(id).entry().notes()).isEqualTo("note 1");
    }

    @Test
    void aFullDiskRefusesWritesCertainlyAndServesReadsUntilThereIsRoomAgain() {
        long id = real.created(create(1));
        real.disk.tornBytes = 17;
        real.disk.fails = FULL;

        for (int i = 0; i < 10; i++) {
            assertThat(real.write(create(i))).isInstanceOf(WriteOutcome.NotWritten.class);
        }

        assertThat(real.served().keySet()).containsExactly(id);
        real.disk.fails = (call, file) -> false;
        long next = real.created(create(2));
        real.crash();
        assertThat(real.served().keySet()).containsExactly(id, next);
    }

    // ---- in common -----------------------------------------------------------------------------------------------

    /** No room for another byte. */
    private static final BiPredicate<FaultyDisk.Call, String> FULL = (call, file) -> call == FaultyDisk.Call.APPEND;

    private static final String STALLED = "datname = current_database() AND wait_event_type = 'Lock'";

    private List<Long> three() {
        return List.of(real.created(create(1)), real.created(create(2)), real.created(create(3)));
    }

    private void refuseDeletionOf(long id) {
        real.execute("CREATE FUNCTION expense.refuse() RETURNS trigger LANGUAGE plpgsql AS"
                + " $$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$");
        real.execute("CREATE TRIGGER refuse BEFORE DELETE ON expense.expenses FOR EACH ROW WHEN (OLD.id = " + id
                + ") EXECUTE FUNCTION expense.refuse()");
    }

    private void refuseNothing() {
        real.execute("DROP TRIGGER refuse ON expense.expenses");
        real.execute("DROP FUNCTION expense.refuse()");
    }

    private Connection holding(long id) throws SQLException {
        Connection connection = real.database.dataSource().getConnection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1 FROM expense.expenses WHERE id = " + id + " FOR UPDATE");
        }
        return connection;
    }

    private void awaitStalled() {
        await().atMost(RealEngine.LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> real.query("SELECT pid FROM pg_stat_activity WHERE " + STALLED)
                                .size()
                        == 1);
    }

    private CompletableFuture<PhaseChange.Done> backToDualWrite() {
        return real.engine()
                .changePhase(new PhaseChange(Phase.DUAL_WRITE, null, false, "test", "back"))
                .subscribeAsCompletionStage();
    }

    private void edit(String from, String to) {
        try {
            String content = Files.readString(real.array());
            assertThat(content).contains(from);
            Files.writeString(real.array(), content.replace(from, to));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void bothEqual() {
        bothEqualIn(real.phase());
    }

    private void bothEqualIn(Phase phase) {
        if (phase.dual()) {
            await().atMost(RealEngine.LIMIT)
                    .untilAsserted(() -> assertThat(RealEngine.states(real.postgres(), DataSource.SERVED))
                            .isEqualTo(RealEngine.states(real.files(), DataSource.SERVED)));
            real.inSync();
        }
    }
}
