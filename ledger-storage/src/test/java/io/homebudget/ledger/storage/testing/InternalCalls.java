package io.homebudget.ledger.storage.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.internal.InternalApi;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The internal API in one phase, as migration- and backup-service call it. */
public interface InternalCalls extends ApiCalls {

    /** {@code json} or {@code postgres}: the store that rules in this phase. */
    String primary();

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

        assertThat(export.contentType()).startsWith("application/x-ndjson");
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
                        .map(line -> JsonPath.from(line).getLong("id"))
                        .toList())
                .isSorted()
                .contains(id(1), id(2));
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
}
