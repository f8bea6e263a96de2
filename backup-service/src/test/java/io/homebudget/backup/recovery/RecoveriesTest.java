package io.homebudget.backup.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobState;
import io.homebudget.backup.standin.Backups;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveriesTest {
    @TempDir
    Path folder;

    private Backups backups;
    private int base;

    @BeforeEach
    void start() throws Exception {
        backups = new Backups(folder, Optional.empty());
        backups.expense.history().changes(1_000);
        backups.income.history().changes(100);
        backups.snapshot();
        base = history().sets().size();
        history().changes(1_000);
    }

    @AfterEach
    void stop() {
        backups.close();
    }

    private History history() {
        return backups.expense.history();
    }

    @Test
    @Tag("A39")
    void aRecoveryToAChangeOfABulkDeleteTakesItsWholeSet() throws Exception {
        int bulk = firstBulk();
        LoggedSet set = history().sets().get(bulk);
        Map<Long, EntryValues> expected = history().after(bulk);

        Job job = recover(set.changes().get(1).id().toString());

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(history().live()).isEqualTo(expected);
    }

    @Test
    void aRecoveryToAnInstantTakesAllSetsUpToIt() throws Exception {
        int nth = base + 300;
        while (history()
                .sets()
                .get(nth + 1)
                .at()
                .equals(history().sets().get(nth).at())) {
            nth++;
        }
        Map<Long, EntryValues> expected = history().after(nth);

        Job job = recover(history().sets().get(nth).at().toString());

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(history().live()).isEqualTo(expected);
        assertThat(job.result()).containsKey("safety_backup_id");
    }

    @Test
    void recoveriesAndDrillsOfMoreChangesThanFitIntoMemoryComeToTheSameAndLeaveNoFiles() throws Exception {
        backups.close();
        Path small = folder.resolve("small");
        backups = new Backups(small, Optional.empty(), new Room(30_000));
        history().changes(1_000);
        backups.income.history().changes(100);
        backups.snapshot();
        base = history().sets().size();
        history().changes(3_000);
        int nth = history().sets().size() - 100;
        Map<Long, EntryValues> expected = history().after(nth);

        Job drill = backups.ended(backups.drills.order("operator", null));
        Job job = recover(history().sets().get(nth).changes().get(0).id().toString());

        assertThat(drill.state()).as(drill.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(history().live()).isEqualTo(expected);
        assertThat(small.toFile().list()).noneMatch(name -> name.startsWith(Catalogue.FOLD));
    }

    @Test
    void aRecoveryCanItselfBeTakenBackByTheChangeBeforeIt() throws Exception {
        Map<Long, EntryValues> before = history().live();
        String last = history()
                .sets()
                .get(history().sets().size() - 1)
                .changes()
                .get(0)
                .id()
                .toString();
        recover(history().sets().get(base + 10).changes().get(0).id().toString());
        assertThat(history().live()).isNotEqualTo(before);

        Job job = recover(last);

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(history().live()).isEqualTo(before);
    }

    @Test
    @Tag("A22")
    void whatIsStillInFlightInTheLogIsWaitedFor() throws Exception {
        int nth = history().sets().size() - 1;
        Map<Long, EntryValues> expected = history().after(nth);
        backups.expense.isInFlightAfter(history().sets().get(base + 100).position(), 3);

        Job job = recover(history().sets().get(nth).at().toString());

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(history().live()).isEqualTo(expected);
        assertThat(job.result().get("expense")).asInstanceOf(MAP).containsEntry("sets", (long)
                (history().sets().size() - base));
    }

    @Test
    @Tag("A22")
    void aLogThatDoesNotGoOnIsNotTakenForItsEnd() {
        backups.expense.isInFlightAfter(history().sets().get(base + 100).position(), Integer.MAX_VALUE);
        Changes log = new LogChanges(backups.calls(Kind.EXPENSE), Duration.ofMillis(300));

        assertThatThrownBy(() -> log.after(0, set -> true))
                .isInstanceOf(Changes.MissingChanges.class)
                .hasMessageContaining("in flight");
    }

    @Test
    @Tag("A22")
    void aSnapshotBeforeSomethingInFlightIsStillABase() throws Exception {
        Bases bases = new Bases(backups.catalogue, backups::calls, (kind, from) -> Optional.empty());
        long position = history().sets().get(base - 1).position();
        backups.expense.isInFlightAfter(position - 1, 1);

        assertThat(bases.find(
                        Kind.EXPENSE, Moment.Named.of(Instant.now().toString()).orElseThrow()))
                .isPresent();
    }

    @Test
    void theBaseIsHeldWhileTheSafetySnapshotIsMade() throws Exception {
        SnapshotId id = backups.catalogue.newestGood().orElseThrow().id();
        AtomicReference<Boolean> held = new AtomicReference<>();
        backups.expense.duringExport(() -> held.set(backups.catalogue.held(id)));

        Job job = recover(history().sets().get(base + 10).changes().get(0).id().toString());

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(held).hasValue(true);
        assertThat(backups.catalogue.held(id)).isFalse();
    }

    @Test
    @Tag("A28")
    void whereChangesAreGoneNothingIsRecovered() throws Exception {
        Map<Long, EntryValues> before = history().live();
        backups.expense.cutsLogThrough(history().sets().get(base + 5).position());

        Job job = recover(history().sets().get(base + 300).at().toString());

        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).contains("cut");
        assertThat(history().live()).isEqualTo(before);
    }

    @Test
    void aSnapshotOfAnotherInstallationIsNoBaseAndNoDrillLeadsFromIt() throws Exception {
        // Given a new installation, whose log has positions of its own, beside the old one's snapshots
        History other = new History(Kind.EXPENSE, 99);
        other.changes(5_000);
        backups.expense.becomes(other, new UUID(8, 8));
        Map<Long, EntryValues> before = other.live();
        // When
        Job recovery = recover(Instant.now().toString());
        Job drill = backups.ended(backups.drills.order("operator", null));
        // Then
        assertThat(recovery.state()).isEqualTo(JobState.FAILED);
        assertThat(recovery.error()).contains("no good snapshot of this installation");
        assertThat(other.live()).isEqualTo(before);
        assertThat(drill.state()).isEqualTo(JobState.FAILED);
        assertThat(drill.error()).contains("of another installation").contains("Make a snapshot");
        // When there is one of its own
        backups.snapshot();
        int nth = other.sets().size() - 1;
        other.changes(200);
        Map<Long, EntryValues> expected = other.after(nth + 50);
        Job own = recover(other.sets().get(nth + 50).changes().get(0).id().toString());
        // Then
        assertThat(own.state()).as(own.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(other.live()).isEqualTo(expected);
    }

    @Test
    void aSnapshotAheadOfTheLogIsNoBase() throws Exception {
        // Given a ledger that lost its last changes, and went on with others
        History shorter = new History(Kind.EXPENSE, 99);
        shorter.changes(100);
        backups.expense.becomes(shorter, new UUID(7, 7));
        // When
        Job recovery = recover(Instant.now().toString());
        // Then
        assertThat(recovery.state()).isEqualTo(JobState.FAILED);
        assertThat(recovery.error()).contains("no good snapshot of this installation");
    }

    @Test
    void whatTheLogHasLostComesFromKafkaAndTheRestFromTheLog() throws Exception {
        int nth = base + 400;
        while (history()
                .sets()
                .get(nth + 1)
                .at()
                .equals(history().sets().get(nth).at())) {
            nth++;
        }
        Map<Long, EntryValues> expected = history().after(nth);
        backups.expense.cutsLogThrough(history().sets().get(base + 200).position());
        backups.publishes(Kind.EXPENSE, topic(history().sets().subList(base - 50, base + 300)));

        Job job = recover(history().sets().get(nth).at().toString());

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(history().live()).isEqualTo(expected);
    }

    @Test
    void aChangeThatTheLogHasLostIsFoundInKafka() throws Exception {
        int bulk = firstBulk();
        Map<Long, EntryValues> expected = history().after(bulk);
        backups.expense.cutsLogThrough(history().sets().get(bulk + 20).position());
        // partitions are read one after the other, so that sets come in any order
        List<LoggedSet> published =
                new ArrayList<>(history().sets().subList(base, history().sets().size() - 100));
        Collections.shuffle(published, new Random(3));
        backups.publishes(Kind.EXPENSE, topic(published));

        Job job = recover(history().sets().get(bulk).changes().get(1).id().toString());

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(history().live()).isEqualTo(expected);
    }

    /** The newest snapshot that the log was cut behind has the change already: it is no base, though the topic shows the change. */
    @Test
    void theBaseOfAChangeFoundInKafkaIsASnapshotFromBeforeIt() throws Exception {
        int nth = base + 100;
        Map<Long, EntryValues> expected = history().after(nth);
        backups.snapshot();
        int second = history().sets().size();
        history().changes(500);
        backups.expense.cutsLogThrough(history().sets().get(second + 100).position());
        backups.publishes(Kind.EXPENSE, topic(history().sets().subList(base, second + 300)));

        Job job = recover(history().sets().get(nth).changes().get(0).id().toString());

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(history().live()).isEqualTo(expected);
    }

    /** What Kafka has lost may be the very change: that a younger part does not hold it proves nothing. */
    @Test
    @Tag("A28")
    void aChangeOfWhichKafkaHasLostItsTimeIsNotCalledUnknown() throws Exception {
        String lost = history().sets().get(base + 100).changes().get(0).id().toString();
        backups.snapshot();
        int second = history().sets().size();
        history().changes(500);
        backups.expense.cutsLogThrough(history().sets().get(second + 100).position());
        Changes younger = topic(history().sets().subList(second, second + 300));
        long from = history().sets().get(second - 1).position();
        backups.publishes(Kind.EXPENSE, new Changes() {
            @Override
            public String name() {
                return younger.name();
            }

            @Override
            public void after(long after, Taker taker) throws IOException, InterruptedException {
                if (after < from) {
                    throw new MissingChanges("Kafka no longer holds that");
                }
                younger.after(after, taker);
            }
        });

        Job job = recover(lost);

        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).contains("Kafka no longer holds that");
    }

    @Test
    @Tag("A28")
    void aChangeThatNeitherLogNorKafkaHoldsIsSaidToBeOutOfReachAndWhy() throws Exception {
        Map<Long, EntryValues> before = history().live();
        String lost = history().sets().get(base + 5).changes().get(0).id().toString();
        backups.expense.cutsLogThrough(history().sets().get(base + 10).position());

        Job job = recover(lost);

        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).contains(lost).contains("cut").contains("Kafka cannot be asked");
        assertThat(history().live()).isEqualTo(before);
    }

    @Test
    @Tag("A28")
    void aGapBetweenKafkaAndTheLogIsNotPassedOver() throws Exception {
        Map<Long, EntryValues> before = history().live();
        backups.expense.cutsLogThrough(history().sets().get(base + 200).position());
        backups.publishes(Kind.EXPENSE, topic(history().sets().subList(base, base + 150)));

        Job job = recover(history().sets().get(base + 300).at().toString());

        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(history().live()).isEqualTo(before);
    }

    @Test
    void whereOneLedgerRefusesItsRowsNoneIsRecovered() throws Exception {
        backups.expense.history().changes(100);
        Map<Long, EntryValues> before = history().live();
        String to = history().sets().get(base + 10).at().toString();
        backups.income.refusesRows();

        Job job = backups.ended(backups.recoveries.order(
                new Recoveries.Order(Moment.Named.of(to).orElseThrow(), to, List.of(Kind.values()), "operator", null)));

        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).startsWith("Nothing was recovered: ").contains("413");
        assertThat(history().live()).isEqualTo(before);
        assertThat(backups.expense.restore().error()).isEqualTo("discarded");
        assertThat(backups.income.restore().error()).isEqualTo("discarded");
    }

    private static Changes topic(List<LoggedSet> sets) {
        List<LoggedSet> published = List.copyOf(sets);
        return new Changes() {
            @Override
            public String name() {
                return "the topic";
            }

            @Override
            public void after(long after, Taker taker) throws IOException {
                for (LoggedSet set : published) {
                    taker.take(set);
                }
            }
        };
    }

    private int firstBulk() {
        for (int i = base; ; i++) {
            if (history().sets().get(i).changes().size() > 5) {
                return i;
            }
        }
    }

    private Job recover(String to) throws IOException {
        return backups.ended(backups.recoveries.order(
                new Recoveries.Order(Moment.Named.of(to).orElseThrow(), to, List.of(Kind.EXPENSE), "operator", null)));
    }
}
