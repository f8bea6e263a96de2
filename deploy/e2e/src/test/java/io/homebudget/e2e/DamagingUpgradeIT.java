package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.check.Stores;
import io.homebudget.e2e.load.LargeLedger;
import io.homebudget.e2e.load.Row;
import io.homebudget.e2e.stack.Api;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.NewerBuild;
import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A step of the schema that succeeds and damages the entries of the ruling store: the update says so, and the snapshot that it made
 * first brings the entries back into the newer schema.
 */
@Timeout(value = 900, unit = TimeUnit.SECONDS)
class DamagingUpgradeIT {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final int ENTRIES = 300;
    /** A newer schema indeed; amounts and rows are changed past the log, as such a step does it. */
    private static final String STEP = """
            -- outdated: safe
            ALTER TABLE expenses ADD COLUMN cleared BOOLEAN NOT NULL DEFAULT false;
            UPDATE expenses SET amount = amount * 100 WHERE id <= 40;
            DELETE FROM expenses WHERE id > 280;
            """;

    @TempDir
    Path folder;

    @Test
    void what_a_step_of_the_schema_damaged_comes_back_from_the_snapshot_before_it() throws Exception {
        Report report = new Report("upgrade");
        NewerBuild newer = new NewerBuild("expense", folder.resolve("build"));
        try (Stack stack = new Stack(folder.resolve("upgrade"))
                .with("LEDGER_ENGINE_AUTO_MIGRATE", "false")
                .launching("expense", newer.jar())) {
            // Given PostgreSQL that rules, and a newer version of the service whose step waits for consent
            report.step(
                    "up",
                    () -> stack.ready(
                            "--without",
                            "kafka",
                            "--import",
                            LargeLedger.write(folder.resolve("import"), ENTRIES).toString()));
            report.step("move", () -> {
                new Moves(stack).take("DUAL_WRITE", "expense");
                new Moves(stack).take("DATABASE_READS", "expense");
            });
            Map<Long, Row> before = Stores.served(stack, "expense");
            stack.did("stop", "expense");
            newer.add("V2__cleared.sql", STEP);
            stack.did("start", "expense");
            served(stack, before);
            // When
            JsonNode[] update = new JsonNode[1];
            report.step("update", () -> update[0] = updated(stack));
            // Then it is told, with the way back
            String snapshot = update[0].path("snapshot").asText();
            assertThat(update[0].path("state").asText()).isEqualTo("failed");
            assertThat(update[0].path("error").asText()).contains("expense").contains("differences after the upgrade");
            assertThat(update[0].path("steps").toString()).contains("/api/v1/backups/" + snapshot + "/restore");
            assertThat(Stores.served(stack, "expense")).hasSize(280).isNotEqualTo(before);
            // When
            report.step("restore", () -> stack.did("backup", "restore", snapshot, "--kind", "expense", "--yes"));
            // Then the entries are back, in the newer schema
            assertThat(Stores.served(stack, "expense")).isEqualTo(before);
            assertThat(Stores.postgres(stack, "expense")).isEqualTo(before);
            Awaitility.await("the follower holds the same").atMost(LIMIT).untilAsserted(() -> assertThat(
                            Stores.file(stack.array("expense")))
                    .isEqualTo(before));
            assertThat(schemaOf(stack, created(stack))).isEqualTo("2");
            assertThat(schemaOf(stack, snapshot)).isEqualTo("1");
        }
    }

    private static void served(Stack stack, Map<Long, Row> entries) {
        Awaitility.await("the newer version serves with the older schema")
                .atMost(LIMIT)
                .ignoreExceptionsMatching(away -> away instanceof IOException || away instanceof AssertionError)
                .until(() -> Stores.served(stack, "expense").equals(entries));
    }

    private static JsonNode updated(Stack stack) throws Exception {
        Api migration = Api.of(stack, "migration", "operator").patient();
        String[] job = new String[1];
        Awaitility.await("the update is begun").atMost(LIMIT).until(() -> {
            Api.Answer answer = migration.post("/api/database/update", Map.of("confirm", true, "reason", "e2e"));
            job[0] = answer.status() == 202 ? answer.json().path("job_id").asText() : null;
            return job[0] != null;
        });
        JsonNode[] last = new JsonNode[1];
        Awaitility.await("the update ends").atMost(LIMIT).until(() -> {
            last[0] = migration
                    .get("/api/database/update/" + job[0] + "/progress")
                    .must(200)
                    .json();
            return !last[0].path("state").asText().equals("running");
        });
        return last[0];
    }

    private static String created(Stack stack) throws Exception {
        stack.did("backup", "create");
        return Api.of(stack, "backup", "viewer")
                .get("/api/v1/backups")
                .must(200)
                .json()
                .path("items")
                .get(0)
                .path("id")
                .asText();
    }

    /** Of the expenses in PostgreSQL, as the snapshot's manifest says it. */
    private static String schemaOf(Stack stack, String snapshot) throws Exception {
        JsonNode images = Api.of(stack, "backup", "viewer")
                .get("/api/v1/backups/" + snapshot)
                .must(200)
                .json()
                .path("manifest")
                .path("images");
        for (JsonNode image : images) {
            if (image.path("kind").asText().equalsIgnoreCase("expense")
                    && image.path("store").asText().equalsIgnoreCase("postgres")) {
                return image.path("schema_version").asText();
            }
        }
        throw new AssertionError("no image of the expenses in PostgreSQL: " + images);
    }
}
