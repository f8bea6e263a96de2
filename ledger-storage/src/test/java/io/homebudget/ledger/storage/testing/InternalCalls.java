package io.homebudget.ledger.storage.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.internal.InternalApi;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The internal API in one phase, as migration- and backup-service call it. */
public interface InternalCalls extends ApiCalls {

    /** {@code json} or {@code postgres}: the store that rules in this phase. */
    String primary();

    /** Whether the other store follows in this phase. */
    boolean dual();

    private RequestSpecification internal() {
        return given().contentType("application/json").header("Authorization", "Bearer " + SERVICE);
    }

    private Response get(String path, Object... parameters) {
        return internal().get(InternalApi.ROOT + path, parameters);
    }

    private Response post(String path, String body) {
        return internal().body(body).post(InternalApi.ROOT + path);
    }

    @Test
    default void the_log_is_read_page_by_page_and_holds_whole_sets() {
        long after = get("/head?store=" + primary()).jsonPath().getLong("position");
        create();
        create();
        call().body("{\"ids\":[" + id(1) + "," + id(2) + "]}").post(root() + "/bulk-delete");

        JsonPath first = get("/log?after=" + after + "&max=1").jsonPath();
        JsonPath rest = get("/log?after=" + first.getLong("through")).jsonPath();

        assertThat(first.getBoolean("cut")).isFalse();
        assertThat(first.getList("sets")).hasSize(1);
        assertThat(first.getLong("sets[0].changes[0].entry_id")).isEqualTo(id(1));
        assertThat(first.getLong("sets[0].changes[0].after.cents")).isEqualTo(1_250);
        assertThat(first.getString("sets[0].changes[0].action")).isEqualTo("CREATED");
        assertThat(rest.getList("sets")).hasSize(2);
        assertThat(rest.getList("sets[1].changes.entry_id")).containsExactly((Object[]) ids(1, 2));
        assertThat(rest.getList("sets[1].changes.after")).containsOnlyNulls();
        problem(get("/log?max=0"), 400, "bad-request");
        problem(get("/log?after=-1"), 400, "bad-request");
    }

    @Test
    default void the_changes_of_an_entry_tell_what_each_recorded() {
        create();
        call().body("{\"amount\":1}").put(root() + "/" + id(1));

        JsonPath changes = get("/changes?entry_id=" + id(1)).jsonPath();

        assertThat(changes.getList("version")).containsExactly(2, 1);
        assertThat(changes.getList("action")).containsExactly("UPDATED", "CREATED");
        assertThat(changes.getList("after.cents")).containsExactly(100, 1_250);
        assertThat(changes.getInt("[0].before.cents")).isEqualTo(1_250);
        assertThat(changes.<Object>get("[1].before")).isNull();
        assertThat(changes.getString("[0].id")).isEqualTo(changes.getString("[0].change_id"));
        assertThat(changes.getString("[0].set_id")).isNotEqualTo(changes.getString("[1].set_id"));
        assertThat(changes.getLong("[0].epoch"))
                .isEqualTo(get("/state").jsonPath().getLong("epoch"));
        assertThat(changes.getMap("[0]")).containsKeys("position", "deleted", "digest", "at", "by", "entry_id");
    }

    @Test
    default void entries_are_read_whole_with_tombstones() {
        create();
        create();
        call().delete(root() + "/" + id(2));

        JsonPath entries = post(
                        "/entries?store=" + primary(),
                        "{\"ids\":[" + id(1) + "," + id(2) + "," + (id(2) + 1_000_000) + "]}")
                .jsonPath();

        assertThat(entries.getList("id")).containsExactly((Object[]) ids(1, 2));
        assertThat(entries.getList("deleted")).containsExactly(false, true);
        assertThat(entries.getString("[0].values.date")).isEqualTo("2026-01-31");
        assertThat(entries.<Object>get("[1].values")).isNull();
        assertThat(entries.getList("version")).containsExactly(1, 2);
        String tooMany = "1,".repeat(1_000) + "1";
        problem(post("/entries?store=" + primary(), "{\"ids\":[" + tooMany + "]}"), 400, "bad-request");
        problem(post("/entries?store=disk", "{\"ids\":[1]}"), 400, "bad-request");
        problem(post("/entries?store=" + primary(), "{}"), 400, "bad-request");
    }

