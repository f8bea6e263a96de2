package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.bulkDelete;
import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.delete;
import static io.homebudget.ledger.storage.testing.Sample.modify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryRepair;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreOrder.Mode;
import io.homebudget.ledger.internal.RestoreState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.rows.RowText;
import io.homebudget.ledger.storage.json.FaultyDisk;
import io.homebudget.ledger.storage.restoring.RestoreDesk;
import io.homebudget.ledger.storage.restoring.RestoreFiles;
import io.homebudget.ledger.storage.store.BeingRestored;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.IfMatch;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.LogSlice;
import io.homebudget.ledger.storage.store.Restoration;
import io.homebudget.ledger.storage.store.RestoreReport;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.smallrye.mutiny.Multi;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Taking a ledger back to an image, over real files and a real PostgreSQL. */
class EngineRestoreIT {
    /** So many share their commits, as those of as many clients do. */
    private static final int AT_ONCE = 100;

    private final ExecutorService workers = Executors.newCachedThreadPool();
    private RealEngine real;

    @BeforeEach
    void open() {
        real = new RealEngine();
    }

    @AfterEach
    void close() {
        real.close();
        workers.shutdownNow();
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    @Tag("A38")
    void aRestoreGivesTheOldEntriesNewVersionsAndOldETagsStayStale(Phase phase) {
        real.moveTo(phase);
        List<Long> ids = createMany(10);
        long changed = ids.get(0);
        long gone = ids.get(1);
        Taken before = take();
        Held seen = real.find(changed);
        real.written(modify(changed, Field.AMOUNT, 4_711L));
        Held stale = real.find(changed);
        real.written(delete(gone));
        long added = real.created(create(77));
        Map<Long, Held> untouched = real.served();
        long head = real.engine().primary().orElseThrow().head().await().atMost(RealEngine.LIMIT);

        RestoreState done = restore(before);

        assertThat(done.state()).as(String.valueOf(done.error())).isEqualTo("succeeded");
        assertThat(List.of(done.created(), done.updated(), done.deleted())).containsExactly(1L, 1L, 1L);
        assertThat(values(real.served())).isEqualTo(before.values());
        assertThat(real.find(changed).version()).isEqualTo(3);
        assertThat(real.find(gone).version()).isEqualTo(3);
        assertThat(real.find(ids.get(5))).isEqualTo(untouched.get(ids.get(5)));
        for (Held old : List.of(seen, stale)) {
            WriteOutcome outcome = real.write(new WriteRequest(
                    new Intent.Delete(changed, new IfMatch(false, Set.of(old.changeId()))), "user", null));
            assertThat(outcome).isInstanceOfSatisfying(WriteOutcome.Refused.class, refused -> assertThat(
                            refused.refusal().error())
                    .isEqualTo(LedgerError.PRECONDITION_FAILED));
        }
        assertThat(real.created(create(5))).isGreaterThan(added);
        List<ChangeSet> sets = logAfter(head);
        assertThat(sets.stream()
                        .filter(set -> set.by().equals("restore"))
                        .mapToInt(set -> set.changes().size())
                        .sum())
                .isEqualTo(3);
        if (phase.dual()) {
            real.inSync();
            assertThat(real.held(StoreName.POSTGRES)).isEqualTo(real.held(StoreName.JSON));
        }
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void aRestoreOfManyDifferencesIsWrittenInSetsThatReadersCanHold(Phase phase) {
        real.moveTo(phase);
        Taken empty = take();
        createMany(2_500);
        Taken full = take();
        long head = real.engine().primary().orElseThrow().head().await().atMost(RealEngine.LIMIT);

        RestoreState away = restore(empty);
        RestoreState back = restore(full);

        assertThat(away.deleted()).isEqualTo(2_500);
        assertThat(back.created()).as(String.valueOf(back.error())).isEqualTo(2_500);
        assertThat(values(real.served())).isEqualTo(full.values());
        List<ChangeSet> sets = logAfter(head);
        assertThat(sets).hasSize(6).allSatisfy(set -> assertThat(set.changes()).hasSizeLessThanOrEqualTo(1_000));
        assertThat(sets.subList(0, 3).stream().map(ChangeSet::at).distinct()).hasSize(1);
        assertThat(real.served().values())
                .allSatisfy(held -> assertThat(held.version()).isEqualTo(3));
        if (phase.dual()) {
            real.inSync();
            assertThat(real.held(StoreName.POSTGRES)).isEqualTo(real.held(StoreName.JSON));
            assertThat(intact(StoreName.POSTGRES)).isTrue();
        }
        assertThat(intact(phase.primary())).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    @Tag("A26")
    void nothingIsWrittenWhileARestoreIsAppliedAndNoAcknowledgedWriteIsLost(Phase phase) throws Exception {
        real.moveTo(phase);
        createMany(3_000);
        Taken full = take();
        Taken target = full.without(500);
        Map<Long, String> acknowledged = new ConcurrentHashMap<>();
        Load load = Load.endless(real, 8, acknowledged);
        await().atMost(RealEngine.LIMIT).until(() -> acknowledged.size() >= 200);

        RestoreState done = restore(target);

        int answered = acknowledged.size();
        await().atMost(RealEngine.LIMIT).until(() -> acknowledged.size() >= answered + 200);
        load.end();
        assertThat(done.state()).as(String.valueOf(done.error())).isEqualTo("succeeded");
        List<ChangeSet> sets = logAfter(0);
        List<Integer> restoring = new ArrayList<>();
        for (int i = 0; i < sets.size(); i++) {
            if (sets.get(i).by().equals("restore")) {
                restoring.add(i);
            }
        }
        assertThat(restoring.get(restoring.size() - 1) - restoring.get(0))
                .as("the restore's sets stand side by side")
                .isEqualTo(restoring.size() - 1);
        assertThat(loaded(sets.subList(0, restoring.get(0))))
                .as("the load had begun before the restore")
                .isPositive();
        assertThat(loaded(sets.subList(restoring.get(restoring.size() - 1), sets.size())))
                .as("the load went on after the restore")
                .isPositive();
        Map<Long, Entry> fold = new TreeMap<>();
        sets.forEach(set -> set.changes().forEach(change -> {
            if (change.after() == null) {
                fold.remove(change.entryId());
            } else {
                fold.put(change.entryId(), change.after());
            }
        }));
        assertThat(values(real.served())).isEqualTo(fold);
        Set<Long> logged = sets.stream()
                .flatMap(set -> set.changes().stream())
                .map(change -> change.entryId())
                .collect(Collectors.toSet());
        assertThat(logged).containsAll(acknowledged.keySet());
    }

    private static long loaded(List<ChangeSet> sets) {
        return sets.stream()
                .flatMap(set -> set.changes().stream())
                .filter(change -> change.after() != null
                        && change.after().notes() != null
                        && change.after().notes().startsWith(Load.NOTES))
                .count();
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void aRepairDuringARestoreOfThatStoreIsRefusedAndTheTargetStands(Phase phase) {
        real.moveTo(phase);
        StoreName primary = phase.primary();
        long id = real.created(create(1));
        Entry wanted = real.find(id).entry();
        List<ImageRow> target = rows();
        real.written(modify(id, Field.AMOUNT, 4_711L));
        long lost = real.created(create(2));
        if (primary == StoreName.POSTGRES) {
            // both look as the target wants them already, so a comparison finds no difference
            real.execute("UPDATE expense.expenses SET amount = " + wanted.cents() + " * 0.01 WHERE id = " + id);
            real.execute("DELETE FROM expense.expenses WHERE id = " + lost);
        }
        List<EntryRepair> repairs = List.of(seen(primary, id), seen(primary, lost));
        List<Throwable> refusals = new ArrayList<>();

        RestoreReport report = restoreWhile(
                target,
                () -> repairs.forEach(repair -> refusals.add(catchThrowable(
                        () -> real.engine().repair(repair).await().atMost(RealEngine.LIMIT)))));

        assertThat(refusals).hasSize(2).allSatisfy(refusal -> assertThat(refusal)
                .isInstanceOf(BeingRestored.class));
        assertThat(values(real.served())).containsOnly(Map.entry(id, wanted));
        assertThat(report.updated()).isEqualTo(1);
        assertThat(real.engine()
                        .repair(seen(primary, id))
                        .await()
                        .atMost(RealEngine.LIMIT)
                        .result())
                .as("the damage went with the restore")
                .isEqualTo("intact");
        if (phase.dual()) {
            real.inSync();
            assertThat(values(real.held(primary.other())).get(id)).isEqualTo(wanted);
        }
    }

    private EntryRepair seen(StoreName store, long id) {
        List<EntryState> states =
                real.engine().store(store).states(List.of(id)).await().atMost(RealEngine.LIMIT);
        return new EntryRepair(
                store.word(),
                id,
                states.isEmpty() ? 0 : states.get(0).version(),
                states.isEmpty() ? null : states.get(0).actual(),
                "test",
                "a test repairs it");
    }

    /** What happens between the reading of the primary and its writing. */
    private RestoreReport restoreWhile(List<ImageRow> target, Runnable fenced) {
        Restore.Turn turn = new Restore.Turn() {
            @Override
            public CompletionStage<Void> begins(long head, long epoch, boolean inSets) {
                return CompletableFuture.runAsync(fenced, workers);
            }

            @Override
            public CompletionStage<Void> ends(RestoreReport report, long heldMillis) {
                return CompletableFuture.completedStage(null);
            }
        };
        Image image = new Image(0, target.size(), Multi.createFrom().item(target));
        return real.engine()
                .restore(image, new Restoration(UUID.randomUUID(), Instant.now(), 0), turn)
                .await()
                .atMost(RealEngine.LIMIT)
                .report();
    }

    private List<ImageRow> rows() {
        List<ImageRow> rows = new ArrayList<>();
        Image image = real.engine().primary().orElseThrow().image(0).await().atMost(RealEngine.LIMIT);
        image.chunks().collect().asList().await().atMost(RealEngine.LIMIT).forEach(rows::addAll);
        return rows;
    }

    @Test
    void aRestoreIntoFilesThatWasKilledIsFinishedBeforeAnythingIsServed() {
        createMany(3_500);
        Taken target = take().without(3_000);
        real.written(modify(1, Field.AMOUNT, 99L));
        for (int kill : List.of(1, 2, 3, 4)) {
            restoreAll();
            killAtForce(kill, target);

            real.crash();

            assertThat(values(real.served())).as("killed at fsync %d", kill).isIn(target.values(), all);
            assertThat(real.created(create(1))).isPositive();
            real.restart();
            assertThat(real.served()).as("nothing is repeated").containsKey(real.created(create(2)) - 1);
        }
    }

    private Map<Long, Entry> all;

    private void restoreAll() {
        List<Long> missing = new ArrayList<>();
        for (int i = real.served().size(); i < 3_500; i++) {
            missing.add(real.created(create(i)));
        }
        all = values(real.served());
    }

    /** From the nth set of the restore on, nothing reaches the disk any more: what a kill at that moment leaves. */
    private void killAtForce(int nth, Taken target) {
        RestoreDesk desk = desk();
        RestoreState staged = stage(desk, target);
        AtomicInteger forces = new AtomicInteger();
        real.disk.fails = (call, file) -> call == FaultyDisk.Call.FORCE && forces.incrementAndGet() >= nth;
        desk.apply(staged.id(), staged.staged());
        await("the disk stands still").atMost(RealEngine.LIMIT).until(() -> forces.get() >= nth);
    }

    @Test
    void aRestoreIntoPostgresqlThatWasKilledHappenedOrDidNot() {
        real.moveTo(Phase.DATABASE_ONLY);
        createMany(2_000);
        Taken full = take();
        Taken target = full.without(1_500);
        RestoreDesk desk = desk();
        RestoreState staged = stage(desk, target);
        // what the restore asks once it has the lock is held until the service is gone
        try (Connection blocker = real.database.dataSource().getConnection()) {
            blocker.setAutoCommit(false);
            blocker.createStatement().execute("LOCK TABLE expense.ledger_state IN ACCESS EXCLUSIVE MODE");
            desk.apply(staged.id(), staged.staged());
            await("the restore waits").atMost(RealEngine.LIMIT).until(() -> real.query(
                            "SELECT count(*) FROM pg_locks w JOIN pg_locks h ON h.pid = w.pid WHERE NOT w.granted"
                                    + " AND w.relation = 'expense.ledger_state'::regclass AND h.granted AND h.relation ="
                                    + " 'expense.change_log'::regclass AND h.mode = 'ShareRowExclusiveLock'")
                    .equals(List.of("1")));

            real.crash();

            blocker.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        real.attached();
        assertThat(values(real.served())).isEqualTo(full.values());
        assertThat(real.created(create(1))).isPositive();
        assertThat(desk().state(staged.id()).await().atMost(RealEngine.LIMIT).state())
                .isIn("unknown", "failed");
    }

    @Test
    void aRestoreThatIsOnlyStagedCanBeDiscardedAndLeavesNothingOnTheDisk() {
        createMany(10);
        Taken taken = take();
        RestoreDesk desk = desk();
        RestoreState staged = stage(desk, taken);
        assertThat(real.folder().resolve("restore.rows")).exists();

        RestoreState discarded = desk.discard(staged.id());

        assertThat(discarded.state()).isEqualTo("failed");
        assertThat(discarded.error()).isEqualTo("discarded");
        assertThat(real.folder().resolve("restore.rows")).doesNotExist();
        assertThat(desk.apply(staged.id(), staged.staged()).state()).isEqualTo("failed");
        assertThatThrownBy(() -> desk.rows(staged.id(), staged.staged(), new byte[0]))
                .isInstanceOf(RestoreDesk.Refused.class);
        assertThatThrownBy(() -> desk.discard(staged.id())).isInstanceOf(RestoreDesk.Refused.class);
        // nor is one that was applied taken back by it
        RestoreState applied = restoreInto(desk, taken, Mode.CHANGES);
        assertThat(applied.state()).isEqualTo("succeeded");
        assertThatThrownBy(() -> desk.discard(applied.id())).isInstanceOf(RestoreDesk.Refused.class);
    }

    @Test
    void aRestoreWhoseCommitGotNoAnswerIsLookedFor() {
        real.moveTo(Phase.DATABASE_ONLY);
        createMany(50);
        Taken target = take().without(20);
        real.relay.loseAnswerTo("COMMIT");

        RestoreState done = restore(target);

        assertThat(done.state()).isIn("succeeded", "failed");
        assertThat(values(real.served()).equals(target.values()))
                .isEqualTo(done.state().equals("succeeded"));
    }

    @Test
    void aNewInstallationTakesEverythingAtTheNextEpochAndOnlyANewOne() {
        createMany(20);
        real.written(modify(3, Field.AMOUNT, 1L));
        real.written(bulkDelete(5L, 6L));
        Taken taken = take();
        long epoch = real.state().epoch();
        Map<Long, EntryState> states = RealEngine.states(real.files(), DataSource.SERVED);
        assertThatThrownBy(() -> restoreInto(desk(), taken, Mode.EVERYTHING)).hasMessageContaining("in use");
        try (RealEngine fresh = new RealEngine()) {
            real.close();
            real = fresh;
            real.attached();

            RestoreState done = restoreInto(desk(), taken, Mode.EVERYTHING);

            assertThat(done.state()).as(String.valueOf(done.error())).isEqualTo("succeeded");
            assertThat(RealEngine.states(real.files(), DataSource.SERVED)).isEqualTo(states);
            assertThat(real.state().epoch()).isEqualTo(epoch + 1);
            assertThat(real.created(create(1))).isGreaterThan(20);
            real.moveTo(Phase.DATABASE_ONLY);
            assertThat(real.served()).hasSize(19);
            real.crash();
            real.attached();
            assertThat(real.served()).hasSize(19);
            real = new RealEngine();
        }
    }

    @Test
    void aNewInstallationTakesAPostgresqlLedger() {
        real.moveTo(Phase.DATABASE_ONLY);
        createMany(20);
        real.written(bulkDelete(5L, 6L));
        Taken taken = take();
        Map<Long, EntryState> states = RealEngine.states(real.postgres(), DataSource.SERVED);
        try (RealEngine fresh = new RealEngine()) {
            real.close();
            real = fresh;
            real.attached();

            RestoreState done = restoreInto(desk(), taken, Mode.EVERYTHING);

            assertThat(done.state()).as(String.valueOf(done.error())).isEqualTo("succeeded");
            await("it rules").atMost(RealEngine.LIMIT).until(() -> real.phase() == Phase.DATABASE_ONLY);
            assertThat(RealEngine.states(real.postgres(), DataSource.SERVED)).isEqualTo(states);
            assertThat(real.created(create(1))).isGreaterThan(20);
            real.step(Phase.DATABASE_READS);
            real.backfill();
            real.moveTo(Phase.JSON_ONLY);
            assertThat(real.served()).hasSize(19);
            real = new RealEngine();
        }
    }

    @Test
    void theFollowerAloneIsRebuiltFromThePrimaryAndNothingIsTakenBack() {
        real.moveTo(Phase.DUAL_WRITE);
        createMany(30);
        real.inSync();
        real.execute("DELETE FROM expense.expenses WHERE id < 10");
        real.execute("UPDATE expense.expenses SET amount = 1 WHERE id = 20");
        Map<Long, Held> primary = real.held(StoreName.JSON);

        real.engine().rebuildFollower().await().atMost(RealEngine.LIMIT);

        await("backfill")
                .atMost(RealEngine.LIMIT)
                .until(() -> real.engine().backfill().state().equals("succeeded"));
        real.inSync();
        assertThat(real.held(StoreName.POSTGRES)).isEqualTo(primary);
        assertThat(real.held(StoreName.JSON)).isEqualTo(primary);
    }

    @Test
    void aStoreThatIsNotInUseCannotBeRebuilt() {
        assertThatThrownBy(() -> real.engine().rebuildFollower().await().atMost(RealEngine.LIMIT))
                .isInstanceOfSatisfying(
                        PhaseChangeRefused.class,
                        refused -> assertThat(refused.refusal().error()).isEqualTo(LedgerError.CONFLICT));
    }

    // ---- what was taken ------------------------------------------------------------------------------------------

    private record Taken(ExportHead head, List<EntryImage> rows) {
        Map<Long, Entry> values() {
            return rows.stream()
                    .filter(row -> !row.deleted())
                    .collect(Collectors.toMap(
                            EntryImage::id, row -> row.values().withId(row.id()), (a, b) -> a, TreeMap::new));
        }

        Taken without(int first) {
            return new Taken(head, rows.subList(first, rows.size()));
        }
    }

    private Taken take() {
        var store = real.engine().primary().orElseThrow();
        var image = store.image(0).await().atMost(RealEngine.LIMIT);
        List<EntryImage> rows = new ArrayList<>();
        for (List<ImageRow> chunk : image.chunks().collect().asList().await().atMost(RealEngine.LIMIT)) {
            for (ImageRow row : chunk) {
                Held held = row.held();
                rows.add(
                        held == null
                                ? new EntryImage(
                                        row.id(),
                                        row.version(),
                                        row.tombstone().epoch(),
                                        row.tombstone().changeId(),
                                        true,
                                        null,
                                        null)
                                : new EntryImage(
                                        row.id(),
                                        row.version(),
                                        held.epoch(),
                                        held.changeId(),
                                        false,
                                        held.digest(),
                                        EntryValues.of(held.entry())));
            }
        }
        return new Taken(
                new ExportHead(
                        1,
                        "expense",
                        store.name().word(),
                        image.position(),
                        rows.size(),
                        real.state().epoch(),
                        real.phase(),
                        real.files().identity(),
                        store.idsThrough().await().atMost(RealEngine.LIMIT),
                        null,
                        null,
                        Instant.now()),
                rows);
    }

    private RestoreDesk desk() {
        return new RestoreDesk(new RestoreFiles(real.folder()), real::engine, workers, Clock.systemUTC());
    }

    private RestoreState restore(Taken taken) {
        return restoreInto(desk(), taken, Mode.CHANGES);
    }

    private RestoreState stage(RestoreDesk desk, Taken taken) {
        return stage(desk, taken, Mode.CHANGES);
    }

    private static RestoreState stage(RestoreDesk desk, Taken taken, Mode mode) {
        RestoreState state = desk.begin(new RestoreOrder(mode, taken.head(), "test", "a test restores"));
        for (int from = 0; from < taken.rows().size(); from += 700) {
            List<EntryImage> part =
                    taken.rows().subList(from, Math.min(from + 700, taken.rows().size()));
            desk.rows(state.id(), from, lines(part));
            // a repetition of a part whose answer was lost
            state = desk.rows(state.id(), from, lines(part));
        }
        return state;
    }

    private RestoreState restoreInto(RestoreDesk desk, Taken taken, Mode mode) {
        RestoreState staged = stage(desk, taken, mode);
        UUID id = staged.id();
        desk.apply(id, staged.staged());
        RestoreState[] last = new RestoreState[1];
        await("the restore is over").atMost(RealEngine.LIMIT).until(() -> {
            last[0] = desk.state(id).await().atMost(RealEngine.LIMIT);
            return last[0].over();
        });
        if (mode == Mode.EVERYTHING && last[0].state().equals("failed")) {
            throw new IllegalStateException(last[0].error());
        }
        return last[0];
    }

    private static byte[] lines(List<EntryImage> rows) {
        StringBuilder text = new StringBuilder();
        rows.forEach(row -> RowText.append(Kind.EXPENSE, row, text));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private List<Long> createMany(int count) {
        List<Long> ids = new ArrayList<>(count);
        for (int from = 0; from < count; from += AT_ONCE) {
            List<CompletableFuture<WriteOutcome>> some = IntStream.range(from, Math.min(count, from + AT_ONCE))
                    .mapToObj(nth -> real.send(create(nth)).subscribeAsCompletionStage())
                    .toList();
            for (CompletableFuture<WriteOutcome> write : some) {
                assertThat(write).succeedsWithin(RealEngine.LIMIT).isInstanceOf(WriteOutcome.Written.class);
                ids.add(((WriteOutcome.Written) write.join())
                        .set()
                        .changes()
                        .get(0)
                        .entryId());
            }
        }
        return ids;
    }

    private static Map<Long, Entry> values(Map<Long, Held> held) {
        return held.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().entry(), (a, b) -> a, TreeMap::new));
    }

    private boolean intact(StoreName name) {
        return RealEngine.states(name == StoreName.JSON ? real.files() : real.postgres(), DataSource.SERVED)
                .values()
                .stream()
                .allMatch(EntryState::intact);
    }

    private List<ChangeSet> logAfter(long after) {
        List<ChangeSet> sets = new ArrayList<>();
        long at = after;
        for (; ; ) {
            LogSlice slice = real.engine()
                    .primary()
                    .orElseThrow()
                    .log(at, 10_000)
                    .await()
                    .atMost(RealEngine.LIMIT);
            sets.addAll(slice.sets());
            if (slice.through() == at) {
                return sets;
            }
            at = slice.through();
        }
    }
}
