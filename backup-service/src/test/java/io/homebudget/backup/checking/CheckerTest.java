package io.homebudget.backup.checking;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.format.Exports;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobBook;
import io.homebudget.backup.jobs.JobRunner;
import io.homebudget.backup.jobs.JobState;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.making.Orders;
import io.homebudget.backup.remote.RemoteCopies;
import io.homebudget.backup.remote.Transfers;
import io.homebudget.backup.retention.Cleaner;
import io.homebudget.backup.retention.Rules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rotating part of the old snapshots that every upkeep verifies anew. */
class CheckerTest {
    private static final Instant BEGIN = Instant.parse("2026-01-31T12:00:00Z");
    /** Keeps everything: retention is not the subject here. */
    private static final Rules KEEP_ALL =
            new Rules(99, Duration.ofDays(999), 0, 0, 0, 0, Duration.ofDays(999), 99, Duration.ofDays(999));

    @TempDir
    Path folder;

    private final Days clock = new Days();

    /** A clock that goes on when it is told to. */
    private static final class Days extends Clock {
        private volatile Instant now = BEGIN;

        void pass(int days) {
            now = now.plus(Duration.ofDays(days));
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @ParameterizedTest(name = "{0} snapshots in {1} rounds")
    @CsvSource({"1, 7, 1", "7, 7, 1", "8, 7, 2", "30, 7, 5", "5, 1, 5"})
    void allComeRoundWithinTheRoundsThoseFirstWhoseLastLookIsLongestAgo(int snapshots, int rounds, int share)
            throws Exception {
        // Given
        List<SnapshotId> all = new ArrayList<>();
        for (int i = 0; i < snapshots; i++) {
            all.add(written(i));
        }
        Catalogue catalogue = new Catalogue(folder);
        Checker checker = new Checker(catalogue, clock);
        // and one that was looked at just now, although it is the oldest
        checker.check(all.get(0), Progress.NONE);
        TreeSet<SnapshotId> seen = new TreeSet<>();
        for (int round = 0; round < rounds; round++) {
            clock.pass(1);
            // When
            List<SnapshotId> turn = checker.turn(rounds);
            // Then
            assertThat(turn).as("round %d", round).hasSize(share);
            if (snapshots > share && round == 0) {
                assertThat(turn).containsExactlyElementsOf(all.subList(1, 1 + share));
            }
            for (SnapshotId id : turn) {
                assertThat(checker.check(id, Progress.NONE)).isEmpty();
            }
            seen.addAll(turn);
        }
        assertThat(seen).containsExactlyElementsOf(all);
    }

    @Test
    void withoutSnapshotsNoneIsTaken() throws IOException {
        assertThat(new Checker(new Catalogue(folder), clock).turn(7)).isEmpty();
    }

    @Test
    void aDamagedOneIsFoundAndCountedAndKeepsNoOtherFromItsTurn() throws Exception {
        // Given four of which two are verified at each upkeep, the first one damaged
        List<SnapshotId> all = List.of(written(0), written(1), written(2), written(3));
        flip(all.get(0));
        Catalogue catalogue = new Catalogue(folder);
        JobBook jobs = new JobBook(folder.resolve(".jobs"), clock);
        try (FolderOwner owner = new FolderOwner(catalogue, jobs, clock);
                JobRunner runner = new JobRunner(jobs, clock)) {
            assertThat(owner.own()).isTrue();
            Orders orders = orders(catalogue, owner, runner);
            // When
            Job first = ended(jobs, orders.upkeep("calendar"));
            // Then
            assertThat(first.state()).isEqualTo(JobState.FAILED);
            assertThat(first.error())
                    .startsWith("1 of the snapshots that were verified or copied are damaged: " + all.get(0)
                            + "/json/income.entries.copy.zst");
            assertThat(first.result())
                    .containsEntry(
                            "verified", List.of(all.get(0).text(), all.get(1).text()))
                    .containsEntry("damaged", List.of(all.get(0).text()));
            assertThat(catalogue.find(all.get(0)).orElseThrow().good()).isFalse();
            assertThat(catalogue.find(all.get(0)).orElseThrow().state().problems())
                    .isNotEmpty();
            assertThat(catalogue.find(all.get(1)).orElseThrow().good()).isTrue();
            // When the next day comes
            clock.pass(1);
            Job second = ended(jobs, orders.upkeep("calendar"));
            // Then
            assertThat(second.state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(second.result())
                    .containsEntry(
                            "verified", List.of(all.get(2).text(), all.get(3).text()))
                    .containsEntry("damaged", List.of());
            assertThat(catalogue.find(all.get(2)).orElseThrow().good()).isTrue();
        }
    }

    private Orders orders(Catalogue catalogue, FolderOwner owner, JobRunner runner) {
        return new Orders(
                owner,
                runner,
                // no snapshot is ordered here
                null,
                catalogue,
                new Checker(catalogue, clock),
                new Cleaner(catalogue, RemoteCopies.NONE, KEEP_ALL, clock),
                new Transfers(catalogue, RemoteCopies.NONE, clock),
                2);
    }

    private static Job ended(JobBook jobs, Job ordered) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> jobs.find(ordered.id()).orElseThrow(), job -> job.state()
                        .isFinal());
    }

    private void flip(SnapshotId id) throws IOException {
        Path file = folder.resolve(id.text()).resolve("json/income.entries.copy.zst");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    private SnapshotId written(int nth) throws IOException {
        SnapshotId id = SnapshotId.at(BEGIN.minus(Duration.ofDays(100L - nth)), nth);
        Exports.snapshot(folder, id, BEGIN);
        return id;
    }
}
