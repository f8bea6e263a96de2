package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.check.ChangeLog;
import io.homebudget.e2e.check.Stores;
import io.homebudget.e2e.load.Clients;
import io.homebudget.e2e.load.LargeLedger;
import io.homebudget.e2e.load.Row;
import io.homebudget.e2e.stack.Api;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Backups of a real system under load: a snapshot cut short by kill -9 leaves nothing, a drill passes while clients write, a recovery
 * gives the very moment that was asked for, and a new installation gets exactly what the snapshot says.
 */
@Timeout(value = 900, unit = TimeUnit.SECONDS)
class RecoveryIT {
    private static final int ENTRIES = 8_000;
    private static final int PER_SECOND = 60;
    private static final int MANY_PER_SECOND = 150;
    private static final int MOMENTS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration JOB_LIMIT = Duration.ofSeconds(180);
    private static final String BACKUPS = "/api/v1/backups";

    @TempDir
    Path folder;

    /** What is to be found again. */
    private record Snapshot(String id, Map<String, Map<Long, Row>> entries) {}

    @Test
    void what_was_written_comes_back_at_any_moment_and_in_a_new_installation() throws Exception {
        Report report = new Report("recovery");
        Path old = folder.resolve("recovery");
        Snapshot snapshot;
        try (Stack stack = new Stack(old)) {
            report.step("up and move", () -> stack.up(
                            "--migrate",
                            "--import",
                            LargeLedger.write(folder.resolve("import"), ENTRIES).toString())
                    .awaitText("every entry verified equal"));
            snapshot = underLoad(stack, report);
        }
        Files.writeString(Files.createDirectory(folder.resolve("empty")).resolve("expenses.json"), "[]");
        Files.writeString(folder.resolve("empty").resolve("incomes.json"), "[]");
        try (Stack stack = new Stack(folder.resolve("recovery-new"))) {
            report.step(
                    "up of a new installation",
                    () -> stack.ready("--import", folder.resolve("empty").toString()));
            copy(old.resolve("backups").resolve(snapshot.id()), stack.home().resolve("backups"));

            report.step("disaster recovery", () -> stack.did("backup", "restore", snapshot.id(), "--yes"));

            for (String kind : Stack.KINDS) {
                assertThat(Stores.served(stack, kind))
                        .isEqualTo(snapshot.entries().get(kind));
            }
            report.step("drill in the new installation", () -> stack.did("backup", "drill"));
        }
    }

    @Test
    @Tag("faults")
    @Timeout(value = 1_800, unit = TimeUnit.SECONDS)
    void twenty_random_moments_of_ten_thousand_changes_come_back_in_both_stores() throws Exception {
        Report report = new Report("moments");
        try (Stack stack = new Stack(folder.resolve("moments"))) {
            stack.ready(
                    "--import", LargeLedger.write(folder.resolve("import"), 500).toString());
            Moves moves = new Moves(stack);
            moves.take("DUAL_WRITE", Stack.KINDS.toArray(String[]::new));
            moves.take("DATABASE_READS", Stack.KINDS.toArray(String[]::new));
            Map<String, Map<Long, Row>> before = new HashMap<>();
            for (String kind : Stack.KINDS) {
                before.put(kind, Stores.served(stack, kind));
            }
            created(stack);
            try (Clients clients = Clients.start(stack, MANY_PER_SECOND, 12, "expense", "income")) {
                for (int i = 0; i < 6; i++) {
                    clients.awaitWorking("expense", 1_000);
                }
                assertThat(clients.stop().wrong()).isEmpty();
            }
            Map<String, ChangeLog> logs = new HashMap<>();
            int changed = 0;
            for (String kind : Stack.KINDS) {
                logs.put(kind, ChangeLog.read(stack, kind, before.get(kind)));
                changed += logs.get(kind).changes().size();
                report.line(kind + ": " + logs.get(kind).changes().size() + " changes");
            }
            assertThat(changed).as("changes").isGreaterThanOrEqualTo(10_000);
            Random random = new Random(4);
            for (int i = 0; i < MOMENTS; i++) {
                String kind = Stack.KINDS.get(i % 2);
                List<ChangeLog.One> changes = logs.get(kind).changes();
                ChangeLog.One change = changes.get(random.nextInt(changes.size()));
                if (i % 4 < 2) {
                    toAnInstant(stack, logs, change.at());
                } else {
                    recover(stack, Map.of("to", change.id(), "consent", true, "kind", kind));
                    assertHeld(stack, kind, logs.get(kind).through(change.position()));
                }
                report.line("moment " + i + ": " + kind + " at position " + change.position());
            }
        }
    }

    private static void toAnInstant(Stack stack, Map<String, ChangeLog> logs, Instant moment) throws Exception {
        recover(stack, Map.of("to", moment.toString(), "consent", true));
        for (String kind : Stack.KINDS) {
            assertHeld(stack, kind, logs.get(kind).at(moment));
        }
    }