    @Test
    default void an_export_begins_with_its_head_and_ends_with_its_tail() {
        create();
        create();
        call().delete(root() + "/" + id(2));

        Response export = get("/export?store=" + primary());

        assertThat(export.contentType()).startsWith("text/plain");
        List<String> lines = export.asString().lines().toList();
        JsonPath head = JsonPath.from(lines.get(0));
        JsonPath tail = JsonPath.from(lines.get(lines.size() - 1));
        assertThat(head.getString("kind")).isEqualTo(kind().word());
        assertThat(head.getString("store")).isEqualTo(primary());
        assertThat(head.getLong("position"))
                .isEqualTo(get("/head?store=" + primary()).jsonPath().getLong("position"));
        assertThat(head.getLong("rows")).isEqualTo(lines.size() - 2);
        assertThat(head.getLong("ids_through")).isGreaterThanOrEqualTo(id(2));
        assertThat(tail.getBoolean("end")).isTrue();
        assertThat(tail.getLong("entries") + tail.getLong("tombstones")).isEqualTo(lines.size() - 2);
        assertThat(tail.getLong("entries")).isEqualTo(1);
        assertThat(lines.subList(1, lines.size() - 1).stream()
                        .map(line -> Long.valueOf(line.substring(0, line.indexOf('\t'))))
                        .toList())
                .isSorted()
                .contains(id(1), id(2));
    }

    @Test
    default void the_longest_row_that_there_can_be_is_taken_by_a_restore() {
        create();
        String largest = "{\"field\":\"notes\",\"value\":\"\"}";
        String notes = "\\\\".repeat((1_048_576 - largest.length()) / 2);
        assertThat(call().body(largest.replace("\"\"", "\"" + notes + "\""))
                        .patch(root() + "/" + id(1))
                        .statusCode())
                .isEqualTo(200);
        String wide = "\uD83D\uDE00";
        call().body("{\"business\":\"" + wide.repeat(255) + "\",\"category\":\"" + wide.repeat(100)
                        + "\",\"account\":\"" + wide.repeat(100) + "\",\"currency\":\"" + wide.repeat(10) + "\"}")
                .put(root() + "/" + id(1));
        List<String> export =
                get("/export?store=" + primary()).asString().lines().toList();
        String row = export.stream()
                .filter(line -> line.startsWith(id(1) + "\t"))
                .findFirst()
                .orElseThrow();
        assertThat(row.getBytes(StandardCharsets.UTF_8).length).isGreaterThan(1 << 20);
        String restore = post(
                        "/restore",
                        "{\"mode\":\"CHANGES\",\"source\":" + export.get(0)
                                + ",\"actor\":\"test\",\"reason\":\"to see\"}")
                .jsonPath()
                .getString("id");

        Response taken = given().contentType("text/plain;charset=UTF-8")
                .header("Authorization", "Bearer " + SERVICE)
                .body(row + "\n")
                .post(InternalApi.ROOT + "/restore/" + restore + "/rows?from=0");

        assertThat(taken.statusCode()).as(taken.asString()).isEqualTo(200);
        assertThat(taken.jsonPath().getLong("staged")).isEqualTo(1);
    }

    @Test
    default void a_restore_that_is_only_staged_is_discarded_and_no_other() {
        String head =
                get("/export?store=" + primary()).asString().lines().findFirst().orElseThrow();
        String restore = post(
                        "/restore",
                        "{\"mode\":\"CHANGES\",\"source\":" + head + ",\"actor\":\"test\",\"reason\":\"to see\"}")
                .jsonPath()
                .getString("id");

        Response discarded = internal().delete(InternalApi.ROOT + "/restore/" + restore);

        assertThat(discarded.statusCode()).as(discarded.asString()).isEqualTo(200);
        assertThat(discarded.jsonPath().getString("state")).isEqualTo("failed");
        assertThat(discarded.jsonPath().getString("error")).isEqualTo("discarded");
        problem(internal().delete(InternalApi.ROOT + "/restore/" + restore), 409, "conflict");
        problem(internal().delete(InternalApi.ROOT + "/restore/" + UUID.randomUUID()), 404, "not-found");
    }

