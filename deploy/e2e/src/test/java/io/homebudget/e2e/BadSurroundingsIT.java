package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.e2e.check.Explanation;
import io.homebudget.e2e.check.Stores;
import io.homebudget.e2e.load.Clients;
import io.homebudget.e2e.load.History;
import io.homebudget.e2e.load.Operation;
import io.homebudget.e2e.load.Row;
import io.homebudget.e2e.stack.Api;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files, foreign edits, full disks, wrong homes: a clear word instead of a guess, and nothing lost. */
@Timeout(value = 900, unit = TimeUnit.SECONDS)
class BadSurroundingsIT {
    private static final String[] ALONE = {"--without", "postgres", "--without", "kafka"};

    @TempDir
    Path folder;

    @Test
    void a3_a_truncated_array_is_never_taken_for_an_empty_one() throws Exception {
        try (Stack stack = new Stack(folder.resolve("truncated"))) {
            Path data = Files.createDirectories(stack.array("expense").getParent());
            String whole =
                    "[\n  {\n    \"date\": \"2025-11-02\",\n    \"business\": \"ampm\",\n    \"category\": \"Food\",\n"
                            + "    \"amount\": 100.0,\n    \"account\": \"1\",\n    \"currency\": \"\\u20aa\",\n    \"not";
            Files.writeString(data.resolve("expenses.json"), whole);

            Stack.Up up = stack.up(ALONE);

            assertThat(up.awaitEnd()).as(up.text()).isEqualTo(2);
            assertThat(up.text())
                    .contains("expense is in recovery mode")
                    .contains("expenses.json")
                    .containsPattern("place +\\S")
                    .containsPattern("advice +\\S");
            assertThat(Files.readString(data.resolve("expenses.json"))).isEqualTo(whole);
            assertThat(stack.running()).isEmpty();
        }
    }

    @Test
    void a_flipped_byte_in_the_journal_is_damage_and_a_torn_tail_is_not() throws Exception {
        try (Stack stack = new Stack(folder.resolve("journal"))) {
            stack.ready(ALONE);
            History history = written(stack);
            stack.killAll();
            Path journal = journal(stack);
            byte[] good = Files.readAllBytes(journal);

            // torn: the beginning of a record that was never acknowledged
            Files.write(
                    journal,
                    java.util.Arrays.copyOfRange(good, good.length / 2, good.length / 2 + 3),
                    StandardOpenOption.APPEND);
            stack.ready(ALONE);
            assertThat(Explanation.ofEnd("expense", history, Stores.served(stack, "expense")))
                    .isEmpty();
            stack.killAll();

            journal = journal(stack);
            byte[] damaged = Files.readAllBytes(journal);
            damaged[damaged.length / 2] ^= 0x10;
            Files.write(journal, damaged);
            Stack.Up up = stack.up(ALONE);
            assertThat(up.awaitEnd()).as(up.text()).isEqualTo(2);
            assertThat(up.text()).contains("expense is in recovery mode").containsPattern("advice +\\S");
            assertThat(Files.readAllBytes(journal)).isEqualTo(damaged);
        }
    }

    @Test
    void a42_an_edit_by_hand_while_stopped_is_taken_in_and_a_second_up_is_refused() throws Exception {
        try (Stack stack = new Stack(folder.resolve("edited"))) {
            stack.ready(ALONE);
            History history = written(stack);

            Stack.Up second = stack.up(ALONE);
            assertThat(second.awaitEnd()).isEqualTo(1);
            assertThat(second.text()).contains("Another up");

            stack.did("down");
            Map<Long, Row> before = Stores.file(stack.array("expense"));
            assertThat(Explanation.ofEnd("expense", history, before)).isEmpty();
            String text = Files.readString(stack.array("expense"), StandardCharsets.US_ASCII);
            Files.writeString(
                    stack.array("expense"), text.replaceFirst("\"account\": \"[^\"]*\"", "\"account\": \"by hand\""));
            stack.ready(ALONE);

            Map<Long, Row> after = Stores.served(stack, "expense");
            assertThat(after).hasSameSizeAs(before);
            assertThat(after.values().stream()
                            .filter(row -> !row.equals(before.get(row.id())))
                            .map(row -> row.fields().get("account")))
                    .containsExactly("by hand");
        }
    }

