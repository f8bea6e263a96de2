package io.homebudget.ledger.storage.breakglass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.json.JsonStore;
import io.homebudget.ledger.storage.json.JsonStoreConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ctl backup restore --offline} does to a folder. */
class RestoreSnapshotTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    static final UUID IDENTITY = UUID.fromString("6c0e5069-36c9-4b02-88bd-4141583cd17a");
    static final String JSON_FILE = "incomes.json";

    @TempDir
    Path home;

    private Path folder;
    private Path snapshot;

    @BeforeEach
    void folders() throws Exception {
        folder = Files.createDirectory(home.resolve("income"));
        snapshot = snapshotIn(home);
    }

    /** One live income and one tombstone, of the store {@link #IDENTITY} in {@code JSON_ONLY}. */
    static Path snapshotIn(Path home) throws Exception {
        Path snapshot = Files.createDirectory(home.resolve("20261121T075336Z-1ae768"));
        String head = "{\"format\":1,\"kind\":\"income\",\"store\":\"json\",\"position\":13,\"rows\":2,\"epoch\":6,"
                + "\"phase\":\"JSON_ONLY\",\"identity\":\"" + IDENTITY + "\",\"ids_through\":100,"
                + "\"published_through\":null,\"schema_version\":null,\"at\":\"2026-11-21T07:53:36Z\"}";
        String row = "{\"id\":1,\"version\":3,\"epoch\":2,\"change_id\":\"" + UUID.randomUUID()
                + "\",\"deleted\":false,\"recorded\":null,\"values\":{\"date\":\"2026-01-01\",\"business\":null,"
                + "\"category\":\"c\",\"cents\":100,\"account\":\"a\",\"currency\":\"EUR\",\"notes\":null}}";
        String gone = "{\"id\":2,\"version\":2,\"epoch\":2,\"change_id\":\"" + UUID.randomUUID()
                + "\",\"deleted\":true,\"recorded\":null,\"values\":null}";
        String tail = "{\"end\":true,\"entries\":1,\"tombstones\":1}";
        try (OutputStream out = new ZstdCompressorOutputStream(Files.newOutputStream(snapshot.resolve("rows.zst")))) {
            out.write(String.join("\n", head, row, gone, tail, "").getBytes(StandardCharsets.UTF_8));
        }
        Files.writeString(
                snapshot.resolve("manifest.json"),
                "{\"format\":1,\"images\":[{\"kind\":\"income\",\"primary\":true,\"file\":\"rows.zst\"}]}");
        sum(snapshot, "manifest.json", "rows.zst");
        return snapshot;
    }

    private static void sum(Path snapshot, String... files) throws Exception {
        StringBuilder sums = new StringBuilder();
        for (String file : files) {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(snapshot.resolve(file)));
            sums.append(HexFormat.of().formatHex(sum)).append("  ").append(file).append('\n');
        }
        Files.writeString(snapshot.resolve("SHA256SUMS"), sums);
    }

    @Test
    void a_damaged_snapshot_is_refused_by_the_name_of_the_file_and_changes_nothing() throws Exception {
        byte[] rows = Files.readAllBytes(snapshot.resolve("rows.zst"));
        byte[] flipped = rows.clone();
        flipped[rows.length / 2] ^= 1;
        Files.write(snapshot.resolve("rows.zst"), flipped);
        assertThatThrownBy(() -> run(false)).hasMessageContaining("rows.zst is not what was written");

        Files.write(snapshot.resolve("rows.zst"), rows);
        // sums that lost lines prove too little
        sum(snapshot, "manifest.json");
        assertThatThrownBy(() -> run(false)).hasMessageContaining("rows.zst is not proven");
        sum(snapshot, "rows.zst");
        assertThatThrownBy(() -> run(false)).hasMessageContaining("manifest.json");
        Files.writeString(snapshot.resolve("SHA256SUMS"), "");
        assertThatThrownBy(() -> run(false)).hasMessageContaining("SHA256SUMS is damaged");

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void a_folder_in_use_is_left_alone_and_nobody_is_led_to_replace_it() throws IOException {
        try (JsonStore used = store()) {
            assertThat(used.identity()).isNotNull();
            for (boolean replace : new boolean[] {false, true}) {
                assertThatThrownBy(() -> run(replace))
                        .hasMessageContaining("is in use; stop the service first (ctl stop income)")
                        .hasMessageNotContaining("--replace-damaged");
            }
        }
    }

    @Test
    void a_new_folder_takes_everything() throws IOException {
        assertThat(run(false)).isEqualTo("a new store took everything: 1 created, 0 updated, 0 deleted");

        try (JsonStore store = store()) {
            assertThat(store.find(1).await().atMost(LIMIT).version()).isEqualTo(3);
        }
    }

    @Test
    void a_snapshot_whose_rows_are_lines_of_copy_is_taken_too() throws Exception {
        UUID change = UUID.randomUUID();
        String rows = "1\tf\t2026-01-01\tc\t1.00\ta\tEUR\t\\N\t3\t2\t" + change + "\t\\N\n"
                + "2\tt\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t2\t2\t" + change + "\t\\N\n";
        try (OutputStream out = new ZstdCompressorOutputStream(Files.newOutputStream(snapshot.resolve("rows.zst")))) {
            out.write(rows.getBytes(StandardCharsets.UTF_8));
        }
        Files.writeString(
                snapshot.resolve("manifest.json"),
                "{\"format\":2,\"images\":[{\"kind\":\"income\",\"store\":\"postgres\",\"primary\":true,"
                        + "\"file\":\"rows.zst\",\"position\":13,\"epoch\":6,\"phase\":\"JSON_ONLY\",\"identity\":\""
                        + IDENTITY + "\",\"ids_through\":100,\"published_through\":null,\"schema_version\":\"1\","
                        + "\"at\":\"2026-11-21T07:53:36Z\",\"entries\":1,\"tombstones\":1}]}");
        sum(snapshot, "manifest.json", "rows.zst");

        assertThat(run(false)).isEqualTo("a new store took everything: 1 created, 0 updated, 0 deleted");

        try (JsonStore store = store()) {
            assertThat(store.find(1).await().atMost(LIMIT).version()).isEqualTo(3);
            assertThat(store.standing().await().atMost(LIMIT).decided()).contains(new Rule(7, Phase.JSON_ONLY));
        }
    }

    @Test
    void a_damaged_folder_is_replaced_only_when_told_and_kept() throws IOException {
        damage();

        assertThatThrownBy(() -> run(false)).hasMessageContaining("repeat with --replace-damaged");
        assertThat(run(true)).startsWith("a new store took the place of the damaged one, which is kept in ");

        replaced();
        try (Stream<Path> all = Files.list(folder)) {
            Path aside = all.filter(path -> path.getFileName().toString().startsWith("damaged-"))
                    .findFirst()
                    .orElseThrow();
            assertThat(aside.resolve(JSON_FILE)).hasContent("[ damaged");
            assertThat(Files.getPosixFilePermissions(aside)).hasSize(3);
        }
    }

    @Test
    void a_replacement_that_was_killed_in_the_middle_is_begun_anew() throws IOException {
        // Given what a kill leaves after the damaged files were moved and a new store was opened
        damage();
        Files.createFile(folder.resolve("replacing-damaged"));
        Files.move(
                folder.resolve(JSON_FILE),
                Files.createDirectory(folder.resolve("damaged-1")).resolve(JSON_FILE));
        store().close();

        assertThatThrownBy(() -> run(false)).hasMessageContaining("was interrupted");
        run(true);

        replaced();
        assertThat(folder.resolve("damaged-1").resolve(JSON_FILE)).hasContent("[ damaged");
    }

    private void damage() throws IOException {
        Files.writeString(folder.resolve(JSON_FILE), "[ damaged");
        assertThatThrownBy(this::store).isInstanceOf(RecoveryRequired.class);
    }

    private void replaced() throws IOException {
        assertThat(folder.resolve("replacing-damaged")).doesNotExist();
        try (JsonStore store = store()) {
            assertThat(store.identity()).isEqualTo(IDENTITY);
            assertThat(store.find(1).await().atMost(LIMIT).version()).isEqualTo(1_000_003);
        }
    }

    private String run(boolean replace) throws IOException {
        return RestoreSnapshot.run(
                Kind.INCOME,
                folder,
                Optional.empty(),
                replace ? RestoreSnapshot.Damaged.REPLACE : RestoreSnapshot.Damaged.LEAVE,
                snapshot);
    }

    private JsonStore store() throws IOException {
        EntryRules rules = new EntryRules(Kind.INCOME, "₪");
        return JsonStore.open(
                JsonStoreConfig.of(Kind.INCOME, folder), Clock.systemUTC(), UUID::randomUUID, rules::take);
    }
}
