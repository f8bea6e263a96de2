package io.homebudget.backup.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobState;
import io.homebudget.backup.standin.Backups;
import io.homebudget.backup.standin.Postgres;
import io.homebudget.ledger.config.DatabaseUrl;
import io.homebudget.ledger.entry.Kind;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drills with a real PostgreSQL that lends the scratch database. */
class DrillIT {
    private static final String OF_EXPENSE = "drill_expense_00112233445566778899aabbccddeeff";
    private static final String OF_INCOME = "drill_income_ffeeddccbbaa99887766554433221100";

    private static EmbeddedPostgres server;

    @TempDir
    Path folder;

    private Backups backups;
    private SnapshotId id;

    @BeforeAll
    static void startServer() throws Exception {
        server = Postgres.begin();
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.close();
    }

    @BeforeEach
    void start() throws Exception {
        DatabaseUrl url =
                DatabaseUrl.parse("postgresql://postgres:postgres@localhost:" + server.getPort() + "/postgres");
        backups = new Backups(folder, Optional.of(url));
        backups.expense.history().changes(1_500);
        backups.income.history().changes(300);
        id = backups.snapshot();
        backups.expense.history().changes(700);
    }

    @AfterEach
    void stop() {
        backups.close();
    }

    @Test
    void aDrillBringsBothLedgersBackAndLeavesNothingBehind() throws Exception {
        Job job = drill();

        assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job.result()).containsEntry("ok", true);
        assertThat(backups.drills.lastSeconds(Kind.EXPENSE)).isPositive();
        assertThat(backups.drills.lastResult(Kind.INCOME)).isEqualTo(1);
        assertThat(backups.drills.lastAt(Kind.INCOME))
                .isEqualTo(job.finishedAt().toEpochMilli() / 1e3);
        assertThat(scratchDatabases()).isEmpty();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString())).noneMatch(name -> name.startsWith(".drill"));
        }
    }

    @Test
    void whatADrillKilledBeforeHasLeftIsDroppedUnlessSomebodyUsesIt() throws Exception {
        // Given
        try (Connection connection = server.getPostgresDatabase().getConnection()) {
            connection.createStatement().execute("CREATE DATABASE " + OF_EXPENSE);
            connection.createStatement().execute("CREATE DATABASE " + OF_INCOME);
        }
        try (Connection used = server.getDatabase("postgres", OF_INCOME).getConnection()) {
            assertThat(used.isValid(1)).isTrue();
            // When
            Job job = drill();
            // Then
            assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
            assertThat(scratchDatabases()).containsExactly(OF_INCOME);
        }
        // When
        drill();
        // Then
        assertThat(scratchDatabases()).isEmpty();
    }

    @Test
    void aDatabaseThatOnlyBeginsLikeOneOfADrillIsNobodyElsesToDrop() throws Exception {
        // Given
        String name = "drill_expense_Report of 2026";
        try (Connection connection = server.getPostgresDatabase().getConnection()) {
            connection.createStatement().execute("CREATE DATABASE \"" + name + "\"");
            // When
            Job job = drill();
            // Then
            assertThat(job.state()).as(job.error()).isEqualTo(JobState.SUCCEEDED);
            assertThat(scratchDatabases()).containsExactly(name);
            connection.createStatement().execute("DROP DATABASE \"" + name + "\"");
        }
    }

    private static List<String> scratchDatabases() throws Exception {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                ResultSet rows = connection
                        .createStatement()
                        .executeQuery("SELECT datname FROM pg_database WHERE datname LIKE 'drill%' ORDER BY 1")) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        }
    }

    @Test
    @Tag("A29")
    void aChangeAfterTheSnapshotThatTheLogHasLostFailsTheDrill() throws Exception {
        var sets = backups.expense.history().sets();
        backups.expense.hides(sets.get(sets.size() - 1));

        Job job = drill();

        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).contains("a change is missing");
        assertThat(backups.drills.lastResult(Kind.EXPENSE)).isZero();
        assertThat(backups.drills.lastAt(Kind.EXPENSE)).isNaN();
    }

    @Test
    @Tag("A29")
    void everyOfFiftyFlippedBytesFailsTheDrillAndNamesTheFile() throws Exception {
        Random random = new Random(50);
        Path snapshot = backups.catalogue.folder().resolve(id.text());
        List<Path> files;
        try (Stream<Path> all = Files.walk(snapshot)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        }
        for (int i = 0; i < 50; i++) {
            Path file = files.get(i % files.size());
            byte[] bytes = Files.readAllBytes(file);
            byte[] damaged = bytes.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);

            Job job = drill();

            assertThat(job.state()).as("%s, flip %d", file, i).isEqualTo(JobState.FAILED);
            assertThat(job.error()).contains(file.getFileName().toString());
            Files.write(file, bytes);
        }
    }

    private Job drill() throws Exception {
        return backups.ended(backups.drills.order("operator", null));
    }
}