    @Test
    void a44_a_home_without_its_json_folder_is_not_served_as_an_empty_ledger() throws Exception {
        try (Stack stack = new Stack(folder.resolve("emptied"))) {
            stack.ready();
            Moves moves = new Moves(stack);
            moves.take("DATABASE_READS", "expense");
            Map<Long, Row> rows = Stores.postgres(stack, "expense");
            stack.did("down");
            Path data = stack.array("expense").getParent();
            Files.move(data, data.resolveSibling("expense-aside"));

            Stack.Up up = stack.up();
            Awaitility.await("it is said")
                    .atMost(Stack.START_LIMIT)
                    .until(() -> up.text().contains("belongs to the JSON store")
                            || !up.process().isAlive());
            assertThat(up.text()).contains("belongs to the JSON store").doesNotContain("ready http");
            assertThat(Api.of(stack, "expense", null).get("/api/v1/expense").status())
                    .isEqualTo(503);
            stack.did("down");

            delete(data);
            Files.move(data.resolveSibling("expense-aside"), data);
            stack.ready();
            assertThat(Stores.served(stack, "expense")).isEqualTo(rows);
        }
    }

    @Test
    void a_full_disk_refuses_writes_clearly_loses_nothing_and_goes_on_when_there_is_room() throws Exception {
        Path home = folder.resolve("full");
        Path small = Files.createDirectories(home.resolve("data/expense"));
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", small.toString()) == 0,
                "a small tmpfs can be mounted here (needs root)");
        try (Stack stack = new Stack(home)) {
            stack.ready(ALONE);
            Report report = new Report("full-disk");
            History history;
            try (Clients clients = Clients.start(stack, 300, 7, "expense")) {
                Awaitility.await("the disk is full")
                        .atMost(90, TimeUnit.SECONDS)
                        .until(() ->
                                clients.operationsSince(0).stream().anyMatch(BadSurroundingsIT::refusedByTheStore));
                assertThat(run("mount", "-o", "remount,size=64m", small.toString()))
                        .isZero();
                clients.awaitWorking("expense", 100);
                clients.stop();
                clients.settle();
                history = clients.stop();
            }
            report.line(history.summary());
            assertThat(history.wrong()).isEmpty();
            assertThat(Explanation.ofEnd("expense", history, Stores.served(stack, "expense")))
                    .isEmpty();
            stack.did("down");
            assertThat(Explanation.ofEnd("expense", history, Stores.file(stack.array("expense"))))
                    .isEmpty();
        } finally {
            run("umount", small.toString());
        }
    }

    /** And not by the front door, which refuses what a busy service cannot take. */
    private static boolean refusedByTheStore(Operation one) {
        return (one.outcome() == Operation.Outcome.UNKNOWN || one.outcome() == Operation.Outcome.NOT_WRITTEN)
                && one.toString().toLowerCase(Locale.ROOT).contains("the store ");
    }

    private static History written(Stack stack) throws Exception {
        try (Clients clients = Clients.start(stack, 100, 8, "expense")) {
            clients.awaitWorking("expense", 150);
            return clients.stop();
        }
    }

    /** The journal's newest segment that holds something. */
    private static Path journal(Stack stack) throws IOException {
        try (Stream<Path> files = Files.walk(stack.array("expense").getParent())) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().contains("journal") && Files.isRegularFile(file))
                    .sorted(Comparator.comparing((Path file) -> file.toFile().length()))
                    .toList();
            return found.get(found.size() - 1);
        }
    }

    private static void delete(Path data) throws IOException {
        try (Stream<Path> files = Files.exists(data) ? Files.walk(data) : Stream.empty()) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
