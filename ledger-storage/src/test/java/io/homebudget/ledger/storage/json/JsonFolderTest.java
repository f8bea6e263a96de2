package io.homebudget.ledger.storage.json;

import static io.homebudget.ledger.storage.json.Stores.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.store.StoreAway;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JSON store that is given up: archived whole, then gone, whatever happens in between. */
class JsonFolderTest {
    private static final Rule ALONE = new Rule(4, Phase.DATABASE_ONLY);
    private static final Set<String> LEFT = Set.of("archive", "given-up.json", "ledger.lock");
    private static final String TWO = """
            [
              {"date": "2026-01-02", "business": null, "category": "a", "amount": 1.0, "account": "b", "currency": "x", "notes": null, "id": 1},
              {"date": "2026-01-03", "business": null, "category": "a", "amount": 2.0, "account": "b", "currency": "x", "notes": null, "id": 7}
            ]""";

    private final FaultyDisk disk = new FaultyDisk();

    @TempDir
    Path home;

    private Path place;
    private JsonFolder folder;
    private Clock clock = Clock.systemUTC();
    /** Checkpoints come only when a test asks for them, but where it says otherwise. */
    private Duration checkpointDelay = Duration.ofHours(1);

    @AfterEach
    void close() {
        disk.fails = (call, file) -> false;
        if (folder != null) {
            folder.close();
        }
    }

    @Test
    void everyFileIsInTheArchiveAndNoneIsLeft() throws IOException {
        inUse("life");
        Set<String> before = names(place);

        WayBackClosing.Done done = giveUp();

        assertThat(names(place)).isEqualTo(LEFT);
        Set<String> gone = new TreeSet<>(before);
        gone.remove("ledger.lock");
        assertThat(archived(Path.of(done.path()))).isEqualTo(gone).contains("expenses.json", "expenses.json.original");
        assertThat(folder.live()).isEmpty();
        assertThat(folder.closed()).hasValue(done);
        assertThat(done.actor()).isEqualTo("operator");
    }

    @Test
    void aStartAfterwardsHoldsNothingAndSaysWhy() throws IOException {
        inUse("life");
        UUID identity = folder.identity();
        WayBackClosing.Done done = giveUp();
        folder.close();

        open();

        assertThat(folder.closed()).hasValue(done);
        assertThat(folder.identity()).isEqualTo(identity);
        assertThat(await(folder.store().standing()).decided()).hasValue(ALONE);
        assertThatThrownBy(() -> await(folder.store().count()))
                .isInstanceOf(StoreAway.class)
                .hasMessageContaining("operator (no more files)")
                .hasMessageContaining(done.path());
        assertThat(names(place)).isEqualTo(LEFT);
    }

    @Test
    void orderedAgainItAnswersAsTheFirstTime() throws IOException {
        inUse("life");
        WayBackClosing.Done done = giveUp();

        WayBackClosing.Done again = folder.giveUp(new Rule(9, Phase.DATABASE_ONLY), 99, "somebody", "else");

        assertThat(again).isEqualTo(done);
    }

    /** Every call on the disk fails once, and the process is killed there: the store is whole, or it is given up. */
    @Test
    void aKillAtAnyMomentLeavesTheStoreWholeOrGivenUp() throws IOException {
        int calls = 1;
        boolean whole = false;
        boolean goneAtLast = false;
        for (int at = 1; at <= calls; at++) {
            inUse("life" + at);
            AtomicInteger count = new AtomicInteger();
            int last = at;
            disk.fails = (call, file) -> count.incrementAndGet() >= last;
            try {
                giveUp();
            } catch (IOException injected) {
                assertThat(injected).hasMessageContaining("injected");
                calls = at + 1;
            }
            Path killed = copy(place, home.resolve("killed" + at));
            close();
            place = killed;

            open();

            if (folder.live().isPresent()) {
                assertThat(await(folder.live().get().count())).isEqualTo(2);
                whole = true;
            } else {
                assertThat(names(place)).isEqualTo(LEFT);
                goneAtLast = true;
            }
            close();
        }
        assertThat(whole && goneAtLast).isTrue();
        assertThat(calls).isGreaterThan(8);
    }

