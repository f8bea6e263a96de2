package io.homebudget.local.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonImportTest {
    @TempDir
    Path folder;

    private Home home;
    private Path sample;

    @BeforeEach
    void make() throws IOException {
        home = Home.made(folder.resolve("home"));
        sample = files("sample", "[1]", "[2]");
    }

    @Test
    void an_empty_home_gets_the_sample() throws IOException {
        new JsonImport(home, sample).run(null);

        assertThat(home.data().resolve("expense/expenses.json")).hasContent("[1]");
        assertThat(home.data().resolve("income/incomes.json")).hasContent("[2]");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(home.data().resolve("expense/expenses.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void a_home_in_use_is_left_alone() throws IOException {
        new JsonImport(home, sample).run(null);
        Files.writeString(home.data().resolve("expense/expenses.json"), "[9]");

        assertThat(new JsonImport(home, sample).run(null)).isEmpty();

        assertThat(home.data().resolve("expense/expenses.json")).hasContent("[9]");
    }

    @Test
    void an_import_into_a_home_in_use_is_refused_with_a_way_out() throws IOException {
        new JsonImport(home, sample).run(null);
        Path mine = files("mine", "[3]", "[4]");

        assertThatThrownBy(() -> new JsonImport(home, sample).run(mine))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("in use")
                .hasMessageContaining("ctl import");
    }

    @Test
    void an_import_that_was_killed_half_way_is_done_again_as_a_whole() throws IOException {
        Files.writeString(home.run().resolve("import.unfinished"), "somewhere\n");
        Files.createDirectories(home.data().resolve("expense"));
        Files.writeString(home.data().resolve("expense/expenses.json"), "[0]");

        new JsonImport(home, sample).run(files("mine", "[3]", "[4]"));

        assertThat(home.data().resolve("expense/expenses.json")).hasContent("[3]");
        assertThat(home.data().resolve("income/incomes.json")).hasContent("[4]");
        assertThat(home.run().resolve("import.unfinished")).doesNotExist();
    }

    @Test
    void one_file_alone_leaves_the_other_kind_empty() throws IOException {
        Path mine = Files.createDirectory(folder.resolve("mine"));
        Files.writeString(mine.resolve("incomes.json"), "[4]");

        assertThat(new JsonImport(home, sample).run(mine)).anyMatch(line -> line.contains("expenses start empty"));

        assertThat(home.data().resolve("expense/expenses.json")).doesNotExist();
    }

    @Test
    void a_file_that_still_changes_blocks_the_import_saying_so() throws Exception {
        Path mine = files("mine", "[3]", "[4]");
        // longer than any pause of the machine between two of the old backend's writes
        JsonImport patient = new JsonImport(home, sample, Duration.ofHours(1), Duration.ofSeconds(1));
        rested(mine.resolve("expenses.json"));
        ScheduledExecutorService oldBackend = Executors.newSingleThreadScheduledExecutor();
        try {
            oldBackend.scheduleAtFixedRate(
                    () -> write(mine.resolve("incomes.json"), "[" + System.nanoTime() + "]"),
                    0,
                    50,
                    TimeUnit.MILLISECONDS);

            assertThatThrownBy(() -> patient.run(mine))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("incomes.json still changes")
                    .hasMessageContaining("old backend");
            assertThat(home.data().resolve("income/incomes.json")).doesNotExist();
        } finally {
            oldBackend.shutdownNow();
            oldBackend.awaitTermination(10, TimeUnit.SECONDS);
        }

        rested(mine.resolve("incomes.json"));
        patient.run(mine);

        assertThat(home.data().resolve("expense/expenses.json")).hasContent("[3]");
        assertThat(home.data().resolve("income/incomes.json")).exists();
    }

    private static void rested(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path files(String name, String expenses, String incomes) throws IOException {
        Path made = Files.createDirectory(folder.resolve(name));
        Files.writeString(made.resolve("expenses.json"), expenses);
        Files.writeString(made.resolve("incomes.json"), incomes);
        return made;
    }
}