    @Test
    default void a_part_of_a_restore_that_does_not_say_how_long_it_is_may_be_no_longer_than_any_other()
            throws Exception {
        HttpRequest part = HttpRequest.newBuilder(URI.create(RestAssured.baseURI + ":" + RestAssured.port
                        + InternalApi.ROOT + "/restore/" + UUID.randomUUID() + "/rows"))
                .header("Authorization", "Bearer " + SERVICE)
                .header("Content-Type", "text/plain;charset=UTF-8")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[(2 << 20) + 1])))
                .build();

        HttpResponse<String> answer = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(part, HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
    }

    @Test
    default void a_repair_of_an_intact_entry_changes_nothing() {
        create();
        JsonPath state =
                post("/states?store=" + primary(), "{\"ids\":[" + id(1) + "]}").jsonPath();
        String repair = "{\"store\":\"" + primary() + "\",\"entry_id\":" + id(1)
                + ",\"seen_version\":1,\"seen_actual\":\"" + state.getString("[0].actual")
                + "\",\"actor\":\"test\",\"reason\":\"to see\"}";

        JsonPath done = post("/repair", repair).jsonPath();

        assertThat(done.getString("result")).isEqualTo("intact");
        assertThat(done.getLong("version")).isEqualTo(1);
        assertThat(done.<Object>get("from")).isNull();
        problem(post("/repair", repair.replace("\"" + primary() + "\"", "\"both\"")), 400, "bad-request");
        problem(operator().body(repair).post(InternalApi.ROOT + "/repair"), 403, "forbidden");
    }

    @Test
    default void an_import_takes_what_the_rules_accept_and_reports_the_rest() {
        long wanted = id(1) + 500_000;
        String good = mine(ENTRY).replace("12.5", "\"7.10\"");
        String batch = "{\"by\":\"import\",\"key\":\"batch-" + wanted + "\",\"records\":["
                + good.replace("{", "{\"id\":" + wanted + ",") + ","
                + good + ","
                + good.replace("2026-01-31", "2026-02-31") + ","
                + good.replace("\"7.10\"", "1.00000000000000000001") + ","
                + "7,"
                + good.replace("{", "{\"id\":" + wanted + ",") + "]}";

        Response answer = post("/import", batch);

        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
        JsonPath done = answer.jsonPath();
        assertThat(done.getList("outcomes")).hasSize(6);
        assertThat(done.getLong("outcomes[0].id")).isEqualTo(wanted);
        assertThat(done.getLong("outcomes[1].id")).isGreaterThan(0).isNotEqualTo(wanted);
        assertThat(done.<Object>get("outcomes[1].wanted")).isNull();
        assertThat(done.<Object>get("outcomes[2].id")).isNull();
        assertThat(done.getList("outcomes.field")).containsExactly(null, null, "date", "amount", "record", null);
        assertThat(done.getLong("outcomes[5].wanted")).isEqualTo(wanted);
        assertThat(done.getLong("outcomes[5].id")).isGreaterThan(0).isNotEqualTo(wanted);
        assertThat(call().get(root()).jsonPath().getList("amount")).containsExactly(7.1f, 7.1f, 7.1f);
        assertThat(post("/import", batch).asString()).isEqualTo(answer.asString());
        assertThat(call().get(root()).jsonPath().getList("id")).hasSize(3);
        assertThat(post("/import", batch.replace("\"by\":\"import\"", "\"by\":\"other\""))
                        .statusCode())
                .isEqualTo(422);
        assertThat(create().jsonPath().getLong(kind().word() + ".id")).isNotIn(done.<Object>getList("outcomes.id"));
        problem(post("/import", "{\"by\":\"import\",\"records\":[]}"), 400, "bad-request");
        problem(post("/import", "{\"by\":"), 400, "bad-request");
    }

    @Test
    default void the_schema_is_told_with_its_history_and_a_step_that_is_needed_stays() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> "connected".equals(get("/state").jsonPath().getString("stores.postgres")));

        Response answer = get("/schema");
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
        JsonPath schema = answer.jsonPath();
        assertThat(schema.getString("current")).isEqualTo(schema.getString("target"));
        assertThat(schema.getBoolean("safe")).isTrue();
        assertThat(schema.getList("pending")).isEmpty();
        assertThat(schema.getString("history[0].version")).isEqualTo("1");
        assertThat(schema.getString("history[0].state")).isEqualTo("success");
        assertThat(schema.getString("history[0].installed_at")).isNotBlank();

        assertThat(post("/schema/update", "{\"target\":null}").jsonPath().getMap(""))
                .isEqualTo(schema.getMap(""));
        problem(post("/schema/update", "{\"target\":\"latest\"}"), 400, "bad-request");
        if (!schema.getBoolean("undoable")) {
            problem(post("/schema/undo", ""), 409, "conflict");
        }
        assertThat(get("/state").jsonPath().getString("schema_version")).isEqualTo(schema.getString("current"));
    }

    @Test
    default void reads_are_compared_with_the_follower_where_there_is_one() {
        create();
        double before = compared("match");
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            call().get(root() + "/" + id(1));
            call().get(root() + "?limit=1");
            call().get(root() + "/summary?by=category");
            return !dual() || compared("match") >= before + 3;
        });
        assertThat(compared("mismatch")).isZero();
        assertThat(get("/shadow-reads").jsonPath().getList("")).isEmpty();
    }

    private double compared(String result) {
        return given().get("/q/metrics")
                .asString()
                .lines()
                .filter(line -> line.startsWith("ledger_shadow_reads_total{") && line.contains("\"" + result + "\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