    private static void assertHeld(Stack stack, String kind, Map<Long, Row> wanted) throws Exception {
        assertThat(Stores.served(stack, kind)).isEqualTo(wanted);
        Awaitility.await("the files of the follower hold the same")
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(Stores.file(stack.array(kind))).isEqualTo(wanted));
    }

    private Snapshot underLoad(Stack stack, Report report) throws Exception {
        Map<String, Map<Long, Row>> before = new HashMap<>();
        for (String kind : Stack.KINDS) {
            before.put(kind, Stores.served(stack, kind));
        }
        Instant moment;
        JsonNode made;
        try (Clients clients = Clients.start(stack, PER_SECOND, 11, "expense", "income")) {
            clients.awaitWorking("expense", 50);
            made = created(stack);
            clients.awaitWorking("income", 50);
            moment = Instant.now();
            clients.awaitWorking("expense", 50);
            report.step("kill -9 in a snapshot", () -> killInSnapshot(stack));
            clients.awaitWorking("expense", 20);
            report.step("drill under load", () -> stack.did("backup", "drill"));
            assertThat(clients.stop().wrong()).isEmpty();
        }
        Map<String, Map<Long, Row>> held = new HashMap<>();
        Map<String, ChangeLog> logs = new HashMap<>();
        for (String kind : Stack.KINDS) {
            logs.put(kind, ChangeLog.read(stack, kind, before.get(kind)));
            held.put(kind, logs.get(kind).through(position(made, kind)));
        }
        report.step("recovery to an instant", () -> recover(stack, Map.of("to", moment.toString(), "consent", true)));
        for (String kind : Stack.KINDS) {
            assertThat(Stores.served(stack, kind)).isEqualTo(logs.get(kind).at(moment));
        }
        toTheMiddleOfABulkDelete(stack, logs.get("expense"), position(made, "expense"));
        return new Snapshot(made.path("id").asText(), held);
    }

    /** A change names its whole set (A39). */
    private static void toTheMiddleOfABulkDelete(Stack stack, ChangeLog log, long after) throws Exception {
        ChangeLog.One change = log.changes().stream()
                .filter(one -> one.position() > after && one.setSize() > 1)
                .skip(1)
                .findFirst()
                .orElseThrow();

        recover(stack, Map.of("to", change.id(), "consent", true, "kind", "expense"));

        assertThat(Stores.served(stack, "expense")).isEqualTo(log.through(change.position()));
    }

    /** Until the kill comes in the middle: a snapshot can be over before it is seen. */
    private static void killInSnapshot(Stack stack) throws Exception {
        Path backups = stack.home().resolve("backups");
        for (int attempt = 1; attempt <= 10; attempt++) {
            List<String> before = listed(stack);
            Api.of(stack, "backup", "operator").post(BACKUPS, Map.of()).must(202);
            Awaitility.await("a snapshot is being written")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> partial(backups) > 0 || folders(backups).size() > before.size());
            stack.killAndAwaitSuccessor("backup");
            List<String> left = folders(backups);
            Awaitility.await("the successor owns the folder")
                    .atMost(LIMIT)
                    .ignoreExceptions()
                    .until(() -> Api.of(stack, "backup", null).get("/ready").status() == 200);
            assertThat(partial(backups)).isZero();
            assertThat(listed(stack)).containsExactlyInAnyOrderElementsOf(left);
            if (left.size() == before.size()) {
                assertThat(left).containsExactlyInAnyOrderElementsOf(before);
                return;
            }
            // it was whole before the kill
            assertThat(left).containsAll(before);
            left.removeAll(before);
            for (String id : left) {
                stack.did("backup", "verify", id);
            }
        }
        throw new AssertionError("ten snapshots were over before they could be killed");
    }

    private static List<String> folders(Path backups) {
        return Stream.of(backups.toFile().list())
                .filter(name -> !name.startsWith("."))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static long partial(Path backups) {
        return Stream.of(backups.toFile().list())
                .filter(name -> name.startsWith(".partial"))
                .count();
    }

    private static List<String> listed(Stack stack) throws IOException, InterruptedException {
        return Api.of(stack, "backup", "viewer")
                .patient()
                .get(BACKUPS)
                .must(200)
                .json()
                .path("items")
                .findValuesAsText("id");
    }

    /** @return the snapshot with its manifest */
    private static JsonNode created(Stack stack) throws Exception {
        Api backup = Api.of(stack, "backup", "operator").patient();
        String id = ended(stack, backup.post(BACKUPS, Map.of()).must(202).json())
                .path("backup_id")
                .asText();
        return backup.get(BACKUPS + "/" + id).must(200).json();
    }

    private static void recover(Stack stack, Map<String, Object> order) throws Exception {
        ended(
                stack,
                Api.of(stack, "backup", "operator")
                        .patient()
                        .post(BACKUPS + "/recover", order)
                        .must(202)
                        .json());
    }

    private static JsonNode ended(Stack stack, JsonNode order) throws Exception {
        Api backup = Api.of(stack, "backup", "viewer").patient();
        JsonNode[] job = new JsonNode[1];
        Awaitility.await("the job ends")
                .atMost(JOB_LIMIT)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    job[0] = backup.get(
                                    "/api/v1/backup-jobs/" + order.path("id").asText())
                            .must(200)
                            .json();
                    return job[0].hasNonNull("finished_at");
                });
        assertThat(job[0].path("state").asText()).as("%s", job[0]).isEqualTo("succeeded");
        return job[0];
    }

    private static long position(JsonNode snapshot, String kind) {
        for (JsonNode image : snapshot.path("manifest").path("images")) {
            if (image.path("primary").asBoolean() && image.path("kind").asText().equalsIgnoreCase(kind)) {
                return image.path("position").asLong();
            }
        }
        throw new AssertionError("no image of the " + kind + "s: " + snapshot);
    }

    private static void copy(Path from, Path into) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, into.resolve(from.getParent().relativize(file).toString()));
            }
        }
    }
}
