package io.homebudget.backup.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.backup.format.Exports;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.SnapshotWriter;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobBook;
import io.homebudget.backup.jobs.JobOrder;
import io.homebudget.backup.jobs.JobRunner;
import io.homebudget.backup.jobs.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @TempDir
    Path folder;

    @Test
    void whatAKilledProcessLeftIsNeverListedAndIsRemovedByTheNextOwner() throws IOException {
        // Given a process killed while it wrote one snapshot and while it removed another
        SnapshotId whole = written(1);
        SnapshotWriter killed = SnapshotWriter.begin(folder, SnapshotId.at(NOW, 2));
        killed.file("json/half", out -> out.write(new byte[100]));
        Files.move(folder.resolve(written(3).text()), folder.resolve(".removed-" + SnapshotId.at(NOW, 3)));
        // and in a drill
        Files.writeString(Files.createDirectory(folder.resolve(".drill-7")).resolve("expenses.json"), "[");
        Catalogue catalogue = new Catalogue(folder);
        assertThat(catalogue.list()).extracting(Listed::id).containsExactly(whole);
        // When
        FolderOwner owner = owner(catalogue);
        assertThat(owner.own()).isTrue();
        // Then
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(whole.text(), ".jobs", ".owner.lock", ".folder.json");
        }
        owner.close();
    }

    @Test
    void onlyOneOwnsTheFolderAndTheNextOneTakesOver() {
        // Given
        FolderOwner first = owner(new Catalogue(folder));
        FolderOwner second = owner(new Catalogue(folder));
        assertThat(first.own()).isTrue();
        assertThat(second.own()).isFalse();
        assertThat(second.trouble()).contains("another backup-service process");
        // When
        first.close();
        // Then
        assertThat(second.own()).isTrue();
        assertThat(second.since()).isEqualTo(NOW);
        second.close();
    }

    @Test
    @Tag("A30")
    void jobsThatAKilledProcessDidNotEndAreMarkedFailed() throws IOException {
        // Given
        JobBook before = new JobBook(folder.resolve(".jobs"), CLOCK);
        before.open();
        JobRunner runner = new JobRunner(before, CLOCK);
        CountDownLatch never = new CountDownLatch(1);
        Job job =
                runner.submit(new JobOrder("snapshot", JobOrder.Lane.MAKING, "operator", "why", Map.of()), context -> {
                    context.tell("backup_id", "this one");
                    never.await();
                });
        Awaitility.await()
                .until(() -> before.find(job.id()).orElseThrow().result().containsKey("backup_id"));
        // When another process reads the folder
        JobBook after = new JobBook(folder.resolve(".jobs"), CLOCK);
        after.open();
        // Then
        Job found = after.find(job.id()).orElseThrow();
        assertThat(found.state()).isEqualTo(JobState.FAILED);
        assertThat(found.error()).contains("order it again");
        assertThat(found.result()).containsEntry("backup_id", "this one");
        assertThat(found.reason()).isEqualTo("why");
        runner.close();
    }

    @Test
    void aJobThatEndsInAnErrorOfTheMachineIsFailedToo() throws IOException {
        // Given
        JobBook book = new JobBook(folder.resolve(".jobs"), CLOCK);
        book.open();
        try (JobRunner runner = new JobRunner(book, CLOCK)) {
            // When
            Job job = runner.submit(
                    new JobOrder("snapshot", JobOrder.Lane.MAKING, "operator", "why", Map.of()), context -> {
                        throw new OutOfMemoryError("Java heap space");
                    });
            // Then
            Awaitility.await()
                    .dontCatchUncaughtExceptions()
                    .until(() -> book.find(job.id()).orElseThrow().state().isFinal());
            assertThat(book.find(job.id()).orElseThrow().state()).isEqualTo(JobState.FAILED);
            assertThat(book.find(job.id()).orElseThrow().error()).isEqualTo("Java heap space");
        }
    }

    @Test
    void aFlippedByteInTheStateMakesTheSnapshotPinned() throws IOException {
        // Given
        SnapshotId id = written(1);
        Catalogue catalogue = new Catalogue(folder);
        catalogue.checked(id, NOW, List.of());
        assertThat(catalogue.find(id).orElseThrow().good()).isTrue();
        Path state = folder.resolve(id.text()).resolve(StateFile.NAME);
        Files.writeString(state, Files.readString(state).replace("\"pinned\":false", "\"pinned\":true "));
        Files.writeString(state, Files.readString(state).replace("\"ok\":true", "\"ok\":false"));
        // Then
        Listed listed = catalogue.find(id).orElseThrow();
        assertThat(listed.good()).isFalse();
        assertThat(listed.state().pinned()).isTrue();
        assertThat(catalogue.remove(id)).isFalse();
        assertThat(StateFile.check(folder.resolve(id.text()))).isPresent();
    }

    @Test
    void whatIsBeingReadIsNotRemoved() throws IOException {
        SnapshotId id = written(1);
        Catalogue catalogue = new Catalogue(folder);
        try (Catalogue.Hold hold = catalogue.hold(id).orElseThrow()) {
            assertThat(catalogue.remove(id)).isFalse();
            assertThat(hold.folder()).exists();
        }
        assertThat(catalogue.remove(id)).isTrue();
        assertThat(catalogue.list()).isEmpty();
    }

    private FolderOwner owner(Catalogue catalogue) {
        return new FolderOwner(catalogue, new JobBook(folder.resolve(".jobs"), CLOCK), CLOCK);
    }

    private SnapshotId written(int number) throws IOException {
        SnapshotId id = SnapshotId.at(NOW, number);
        Exports.snapshot(folder, id, NOW);
        return id;
    }
}
