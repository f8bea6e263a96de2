package io.homebudget.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code up --migrate --exit} says and returns; the move itself is the services' and is tested with them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class MigrateIT {
    private static final String[] MOVE = {"--without", "postgres", "--without", "kafka", "--migrate", "--exit"};

    @TempDir
    Path folder;

    private Trial trial;

    @BeforeEach
    void make() throws Exception {
        trial = new Trial(folder.resolve("home"));
    }

    @AfterEach
    void close() throws Exception {
        trial.close();
    }

    @Test
    void all_equal_is_0_and_the_report_says_what_a_person_wants_to_know() throws Exception {
        Trial.Up up = trial.up(MOVE);

        assertThat(up.awaitEnd()).isZero();
        assertThat(up.text())
                .contains("expenses\n  entries         5 in PostgreSQL")
                .contains("DUAL_WRITE", "DATABASE_READS", "DATABASE_ONLY")
                .contains("0 differences")
                .contains("JSON archive    /tmp/a.tar.gz")
                .contains("backup-service does not make them yet")
                .contains("every entry verified equal");
        assertThat(trial.running()).isEmpty();
    }

    @Test
    void rejected_records_are_3() throws Exception {
        trial.standIn("rejected");

        Trial.Up up = trial.up(MOVE);

        assertThat(up.awaitEnd()).isEqualTo(3);
        assertThat(up.text()).contains("data/expense/rejected.ndjson");
    }

    @Test
    void a_difference_is_1() throws Exception {
        trial.standIn("different");

        Trial.Up up = trial.up(MOVE);

        assertThat(up.awaitEnd()).isEqualTo(1);
        assertThat(up.text()).contains("NOT EQUAL");
    }

    @Test
    void the_named_files_are_imported_and_a_home_in_use_refuses_others() throws Exception {
        Path files = Files.createDirectory(folder.resolve("mine"));
        Files.writeString(files.resolve("expenses.json"), "[]");
        Files.writeString(files.resolve("incomes.json"), "[]");
        Trial.Up first = trial.up(
                "--without", "postgres", "--without", "kafka", "--migrate", "--exit", "--import", files.toString());
        assertThat(first.awaitEnd()).isZero();
        assertThat(trial.home().data().resolve("expense/expenses.json")).hasContent("[]");

        Trial.Up second = trial.up("--import", files.toString());

        assertThat(second.awaitEnd()).isEqualTo(1);
        assertThat(second.text()).contains("is in use");
    }

    @Test
    void a_folder_without_the_files_is_refused() throws Exception {
        Trial.Up up = trial.up(
                "--import", Files.createDirectory(folder.resolve("empty")).toString());

        assertThat(up.awaitEnd()).isEqualTo(1);
        assertThat(up.text()).contains("neither expenses.json nor incomes.json");
    }
}