    @Test
    void whatCouldNotBeDeletedIsDeletedWhenItIsOrderedAgain() throws IOException {
        inUse("life");
        disk.fails = (call, file) -> call == FaultyDisk.Call.DELETE && file.startsWith("journal-");
        assertThatThrownBy(this::giveUp).isInstanceOf(IOException.class);
        assertThat(folder.closed()).isPresent();
        disk.fails = (call, file) -> false;

        giveUp();

        assertThat(names(place)).isEqualTo(LEFT);
    }

    @Test
    void filesThatAppearLaterAreSomebodysAndAreNotDeleted() throws IOException {
        inUse("life");
        giveUp();
        folder.close();
        folder = null;
        Files.writeString(place.resolve("expenses.json"), TWO);

        assertThatThrownBy(this::open)
                .isInstanceOf(RecoveryRequired.class)
                .hasMessageContaining("expenses.json")
                .hasMessageContaining("move given-up.json away");
        assertThat(place.resolve("expenses.json")).hasContent(TWO);
    }

    @Test
    void withoutItsArchiveNothingMoreIsDeleted() throws IOException {
        inUse("life");
        disk.fails = (call, file) -> call == FaultyDisk.Call.DELETE && file.startsWith("journal-");
        assertThatThrownBy(this::giveUp).isInstanceOf(IOException.class);
        Path killed = copy(place, home.resolve("killed"));
        close();
        folder = null;
        try (Stream<Path> archives = Files.list(killed.resolve("archive"))) {
            for (Path archive : archives.toList()) {
                Files.delete(archive);
            }
        }
        place = killed;

        assertThatThrownBy(this::open).isInstanceOf(RecoveryRequired.class).hasMessageContaining("archive");
        assertThat(names(place)).anyMatch(name -> name.startsWith("journal-"));
    }

    @Test
    void aCheckpointThatIsDueAfterwardsLeavesNothingBehind() throws IOException {
        Set<Thread> others = checkpointThreads();
        checkpointDelay = Duration.ofMillis(500);
        inUse("life");

        giveUp();

        Awaitility.await().atMost(Stores.LIMIT).until(() -> others.containsAll(checkpointThreads()));
        assertThat(names(place)).isEqualTo(LEFT);
        folder.close();
        open();
        assertThat(folder.closed()).isPresent();
    }

    @Test
    void anErrorBehindTheCommitPointLeavesItGivenUpAndDeletesNothingYet() throws IOException {
        inUse("life");
        disk.fails =
                (call, file) -> call == FaultyDisk.Call.FORCE_FOLDER && Files.exists(place.resolve("given-up.json"));

        assertThatThrownBy(this::giveUp).isInstanceOf(IOException.class).hasMessageContaining("injected");

        assertThat(folder.closed()).isPresent();
        assertThat(folder.live()).isEmpty();
        assertThatThrownBy(this::giveUp).isInstanceOf(IOException.class).hasMessageContaining("injected");
        assertThat(names(place)).contains("expenses.json");
        disk.fails = (call, file) -> false;
        giveUp();
        assertThat(names(place)).isEqualTo(LEFT);
    }

    @Test
    void whatTheArchiveDoesNotHoldIsNotDeletedAtAStart() throws IOException {
        inUse("life");
        disk.fails = (call, file) -> call == FaultyDisk.Call.DELETE && file.startsWith("journal-");
        assertThatThrownBy(this::giveUp).isInstanceOf(IOException.class);
        Path killed = copy(place, home.resolve("killed"));
        close();
        folder = null;
        Files.writeString(killed.resolve("expenses.json"), "[]");
        Set<String> before = names(killed);
        place = killed;

        assertThatThrownBy(this::open)
                .isInstanceOf(RecoveryRequired.class)
                .hasMessageContaining("expenses.json")
                .hasMessageContaining("archive");

        before.add("ledger.lock");
        assertThat(names(place)).isEqualTo(before);
        assertThat(place.resolve("expenses.json")).hasContent("[]");
    }

    @Test
    void anArchiveReplacesNoneOfTheSameSecond() throws IOException {
        clock = Clock.fixed(Instant.parse("2026-01-31T10:00:00Z"), ZoneOffset.UTC);
        inUse("life");
        Path first = folder.archive();
        byte[] content = Files.readAllBytes(first);

        Path second = folder.archive();
        WayBackClosing.Done done = giveUp();

        assertThat(Set.of(first.getFileName().toString(), second.getFileName().toString()))
                .containsExactlyInAnyOrder(
                        "json_backup_20260131_100000.tar.gz", "json_backup_20260131_100000-1.tar.gz");
        assertThat(done.path()).endsWith("json_backup_20260131_100000-2.tar.gz");
        assertThat(first).hasBinaryContent(content);
    }

