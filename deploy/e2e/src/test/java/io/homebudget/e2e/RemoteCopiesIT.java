package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.check.Stores;
import io.homebudget.e2e.load.LargeLedger;
import io.homebudget.e2e.load.Row;
import io.homebudget.e2e.stack.Api;
import io.homebudget.e2e.stack.S3Server;
import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Copies in an S3 store, encrypted: the folder of the snapshots is lost, and the ledger comes back all the same. */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class RemoteCopiesIT {
    private static final String KEY =
            Base64.getEncoder().encodeToString("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

    private static final Pattern BACKUP_ID = Pattern.compile("\"backup_id\"\\s*:\\s*\"([^\"]+)\"");

    @TempDir
    Path folder;

    @Test
    void a_ledger_comes_back_from_an_encrypted_copy_after_the_folder_of_the_snapshots_is_lost() throws Exception {
        Report report = new Report("copies");
        try (S3Server store = new S3Server(Files.createDirectory(folder.resolve("s3")));
                Stack stack = new Stack(folder.resolve("copies"))
                        .with("BACKUP_S3_BUCKET", S3Server.BUCKET)
                        .with("BACKUP_S3_ENDPOINT", store.url())
                        .with("BACKUP_S3_PREFIX", "home")
                        .with("BACKUP_S3_ACCESS_KEY", "somebody")
                        .with("BACKUP_S3_SECRET_KEY", "something")
                        .with("BACKUP_S3_ENCRYPTION_KEY", KEY)) {
            // Given a snapshot with a copy
            report.step("up", () -> {
                // first: a snapshot that is due when the services start is copied at once
                store.ready();
                stack.ready(
                        "--without",
                        "kafka",
                        "--import",
                        LargeLedger.write(folder.resolve("import"), 300).toString());
            });
            Map<String, Map<Long, Row>> before = served(stack);
            StringBuilder told = new StringBuilder();
            report.step(
                    "snapshot and copy",
                    () -> told.append(stack.did("backup", "create").output()));
            String id = backupId(told.toString());
            JsonNode made = listed(stack, id);
            assertThat(made.path("local").asBoolean()).isTrue();
            assertThat(made.path("remote").asBoolean()).isTrue();
            assertUnreadable(store, id);
            // When entries are deleted, and the folder is lost
            for (int entry = 1; entry <= 20; entry++) {
                Api.of(stack, "front-door", null)
                        .delete("/api/v1/expense/" + entry)
                        .must(200);
            }
            report.step("the folder is lost", () -> {
                stack.did("stop", "backup");
                remove(stack.home().resolve("backups"));
                stack.did("start", "backup");
                ready(stack);
            });
            assertThat(stack.did("backup", "list").output()).contains(id).contains("only elsewhere");
            report.step("restore from the copy", () -> stack.did("backup", "restore", id, "--yes"));
            // Then
            assertThat(served(stack)).isEqualTo(before);
            assertThat(stack.did("backup", "list").output()).contains("safety").doesNotContain("only elsewhere");
        }
    }

    private static void ready(Stack stack) {
        Awaitility.await("backup-service is ready")
                .atMost(Stack.START_LIMIT)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> Api.of(stack, "backup", null).get("/ready").status() == 200);
    }

    /** Of what lies in the store, the list of the objects can be read, and nothing else. */
    private static void assertUnreadable(S3Server store, String id) throws Exception {
        List<String> keys = store.keys("home/" + id);
        assertThat(keys).contains("home/" + id + "/COPY.json", "home/" + id + "/manifest.json");
        for (String key : keys) {
            String text = new String(store.object(key), StandardCharsets.ISO_8859_1);
            if (key.endsWith("/COPY.json")) {
                assertThat(text).contains("sealed_by");
            } else {
                assertThat(text).as(key).doesNotContain(id, "entries", "expense");
            }
        }
    }

    private static Map<String, Map<Long, Row>> served(Stack stack) throws Exception {
        Map<String, Map<Long, Row>> served = new HashMap<>();
        for (String kind : Stack.KINDS) {
            served.put(kind, Stores.served(stack, kind));
        }
        return served;
    }

    /** Of the job that was told, behind its progress. */
    private static String backupId(String told) {
        Matcher matcher = BACKUP_ID.matcher(told);
        assertThat(matcher.find()).as(told).isTrue();
        return matcher.group(1);
    }

    private static JsonNode listed(Stack stack, String id) throws Exception {
        JsonNode items = Api.JSON
                .readTree(stack.did("backup", "list", "--json").output())
                .path("items");
        for (JsonNode item : items) {
            if (item.path("id").asText().equals(id)) {
                return item;
            }
        }
        throw new AssertionError(id + " is not listed: " + items);
    }

    private static void remove(Path lost) throws IOException {
        try (Stream<Path> all = Files.walk(lost)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
