package io.homebudget.backup.making;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.checking.SnapshotVerifier;
import io.homebudget.backup.format.Exports;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.Reason;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.standin.LedgerServer;
import io.homebudget.backup.standin.Telling;
import io.homebudget.backup.standin.TestLedgers;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotMakerTest {
    private static final SnapshotOrder ORDER = new SnapshotOrder(Reason.MANUAL, "operator", null);

    @TempDir
    Path backups;

    private final LedgerServer expense = new LedgerServer(Kind.EXPENSE);
    private final LedgerServer income = new LedgerServer(Kind.INCOME);
    private final List<EntryImage> expenses = Exports.images(Kind.EXPENSE, 3_000, 11);
    private final List<EntryImage> incomes = Exports.images(Kind.INCOME, 500, 12);
    private final Telling told = new Telling();
    private Catalogue catalogue;
    private SnapshotMaker maker;

    @BeforeEach
    void start() {
        expense.holds(expenses);
        income.holds(incomes);
        catalogue = new Catalogue(backups);
        maker = new SnapshotMaker(
                catalogue,
                TestLedgers.of(expense, income),
                new TopicEnds(null),
                Clock.systemUTC(),
                new Random(1)::nextInt);
    }

    @AfterEach
    void stop() {
        expense.close();
        income.close();
    }

    @Test
    void inJsonOnlyASnapshotOfTheJsonStoresIsComplete() throws Exception {
        // When
        Manifest manifest = maker.make(ORDER, told);
        // Then
        assertThat(manifest.complete()).isTrue();
        assertThat(manifest.images()).extracting(image -> image.store()).containsOnly(StoreName.JSON);
        assertThat(manifest.entries()).isEqualTo(2_700 + 450);
        Listed listed = catalogue.find(manifest.id()).orElseThrow();
        assertThat(listed.good()).isTrue();
        assertThat(told.facts()).containsEntry("backup_id", manifest.id().text());
        assertThat(SnapshotVerifier.verify(backups.resolve(manifest.id().text()), Progress.NONE))
                .isEmpty();
    }

    @Test
    void theArchiveHoldsTheVeryBytesThatTheOldBackendWrites() throws Exception {
        // When
        Manifest manifest = maker.make(ORDER, told);
        // Then
        Map<String, String> files = unpacked(manifest);
        assertThat(files).containsOnlyKeys("expenses.json", "incomes.json");
        assertThat(files.get("expenses.json")).isEqualTo(array(Kind.EXPENSE, expenses));
        assertThat(files.get("incomes.json")).isEqualTo(array(Kind.INCOME, incomes));
    }

    @Test
    void anEmptyLedgerGivesAnEmptyArray() throws Exception {
        income.holds(List.of());
        assertThat(unpacked(maker.make(ORDER, told)).get("incomes.json")).isEqualTo("[]");
    }

    @Test
    void inADualPhaseBothStoresAreTaken() throws Exception {
        // Given
        expense.in(Phase.DATABASE_READS);
        income.in(Phase.DATABASE_ONLY);
        // When
        Manifest manifest = maker.make(ORDER, told);
        // Then
        assertThat(manifest.images())
                .extracting(image -> image.kind() + " " + image.store() + " " + image.primary())
                .containsExactly("EXPENSE POSTGRES true", "EXPENSE JSON false", "INCOME POSTGRES true");
        assertThat(unpacked(manifest)).containsOnlyKeys("expenses.json");
    }

    @Test
    void withoutTheFollowerTheRulingStoreIsSavedAndTheJobSaysWhatIsMissing() throws Exception {
        // Given
        expense.in(Phase.DUAL_WRITE).away(StoreName.POSTGRES, true);
        // When
        assertThatThrownBy(() -> maker.make(ORDER, told))
                // Then
                .isInstanceOf(SnapshotFailed.class)
                .hasMessageContaining("the PostgreSQL store of the expenses");
        Listed listed = catalogue.list().get(0);
        assertThat(listed.good()).isTrue();
        assertThat(listed.manifest().complete()).isFalse();
        assertThat(listed.manifest().image(Kind.EXPENSE, StoreName.JSON)).isPresent();
    }

    @Test
    void withoutTheRulingStoreThereIsNoSnapshotAndNothingIsLeftOfIt() throws Exception {
        // Given
        income.away(StoreName.JSON, true);
        // When
        assertThatThrownBy(() -> maker.make(ORDER, told))
                // Then
                .isInstanceOf(SnapshotFailed.class)
                .hasMessageContaining("the JSON store of the incomes");
        assertThat(names()).isEmpty();
    }

    @Test
    void anExportThatBreaksOffIsReadAnew() throws Exception {
        expense.cutting(2);
        Manifest manifest = maker.make(ORDER, told);
        assertThat(unpacked(manifest).get("expenses.json")).isEqualTo(array(Kind.EXPENSE, expenses));
    }

    @Test
    void aPhaseThatChangesMeanwhileBeginsTheSnapshotAnew() throws Exception {
        // Given
        AtomicInteger exports = new AtomicInteger();
        expense.during(() -> {
            if (exports.incrementAndGet() == 1) {
                expense.in(Phase.DUAL_WRITE);
            }
        });
        // When
        Manifest manifest = maker.make(ORDER, told);
        // Then
        assertThat(manifest.images())
                .filteredOn(image -> image.kind() == Kind.EXPENSE)
                .hasSize(2)
                .allMatch(image -> image.phase() == Phase.DUAL_WRITE);
        assertThat(names()).containsExactly(manifest.id().text());
    }

    @Test
    void damageInTheStoreIsSaidAndNotHidden() throws Exception {
        // Given an amount that was changed behind the log's back
        List<EntryImage> damaged = new ArrayList<>(incomes);
        EntryImage first = damaged.get(0);
        EntryValues values = first.values();
        damaged.set(
                0,
                new EntryImage(
                        first.id(),
                        first.version(),
                        first.epoch(),
                        first.changeId(),
                        false,
                        first.recorded(),
                        new EntryValues(
                                values.date(),
                                values.business(),
                                values.category(),
                                values.cents() + 1,
                                values.account(),
                                values.currency(),
                                values.notes())));
        income.holds(damaged);
        // When
        Manifest manifest = maker.make(ORDER, told);
        // Then
        assertThat(manifest.image(Kind.INCOME, StoreName.JSON).orElseThrow().damaged())
                .isEqualTo(1);
        assertThat(manifest.notes()).anyMatch(note -> note.startsWith("1 entries of the JSON store of the incomes"));
    }

    @Test
    @Tag("A29")
    void eachOf50FlippedBytesAnywhereIsFoundAndItsFileNamed() throws Exception {
        // Given
        expense.in(Phase.DUAL_WRITE);
        Path folder = backups.resolve(maker.make(ORDER, told).id().text());
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(Files::isRegularFile).sorted().toList();
        }
        Random random = new Random(50);
        for (int i = 0; i < 50 + files.size(); i++) {
            Path file = files.get(i < files.size() ? i : random.nextInt(files.size()));
            byte[] whole = Files.readAllBytes(file);
            byte[] flipped = whole.clone();
            int at = random.nextInt(whole.length);
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, flipped);
            // When
            List<Flaw> flaws = SnapshotVerifier.verify(folder, Progress.NONE);
            // Then
            String path = folder.relativize(file).toString();
            assertThat(flaws).as("byte %d of %s", at, path).isNotEmpty();
            assertThat(flaws.toString()).as("byte %d of %s", at, path).contains(path);
            Files.write(file, whole);
        }
        assertThat(SnapshotVerifier.verify(folder, Progress.NONE)).isEmpty();
    }

    @Test
    void aFileTooFewOrTooManyIsFound() throws Exception {
        // Given
        Path folder = backups.resolve(maker.make(ORDER, told).id().text());
        Files.delete(folder.resolve("json/income.entries.copy.zst"));
        Files.writeString(folder.resolve("json/extra.txt"), "x");
        // When
        List<Flaw> flaws = SnapshotVerifier.verify(folder, Progress.NONE);
        // Then
        assertThat(flaws)
                .extracting(Flaw::file)
                .containsExactlyInAnyOrder("json/income.entries.copy.zst", "json/extra.txt");
    }

    private Map<String, String> unpacked(Manifest manifest) throws IOException {
        Path folder = backups.resolve(manifest.id().text());
        Path archive = manifest.files().stream()
                .map(file -> file.path())
                .filter(path -> path.matches("json/json_backup_\\d{8}_\\d{6}\\.tar\\.gz"))
                .map(folder::resolve)
                .findFirst()
                .orElseThrow();
        Map<String, String> files = new HashMap<>();
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new GzipCompressorInputStream(Files.newInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                files.put(entry.getName(), new String(tar.readAllBytes(), StandardCharsets.US_ASCII));
            }
        }
        return files;
    }

    private static String array(Kind kind, List<EntryImage> images) {
        List<Entry> entries = images.stream()
                .filter(image -> !image.deleted())
                .map(image -> image.values().withId(image.id()))
                .sorted(Entry::compareForListing)
                .toList();
        StringBuilder text = new StringBuilder();
        for (Entry entry : entries) {
            text.append(text.length() == 0 ? "[\n  " : ",\n  ");
            EntryWriter.indented(kind, entry, text);
        }
        return text.append("\n]").toString();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(backups)) {
            return files.map(path -> path.getFileName().toString()).toList();
        }
    }
}