    @Test
    void whatWasGivenUpIsNotArchivedAnyMore() throws IOException {
        inUse("life");
        WayBackClosing.Done done = giveUp();

        assertThatThrownBy(folder::archive)
                .isInstanceOf(StoreAway.class)
                .hasMessageContaining("The way back was closed");

        assertThat(names(place.resolve("archive")))
                .containsExactly(Path.of(done.path()).getFileName().toString());
    }

    @Test
    void aCloseMeanwhileWaitsBeforeItLetsTheFolderGo() throws Exception {
        inUse("life");
        Thread closing = new Thread(folder::close);
        List<Boolean> held = new ArrayList<>();
        disk.before = (call, file) -> {
            if (call == FaultyDisk.Call.RENAME && closing.getState() == Thread.State.NEW) {
                closing.start();
                Awaitility.await()
                        .atMost(Stores.LIMIT)
                        .until(() -> closing.getState() == Thread.State.TIMED_WAITING
                                || closing.getState() == Thread.State.TERMINATED);
                held.add(isHeld(place));
            }
            return true;
        };

        giveUp();

        closing.join(Stores.LIMIT.toMillis());
        assertThat(held).containsExactly(true);
        assertThat(isHeld(place)).isFalse();
        assertThat(names(place)).isEqualTo(LEFT);
    }

    @Test
    void aClosedFolderIsNotGivenUp() throws IOException {
        inUse("life");
        folder.close();
        Set<String> before = names(place);

        assertThatThrownBy(this::giveUp).isInstanceOf(IOException.class).hasMessageContaining("closed");

        assertThat(names(place)).isEqualTo(before);
    }

    @Test
    void anArchiveThatFailsLeavesNothingBehind() throws IOException {
        inUse("life");
        Files.createDirectory(place.resolve("rejected.ndjson"));

        assertThatThrownBy(folder::archive).isInstanceOf(UncheckedIOException.class);

        assertThat(names(place.resolve("archive"))).isEmpty();
    }

    @Test
    void noNewStoreIsBegunInTheFolder() throws IOException {
        inUse("life");
        giveUp();
        folder.close();
        folder = null;

        assertThatThrownBy(() -> JsonStore.open(
                        Stores.config(place), Clock.systemUTC(), UUID::randomUUID, Stores::take, Disk.REAL))
                .isInstanceOf(RecoveryRequired.class)
                .hasMessageContaining("The way back was closed");
        assertThat(names(place)).isEqualTo(LEFT);
    }

    private void inUse(String name) throws IOException {
        place = home.resolve(name);
        Files.createDirectories(place);
        Files.writeString(place.resolve("expenses.json"), TWO);
        open();
        JsonStore store = folder.live().orElseThrow();
        await(store.adopt(ALONE));
        await(store.checkpoint());
    }

    private void open() throws IOException {
        disk.fails = (call, file) -> false;
        folder = JsonFolder.open(
                Stores.config(place).withTimes(checkpointDelay, Duration.ZERO, Duration.ofMillis(500)),
                clock,
                UUID::randomUUID,
                Stores::take,
                disk);
    }

    private WayBackClosing.Done giveUp() throws IOException {
        return folder.giveUp(ALONE, 0, "operator", "no more files");
    }

    private static Set<Thread> checkpointThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("ledger-checkpoint-"))
                .collect(Collectors.toSet());
    }

    private static boolean isHeld(Path folder) {
        try (FolderLock mine = FolderLock.take(folder)) {
            return mine == null;
        } catch (RecoveryRequired e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<String> archived(Path archive) throws IOException {
        Set<String> names = new TreeSet<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(
                new GzipCompressorInputStream(new BufferedInputStream(Files.newInputStream(archive))))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            all.filter(file -> !file.endsWith("ledger.lock")).forEach(file -> {
                try {
                    Files.copy(file, to.resolve(from.relativize(file)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return to;
    }
}
