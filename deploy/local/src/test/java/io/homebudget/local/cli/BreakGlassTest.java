package io.homebudget.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.storage.breakglass.ExportFiles;
import io.homebudget.ledger.storage.breakglass.InspectJournal;
import io.homebudget.ledger.storage.breakglass.RecordedPhase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ctl} as a person types it, in a folder of theirs; the engine's programs are stand-ins with the same names. */
class BreakGlassTest {
    @TempDir
    Path folder;

    private Path home;
    private Path here;

    private record Ran(int status, String output) {}

    @BeforeEach
    void aHomeThatNothingRunsOn() throws IOException {
        folder = folder.toRealPath();
        home = folder.resolve("home");
        here = Files.createDirectories(folder.resolve("here"));
        Files.createDirectories(home.resolve("run"));
        Files.createDirectories(home.resolve("credentials"));
        for (String kind : List.of("expense", "income")) {
            Files.createDirectories(home.resolve("data").resolve(kind));
        }
        Path libraries =
                Files.createDirectories(folder.resolve("repository/expense-service/target/quarkus-app/lib/main"));
        try (OutputStream file = Files.newOutputStream(libraries.resolve("tools.jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            for (Class<?> tool : List.of(RecordedPhase.class, ExportFiles.class, InspectJournal.class)) {
                String name = tool.getName().replace('.', '/') + ".class";
                jar.putNextEntry(new JarEntry(name));
                tool.getClassLoader().getResourceAsStream(name).transferTo(jar);
            }
        }
    }

    @Test
    void a_bare_export_writes_both_kinds_into_the_current_folder_from_the_store_that_the_recorded_phase_says()
            throws Exception {
        record("expense", "JSON_ONLY");
        record("income", "DUAL_WRITE");

        Ran ran = ctl("export");

        assertThat(ran.status()).as(ran.output()).isZero();
        assertThat(here.resolve("expenses.json")).hasContent("expense of " + home.resolve("data/expense"));
        assertThat(here.resolve("incomes.json")).hasContent("income of " + home.resolve("data/income"));
        assertThat(ran.output()).contains("expenses from the JSON store -> " + here.resolve("expenses.json"));
    }

    @Test
    void where_the_recorded_phase_has_postgresql_as_primary_the_export_comes_from_there() throws Exception {
        Files.writeString(
                home.resolve("credentials/postgres.url"), "postgresql://home_budget:p@localhost:1/home_budget\n");
        for (String phase : List.of("DATABASE_READS", "DATABASE_ONLY")) {
            record("expense", phase);

            Ran ran = ctl("export", "--kind", "expense");

            assertThat(ran.status()).isNotZero();
            assertThat(ran.output())
                    .contains("PostgreSQL does not give the expenses")
                    .contains("ctl start postgres");
            assertThat(here).isEmptyDirectory();
        }
    }

    @Test
    void where_the_phase_cannot_be_known_the_export_asks_for_the_store_and_writes_nothing() throws Exception {
        record("expense", "JSON_ONLY");

        Ran asked = ctl("export");
        assertThat(asked.status()).isNotZero();
        assertThat(asked.output())
                .contains("no phase is recorded")
                .contains("Which store has the incomes cannot be known")
                .contains("--from");
        assertThat(here).isEmptyDirectory();

        Ran told = ctl("export", "--from", "json");
        assertThat(told.status()).as(told.output()).isZero();
        assertThat(here.resolve("incomes.json")).exists();
    }

    @Test
    void an_export_never_overwrites_and_writes_nothing_where_one_of_its_files_exists() throws Exception {
        Files.writeString(here.resolve("incomes.json"), "precious");

        Ran ran = ctl("export", "--from", "json");

        assertThat(ran.status()).isNotZero();
        assertThat(ran.output()).contains(here.resolve("incomes.json") + " exists");
        assertThat(here.resolve("incomes.json")).hasContent("precious");
        assertThat(here.resolve("expenses.json")).doesNotExist();
    }

    @Test
    void an_export_goes_where_out_says() throws Exception {
        Path other = Files.createDirectories(folder.resolve("other"));

        assertThat(ctl("export", "--from", "json", "--out", other.toString()).status())
                .isZero();
        assertThat(other.resolve("expenses.json")).exists();
        assertThat(other.resolve("incomes.json")).exists();

        Path one = other.resolve("one.json");
        assertThat(ctl("export", "--from", "json", "--kind", "income", "--out", one.toString())
                        .status())
                .isZero();
        assertThat(one).exists();

        Ran both = ctl(
                "export", "--from", "json", "--out", other.resolve("two.json").toString());
        assertThat(both.status()).isNotZero();
        assertThat(both.output()).contains("two kinds cannot go into one file");
        assertThat(ctl("export", "--from", "json", "--kind", "income", "--out", "nowhere/one.json")
                        .output())
                .contains("nowhere is no folder");
        assertThat(here).isEmptyDirectory();
    }

    @Test
    void a_bare_inspection_goes_through_both_kinds_and_fails_where_one_is_damaged() throws Exception {
        assertThat(ctl("journal", "inspect").status()).isZero();
        Files.createFile(home.resolve("data/expense/damaged"));

        Ran ran = ctl("journal", "inspect");

        assertThat(ran.status()).isEqualTo(1);
        assertThat(ran.output())
                .contains("inspected [" + home.resolve("data/expense") + "]")
                .contains("inspected [" + home.resolve("data/income") + "]");
        Ran one = ctl("journal", "inspect", "--kind", "income", "--content");
        assertThat(one.status()).isZero();
        assertThat(one.output())
                .contains("inspected [" + home.resolve("data/income") + ", --content]")
                .doesNotContain("data/expense");
    }

    @Test
    void the_help_of_export_says_which_store_is_taken() throws Exception {
        assertThat(ctl("export", "--help").output().replaceAll("\\s+", " "))
                .contains("PostgreSQL in DATABASE_READS and DATABASE_ONLY, else the JSON store")
                .contains("default: both")
                .contains("default: the current folder");
    }

    private void record(String kind, String phase) throws IOException {
        Files.writeString(home.resolve("data").resolve(kind).resolve("phase"), phase);
    }

    private Ran ctl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dhomebudget.root=" + folder.resolve("repository"),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Ctl.class.getName(),
                "--home",
                home.toString()));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(here.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("ctl did not end: " + Files.readString(output));
        }
        return new Ran(process.exitValue(), Files.readString(output));
    }
}
