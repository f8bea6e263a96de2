package io.homebudget.backup.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.SnapshotState;
import io.homebudget.backup.catalogue.StateFile;
import io.homebudget.backup.format.Exports;
import io.homebudget.backup.format.FileSummer;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.Reason;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.SnapshotWriter;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.backup.standin.CopiesInMemory;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import java.io.IOException;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retention of copies that are only elsewhere; that of the folder is in {@link RetentionTest} and the catalogue's tests. */
class CleanerTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
    private static final Rules RULES =
            new Rules(1, Duration.ofDays(7), 0, 0, 0, 0, Duration.ofDays(7), 3, Duration.ofDays(30));

    /** Of the ledgers that {@link Exports} exports. */
    private static final UUID OURS = new UUID(7, 7);

    @TempDir
    Path folder;

    private final Elsewhere remote = new Elsewhere();
    private final List<String> troubles = new ArrayList<>();

    @Test
    @Tag("A27")
    void whatIsOnlyElsewhereGoesByTheSameRules() throws IOException {
        // Given
        SnapshotId recent = remote.holds(5, Reason.SCHEDULED);
        SnapshotId old = remote.holds(40, Reason.SCHEDULED);
        SnapshotId beforeStep = remote.holds(41, Reason.PRE_MIGRATION);
        SnapshotId unreadable = remote.holds(50, Reason.SCHEDULED);
        remote.unreadable.add(unreadable);
        SnapshotId local = SnapshotId.at(NOW, 1);
        lies(local, SnapshotState.NEW.checked(NOW, List.of()));
        Cleaner cleaner = cleaner();
        // When
        List<Decision> plan = cleaner.plan();
        // Then
        assertThat(plan).extracting(Decision::id).containsExactly(local, recent, old, beforeStep, unreadable);
        assertThat(plan).extracting(Decision::keep).containsExactly(true, true, false, true, true);
        assertThat(plan.subList(1, 5))
                .allSatisfy(decision -> assertThat(decision.why()).startsWith("only elsewhere"));
        // When
        List<SnapshotId> removed = cleaner.apply(troubles::add);
        // Then
        assertThat(removed).containsExactly(old);
        assertThat(remote.list()).containsExactlyInAnyOrder(recent, beforeStep, unreadable);
        assertThat(cleaner.apply(troubles::add)).isEmpty();
    }

    @Test
    @Tag("A27")
    void theCopyOfADamagedSnapshotOutlivesIt() throws IOException {
        // Given two old ones in the folder, one of them damaged, both whole elsewhere, and a younger one
        SnapshotId damaged = remote.holds(40, Reason.SCHEDULED);
        SnapshotId whole = remote.holds(41, Reason.SCHEDULED);
        lies(damaged, SnapshotState.NEW.checked(NOW, List.of("a flipped byte")));
        lies(whole, SnapshotState.NEW.checked(NOW, List.of()));
        lies(SnapshotId.at(NOW, 1), SnapshotState.NEW.checked(NOW, List.of()));
        // When
        List<SnapshotId> removed = cleaner().apply(troubles::add);
        // Then
        assertThat(removed).containsExactly(damaged, whole);
        assertThat(remote.list()).containsExactly(damaged);
    }

    @Test
    @Tag("A27")
    void aSnapshotOfANewerVersionIsNotRemovedByAnOlderOne() throws IOException {
        // Given
        SnapshotId newer = SnapshotId.at(NOW.minus(Duration.ofDays(400)), 1);
        lies(newer, SnapshotState.NEW);
        String manifest = "{\"format\": 3, \"reason\": \"unheard of\"}";
        Path snapshot = folder.resolve(newer.text());
        Files.writeString(snapshot.resolve(Manifest.FILE), manifest);
        Files.writeString(
                snapshot.resolve(Manifest.SUMS),
                FileSummer.of(snapshot, Manifest.FILE).sha256() + "  " + Manifest.FILE + "\n");
        lies(SnapshotId.at(NOW, 1), SnapshotState.NEW.checked(NOW, List.of()));
        // Then
        assertThat(cleaner().apply(troubles::add)).isEmpty();
        assertThat(cleaner().plan()).last().satisfies(decision -> {
            assertThat(decision.id()).isEqualTo(newer);
            assertThat(decision.why()).contains("newer version");
        });
    }

    @Test
    @Tag("A27")
    void whatIsPinnedOrOfAnotherInstallationStaysElsewhere() throws IOException {
        // Given
        lies(SnapshotId.at(NOW, 1), SnapshotState.NEW.checked(NOW, List.of()));
        SnapshotId old = remote.holds(40, Reason.SCHEDULED);
        SnapshotId pinned = remote.holds(41, Reason.SCHEDULED);
        remote.pin(pinned, true);
        SnapshotId foreign = remote.holds(42, Reason.SCHEDULED, new UUID(8, 8));
        // Then
        assertThat(cleaner().apply(troubles::add)).containsExactly(old);
        assertThat(remote.list()).containsExactlyInAnyOrder(pinned, foreign);
    }

    @Test
    @Tag("A27")
    void aNewFolderRemovesNothingElsewhere() throws IOException {
        // Given copies of a folder that was lost
        SnapshotId old = remote.holds(400, Reason.SCHEDULED);
        SnapshotId recent = remote.holds(4, Reason.SCHEDULED);
        // Then
        assertThat(cleaner().apply(troubles::add)).isEmpty();
        assertThat(remote.list()).containsExactlyInAnyOrder(old, recent);
    }

    @Test
    @Tag("A27")
    void theFolderIsClearedWhileTheOtherPlaceIsAwayAndTheCopiesAreLeftAlone() throws IOException {
        // Given
        SnapshotId old = remote.holds(40, Reason.SCHEDULED);
        lies(old, SnapshotState.NEW.checked(NOW, List.of()));
        SnapshotId newest = SnapshotId.at(NOW, 1);
        lies(newest, SnapshotState.NEW.checked(NOW, List.of()));
        remote.away = true;
        // Then
        assertThat(cleaner().look().trouble()).contains("cannot be listed").contains("is away");
        assertThat(cleaner().plan()).extracting(Decision::keep).containsExactly(true, false);
        assertThat(cleaner().apply(troubles::add)).containsExactly(old);
        assertThat(troubles).hasSize(1);
        // When it is back
        remote.away = false;
        assertThat(remote.list()).containsExactly(old);
        assertThat(cleaner().apply(troubles::add)).containsExactly(old);
        // Then
        assertThat(remote.list()).isEmpty();
        assertThat(troubles).hasSize(1);
    }

    private Cleaner cleaner() {
        return new Cleaner(new Catalogue(folder), remote, RULES, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    /** A small snapshot in the folder. */
    private void lies(SnapshotId id, SnapshotState state) throws IOException {
        Exports.snapshot(
                folder,
                id,
                new SnapshotWriter.Description(
                        Instant.parse(id.text().replaceAll("(....)(..)(..)T(..)(..)(..)Z.*", "$1-$2-$3T$4:$5:$6Z")),
                        Reason.SCHEDULED,
                        "schedule",
                        null,
                        null,
                        List.of(),
                        List.of()),
                writer -> {});
        StateFile.write(folder.resolve(id.text()), state);
    }

    /** Another place, which may be away. */
    private static final class Elsewhere extends CopiesInMemory {
        private final Set<SnapshotId> unreadable = new TreeSet<>();

        private boolean away;

        SnapshotId holds(int daysOld, Reason reason) {
            return holds(daysOld, reason, OURS);
        }

        SnapshotId holds(int daysOld, Reason reason, UUID identity) {
            Instant at = NOW.minus(Duration.ofDays(daysOld));
            SnapshotId id = SnapshotId.at(at, daysOld);
            put(
                    id,
                    new Manifest(
                            1,
                            id,
                            at,
                            reason,
                            "schedule",
                            null,
                            List.of(image(at, identity)),
                            null,
                            List.of(),
                            List.of(),
                            List.of()));
            return id;
        }

        @Override
        public Set<SnapshotId> list() throws IOException {
            if (away) {
                throw new IOException("the other place is away");
            }
            return super.list();
        }

        @Override
        public Manifest manifest(SnapshotId id) throws IOException {
            if (unreadable.contains(id)) {
                throw new IOException("encrypted with another key");
            }
            return super.manifest(id);
        }

        private static StoreImage image(Instant at, UUID identity) {
            return new StoreImage(
                    Kind.INCOME,
                    StoreName.JSON,
                    "income/json.zst",
                    true,
                    Phase.JSON_ONLY,
                    1,
                    1,
                    identity,
                    1,
                    null,
                    null,
                    at,
                    1,
                    0,
                    new UUID(1, 1),
                    0);
        }
    }
}
