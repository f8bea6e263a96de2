package io.homebudget.backup.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.ZstdOutputStream;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.rows.RowText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotFormatTest {
    private static final SnapshotId ID = SnapshotId.at(Instant.parse("2026-01-31T12:00:00Z"), 0xabcdef);
    private static final SnapshotWriter.Description DESCRIPTION = new SnapshotWriter.Description(
            Instant.parse("2026-01-31T12:00:00Z"),
            Reason.MANUAL,
            "operator",
            "before the tax office asks",
            List.of(new TopicEnd("ledger.expense.changes.v1", "BcJ3mMGwQnOm1XpNcD1NHg", Map.of(0, 17L, 1, 4L))),
            List.of(),
            List.of());

    @TempDir
    Path backups;

    private final List<EntryImage> expenses = Exports.images(Kind.EXPENSE, 1_000, 1);
    private final List<EntryImage> incomes = Exports.images(Kind.INCOME, 200, 2);

    @Test
    void whatWasWrittenIsReadBackRowByRow() throws IOException {
        // Given
        Path folder = write();
        // When
        SnapshotReader reader = SnapshotReader.open(folder);
        // Then
        assertThat(rows(reader, Kind.EXPENSE, StoreName.JSON)).isEqualTo(expenses);
        assertThat(rows(reader, Kind.INCOME, StoreName.POSTGRES)).isEqualTo(incomes);
        assertThat(reader.manifest().entries()).isEqualTo(900 + 180);
        assertThat(reader.manifest().topics()).isEqualTo(DESCRIPTION.topics());
        assertThat(reader.manifest().primaryImage(Kind.EXPENSE).orElseThrow().position())
                .isEqualTo(4_711);
        assertThat(reader.manifest().createdAt()).isEqualTo(DESCRIPTION.createdAt());
    }

    @Test
    void beforeItIsPublishedNothingHasTheNameOfASnapshot() throws IOException {
        // Given
        try (SnapshotWriter writer = filled()) {
            writer.complete(DESCRIPTION);
            // Then
            assertThat(names()).containsExactly(SnapshotWriter.PARTIAL + ID);
            // When
        }
        // Then
        assertThat(names()).isEmpty();
    }

    @Test
    void anExportThatBreaksOffIsNeverTakenForAWholeOne() throws IOException {
        String whole = Exports.text(Exports.head(Kind.EXPENSE, StoreName.JSON, Phase.JSON_ONLY, 5, expenses), expenses);
        int lastLine = whole.lastIndexOf('\n', whole.length() - 2);
        for (int cut : new int[] {0, 10, whole.length() / 2, lastLine, lastLine + 5}) {
            // When
            try (SnapshotWriter writer = SnapshotWriter.begin(backups, ID)) {
                // Then
                assertThatThrownBy(() -> writer.entries(
                                Kind.EXPENSE,
                                StoreName.JSON,
                                true,
                                Exports.stream(whole.substring(0, cut)),
                                export -> {}))
                        .as("cut after %d bytes", cut)
                        .isInstanceOf(ExportLines.BrokenExport.class);
            }
        }
    }

    @Test
    void aManifestOfANewerFormatIsRefusedSayingSo() {
        assertThatThrownBy(() -> new Manifest(
                        3,
                        ID,
                        Instant.EPOCH,
                        Reason.MANUAL,
                        "operator",
                        null,
                        List.of(),
                        null,
                        List.of(),
                        List.of(),
                        List.of()))
                .hasMessageContaining("newer than 2");
    }

    @Test
    void rowsThatDoNotGiveTheManifestsDigestAreFoundThoughEveryChecksumFits() throws IOException {
        // Given a manifest that promises another digest
        Path folder = write();
        Manifest honest = SnapshotReader.open(folder).manifest();
        String wrong = Files.readString(folder.resolve(Manifest.FILE))
                .replace(honest.images().get(0).digest().toString(), "00000000-0000-0000-0000-000000000001");
        Files.writeString(folder.resolve(Manifest.FILE), wrong);
        String sums = Files.readString(folder.resolve(Manifest.SUMS));
        Files.writeString(
                folder.resolve(Manifest.SUMS),
                FileSummer.of(folder, Manifest.FILE).sha256() + sums.substring(64));
        // When
        DamagedSnapshot damaged = catchThrowableOfType(
                DamagedSnapshot.class, () -> rows(SnapshotReader.open(folder), Kind.EXPENSE, StoreName.JSON));
        // Then
        assertThat(damaged.flaw().file()).isEqualTo("json/expense.entries.copy.zst");
        assertThat(damaged.flaw().what()).contains("digest");
    }

    @Test
    void aSnapshotOfFormat1IsStillReadAndGivenInTodaysLines() throws IOException {
        // Given
        Path folder = written1();
        // When
        SnapshotReader reader = SnapshotReader.open(folder);
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        try (EntryStream rows = reader.entries(Kind.EXPENSE, StoreName.JSON)) {
            assertThat(rows.head().format()).isEqualTo(2);
            while (rows.next(lines)) {
                assertThat(lines.size()).isPositive();
            }
        }
        // Then
        assertThat(rows(reader, Kind.EXPENSE, StoreName.JSON)).isEqualTo(expenses);
        StringBuilder expected = new StringBuilder();
        expenses.forEach(row -> RowText.append(Kind.EXPENSE, row, expected));
        assertThat(lines.toString(StandardCharsets.UTF_8)).isEqualTo(expected.toString());
    }

    /** As the first version of this program wrote them. */
    private Path written1() throws IOException {
        Path today = write();
        Manifest manifest = SnapshotReader.open(today).manifest();
        StoreImage image = manifest.image(Kind.EXPENSE, StoreName.JSON).orElseThrow();
        String path = "json/expense.entries.ndjson.zst";
        Path folder = Files.createDirectories(backups.resolve("20250131T120000Z-000001/json"))
                .getParent();
        try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(folder.resolve(path)))) {
            out.write(Exports.oldText(
                            Exports.head(Kind.EXPENSE, StoreName.JSON, Phase.JSON_ONLY, image.position(), expenses),
                            expenses)
                    .getBytes(StandardCharsets.UTF_8));
        }
        StoreImage old = new StoreImage(
                image.kind(),
                image.store(),
                path,
                true,
                image.phase(),
                image.epoch(),
                image.position(),
                image.identity(),
                image.idsThrough(),
                image.publishedThrough(),
                image.schemaVersion(),
                image.at(),
                image.entries(),
                image.tombstones(),
                image.digest(),
                0);
        FileSum sum = FileSummer.of(folder, path);
        Manifest first = new Manifest(
                1,
                new SnapshotId("20250131T120000Z-000001"),
                manifest.createdAt(),
                Reason.MANUAL,
                "operator",
                null,
                List.of(old),
                null,
                List.of(),
                List.of(),
                List.of(sum));
        Files.write(folder.resolve(Manifest.FILE), SnapshotJson.MAPPER.writeValueAsBytes(first));
        Files.writeString(
                folder.resolve(Manifest.SUMS),
                FileSummer.of(folder, Manifest.FILE).sha256() + "  " + Manifest.FILE + "\n" + sum.sha256() + "  " + path
                        + "\n");
        return folder;
    }

    @Test
    void everyFileIsItsOwnersAlone() throws IOException {
        Path folder = write();
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files)
                    .allSatisfy(path -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .endsWith("------"));
        }
    }

    private Path write() throws IOException {
        try (SnapshotWriter writer = filled()) {
            writer.complete(DESCRIPTION);
            return writer.publish();
        }
    }

    private SnapshotWriter filled() throws IOException {
        SnapshotWriter writer = SnapshotWriter.begin(backups, ID);
        writer.entries(
                Kind.EXPENSE,
                StoreName.JSON,
                true,
                Exports.stream(Kind.EXPENSE, StoreName.JSON, Phase.JSON_ONLY, expenses),
                export -> {});
        writer.entries(
                Kind.INCOME,
                StoreName.POSTGRES,
                true,
                Exports.stream(Kind.INCOME, StoreName.POSTGRES, Phase.DATABASE_ONLY, incomes),
                export -> {});
        return writer;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(backups)) {
            return files.map(path -> path.getFileName().toString()).toList();
        }
    }

    private static List<EntryImage> rows(SnapshotReader reader, Kind kind, StoreName store) throws IOException {
        List<EntryImage> rows = new ArrayList<>();
        try (EntryStream stream = reader.entries(kind, store)) {
            for (EntryImage row = stream.next(); row != null; row = stream.next()) {
                rows.add(row);
            }
        }
        return rows;
    }
}
