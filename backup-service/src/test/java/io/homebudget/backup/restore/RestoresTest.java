package io.homebudget.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import io.homebudget.backup.format.FileSum;
import io.homebudget.backup.format.FileSummer;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.Reason;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobState;
import io.homebudget.backup.problems.Refused;
import io.homebudget.backup.recovery.History;
import io.homebudget.backup.standin.Backups;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.EntryValues;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoresTest {
    @TempDir
    Path folder;

    private Backups backups;

    @BeforeEach
    void start() {
        backups = new Backups(folder, Optional.empty());
        backups.expense.history().changes(3_000);
        backups.income.history().changes(500);
    }

    @AfterEach
    void stop() {
        backups.close();
    }

    @Test
    void bothLedgersAreTakenBackAndTheSafetySnapshotHasWhatWasThere() throws Exception {
        SnapshotId id = backups.snapshot();
        Map<Long, EntryValues> expenses = backups.expense.history().live();
        Map<Long, EntryValues> incomes = backups.income.history().live();
        backups.expense.history().changes(400);
        backups.income.history().changes(100);

        Job job = restore(id, List.of(Kind.values()));

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(backups.expense.history().live()).isEqualTo(expenses);
        assertThat(backups.income.history().live()).isEqualTo(incomes);
        assertThat(backups.catalogue.list())
                .anyMatch(listed -> listed.manifest().reason() == Reason.SAFETY
                        && listed.id().text().equals(job.result().get("safety_backup_id")));
        assertThat(job.actor()).isEqualTo("operator");
        assertThat(job.reason()).isEqualTo("a test");
    }

    @Test
    void theFirstSnapshotOfANewInstallationIsOfWhatItTookAndNotOfWhatItWasBefore() throws Exception {
        SnapshotId id = backups.snapshot();
        backups.expense.becomes(new History(Kind.EXPENSE, 1), new UUID(8, 8));
        backups.income.becomes(new History(Kind.INCOME, 1), new UUID(9, 9));

        Job job = restore(id, List.of(Kind.values()));

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        SnapshotId first = new SnapshotId((String) job.result().get("first_backup_id"));
        for (Kind kind : Kind.values()) {
            assertThat(image(first, kind).digest()).isEqualTo(image(id, kind).digest());
            assertThat(image(first, kind).epoch()).isEqualTo(2);
        }
    }

    private StoreImage image(SnapshotId id, Kind kind) throws IOException {
        return backups.catalogue
                .find(id)
                .orElseThrow()
                .manifest()
                .primaryImage(kind)
                .orElseThrow();
    }

    @Test
    void oneKindAloneIsTakenBack() throws Exception {
        SnapshotId id = backups.snapshot();
        backups.expense.history().changes(100);
        backups.income.history().changes(100);
        Map<Long, EntryValues> expenses = backups.expense.history().live();

        Job job = restore(id, List.of(Kind.INCOME));

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(backups.expense.history().live()).isEqualTo(expenses);
    }

    @Test
    @Tag("A29")
    void aSnapshotWithAFlippedByteIsRefusedNamingTheFileAndNothingIsTouched() throws Exception {
        SnapshotId id = backups.snapshot();
        backups.expense.history().changes(100);
        Map<Long, EntryValues> expenses = backups.expense.history().live();
        String path = backups.catalogue
                .find(id)
                .orElseThrow()
                .manifest()
                .files()
                .get(0)
                .path();
        flip(backups.catalogue.folder().resolve(id.text()).resolve(path));

        Job job = restore(id, List.of(Kind.values()));

        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).contains(path);
        assertThat(backups.expense.history().live()).isEqualTo(expenses);
    }

    @Test
    @Tag("A29")
    void aRowThatIsNotTheSnapshotsIsFoundBeforeAnyLedgerIsTouchedAlsoWhereEveryChecksumFits() throws Exception {
        // Given a snapshot in whose second ledger somebody changed a row, and made all checksums fit
        SnapshotId id = backups.snapshot();
        Path snapshot = backups.catalogue.folder().resolve(id.text());
        FileSum before = backups.catalogue
                .find(id)
                .orElseThrow()
                .manifest()
                .file(image(id, Kind.INCOME).file())
                .orElseThrow();
        changeALetter(snapshot.resolve(before.path()));
        FileSum after = FileSummer.of(snapshot, before.path());
        String old = FileSummer.of(snapshot, Manifest.FILE).sha256();
        replace(snapshot.resolve(Manifest.FILE), before.sha256(), after.sha256());
        replace(snapshot.resolve(Manifest.SUMS), before.sha256(), after.sha256());
        replace(
                snapshot.resolve(Manifest.SUMS),
                old,
                FileSummer.of(snapshot, Manifest.FILE).sha256());
        backups.expense.history().changes(100);
        backups.income.history().changes(100);
        Map<Long, EntryValues> expenses = backups.expense.history().live();
        Map<Long, EntryValues> incomes = backups.income.history().live();

        Job job = restore(id, List.of(Kind.values()));

        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).contains(before.path()).contains("Nothing was restored");
        assertThat(backups.expense.history().live()).isEqualTo(expenses);
        assertThat(backups.income.history().live()).isEqualTo(incomes);
    }

    @Test
    void whereOneLedgerRefusesItsRowsNothingIsRestoredAndNothingStaysStaged() throws Exception {
        SnapshotId id = backups.snapshot();
        backups.expense.history().changes(100);
        backups.income.history().changes(100);
        Map<Long, EntryValues> expenses = backups.expense.history().live();
        Map<Long, EntryValues> incomes = backups.income.history().live();
        backups.income.refusesRows();

        Job job = restore(id, List.of(Kind.values()));

        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).startsWith("Nothing was restored: ").contains("413");
        assertThat(backups.expense.history().live()).isEqualTo(expenses);
        assertThat(backups.income.history().live()).isEqualTo(incomes);
        assertThat(backups.expense.restore().error()).isEqualTo("discarded");
        assertThat(backups.income.restore().error()).isEqualTo("discarded");
    }

    @Test
    void aFailureBehindTheFirstLedgerNamesWhatWasRestoredAndTheSafetySnapshot() throws Exception {
        SnapshotId id = backups.snapshot();
        Map<Long, EntryValues> expenses = backups.expense.history().live();
        backups.expense.history().changes(100);
        backups.income.history().changes(100);
        Map<Long, EntryValues> incomes = backups.income.history().live();
        backups.income.failsToApply();

        Job job = restore(id, List.of(Kind.values()));

        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error())
                .contains("the disk is full")
                .contains("Already restored: the expenses.")
                .contains((String) job.result().get("safety_backup_id"))
                .doesNotContain("Nothing");
        assertThat(backups.expense.history().live()).isEqualTo(expenses);
        assertThat(backups.income.history().live()).isEqualTo(incomes);
    }

    private static void changeALetter(Path packed) throws IOException {
        byte[] rows;
        try (InputStream in = new ZstdInputStream(Files.newInputStream(packed))) {
            rows = in.readAllBytes();
        }
        String text = new String(rows, StandardCharsets.UTF_8);
        int at = text.indexOf("\tf\t");
        int amount = text.indexOf(".", at);
        rows[text.substring(0, amount + 1).getBytes(StandardCharsets.UTF_8).length] ^= 1;
        try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(packed))) {
            out.write(rows);
        }
    }

    private static void replace(Path file, String old, String now) throws IOException {
        Files.writeString(file, Files.readString(file).replace(old, now));
    }

    @Test
    void aStoreThatIsNotInUseAndASnapshotThatIsNotThereAreRefused() throws Exception {
        SnapshotId id = backups.snapshot();
        for (var wrong : List.of(
                new Restores.Order(id, Target.POSTGRES, List.of(Kind.EXPENSE), "operator", null),
                new Restores.Order(
                        new SnapshotId("20200101T000000Z-000000"),
                        Target.BOTH,
                        List.of(Kind.EXPENSE),
                        "operator",
                        null))) {
            assertThatThrownBy(() -> backups.restores.order(wrong))
                    .isInstanceOfSatisfying(Refused.class, refused -> assertThat(
                                    refused.refusal().error())
                            .isIn(LedgerError.CONFLICT, LedgerError.NOT_FOUND));
        }
    }

    private Job restore(SnapshotId id, List<Kind> kinds) throws IOException {
        return backups.ended(backups.restores.order(new Restores.Order(id, Target.BOTH, kinds, "operator", "a test")));
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }
}
