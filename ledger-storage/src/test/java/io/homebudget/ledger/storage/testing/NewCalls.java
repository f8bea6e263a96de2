package io.homebudget.ledger.storage.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the old backend did not have: conditions, filters and pages, summaries, exports, safe repeats, the audit. */
public interface NewCalls extends ApiCalls {

    @Test
    default void an_entry_is_read_with_its_etag_and_changed_only_if_it_matches() {
        create();
        Response one = call().get(root() + "/" + id(1));
        answers(one, 200, "{" + OF_ENTRY + ",\"id\":" + id(1) + "}");
        String etag = one.header("ETag");
        assertThat(etag).matches("\"[0-9a-f-]{36}\"");

        Response changed = call().header("If-Match", "W/\"x\", " + etag)
                .body("{\"amount\":1}")
                .put(root() + "/" + id(1));

        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(changed.header("ETag")).isNotEqualTo(etag);
        for (String stale : new String[] {etag, "W/" + changed.header("ETag"), "nonsense", "\"\""}) {
            problem(
                    call().header("If-Match", stale).body("{\"amount\":2}").put(root() + "/" + id(1)),
                    412,
                    "precondition-failed");
        }
        assertThat(call().header("If-Match", "*")
                        .body("{\"amount\":2}")
                        .put(root() + "/" + id(1))
                        .statusCode())
                .isEqualTo(200);
        problem(call().header("If-Match", "*").delete(root() + "/" + id(5)), 404, "not-found");
    }

    @Test
    default void filters_select_and_pages_follow_each_other_without_gap() {
        for (int day = 1; day <= 9; day++) {
            call().body(ENTRY.replace("2026-01-31", "2026-01-0" + day)
                            .replace("Food", day % 2 == 0 ? "Food" : "F&d =?"))
                    .post(root());
        }
        assertThat(call().get(root() + "?from=2026-01-03&to=2026-01-05")
                        .jsonPath()
                        .getList("id"))
                .containsExactly(ids(5, 4, 3));
        assertThat(call().get(root() + "?category=Food").jsonPath().getList("id"))
                .containsExactly(ids(8, 6, 4, 2));
        assertThat(call().get(root() + "?account=cash").jsonPath().getList("id"))
                .isEmpty();
        assertThat(call().get(root() + "?category=").jsonPath().getList("id")).isEmpty();
        assertThat(call().get(root() + "?q=CASH&limit=2").jsonPath().getList("id"))
                .containsExactly(ids(9, 8));

        List<Object> seen = new ArrayList<>();
        String path = root() + "?category=F%26d%20%3D%3F&limit=2";
        int pages = 0;
        while (path != null) {
            Response page = call().get(path);
            assertThat(page.statusCode()).isEqualTo(200);
            seen.addAll(page.jsonPath().getList("id"));
            String link = page.header("Link");
            path = link == null ? null : link.substring(1, link.indexOf('>'));
            assertThat(link == null || link.endsWith(">; rel=\"next\"")).isTrue();
            pages++;
        }
        assertThat(seen).containsExactly(ids(9, 7, 5, 3, 1));
        assertThat(pages).isEqualTo(3);
    }

    @Test
    default void a_summary_counts_and_adds_up_per_currency() {
        call().body(ENTRY).post(root());
        call().body(ENTRY.replace("12.5", "0.01")).post(root());
        call().body(ENTRY.replace("12.5", "-5").replace("\"notes\"", "\"currency\":\"$\",\"notes\""))
                .post(root());

        answers(
                call().get(root() + "/summary?by=category"),
                200,
                "[{\"category\":\"Food\",\"currency\":\"$\",\"count\":1,\"total\":-5.0,\"average\":-5.0,\"min\":-5.0,\"max\":-5.0},"
                        + "{\"category\":\"Food\",\"currency\":\"\u20aa\",\"count\":2,\"total\":12.51,\"average\":6.26,\"min\":0.01,\"max\":12.5}]");
        assertThat(call().get(root() + "/summary?by=month").jsonPath().getString("[0].month"))
                .isEqualTo("2026-01");
        assertThat(call().get(root() + "/summary?by=account&category=Nothing").asString())
                .isEqualTo("[]");
        invalid(call().get(root() + "/summary"), "query/by", "missing");
        invalid(call().get(root() + "/summary?by=day"), "query/by", "literal_error");
    }

    @Test
    default void the_export_keeps_every_value() {
        call().body(ENTRY.replace("\"n\"", "\"a,\\\"b\\\"\\nc\"")).post(root());
        call().body(ENTRY.replace("\"n\"", "\"\"").replace("Food", "=1+1")).post(root());
        call().body(ENTRY.replace("\"n\"", "null")).post(root());

        Response csv = call().get(root() + "/export.csv");

        assertThat(csv.contentType()).isEqualTo("text/csv;charset=UTF-8");
        String expected = "date,business,category,amount,account,currency,notes,id\r\n"
                + "2026-01-31,Shop,Food,12.5,Cash,\u20aa,," + id(3) + "\r\n"
                + "2026-01-31,Shop,=1+1,12.5,Cash,\u20aa,\"\"," + id(2) + "\r\n"
                + "2026-01-31,Shop,Food,12.5,Cash,\u20aa,\"a,\"\"b\"\"\nc\"," + id(1) + "\r\n";
        assertThat(csv.asString())
                .isEqualTo(
                        kind() == Kind.EXPENSE
                                ? expected
                                : expected.replace("business,", "").replace("Shop,", ""));
    }

    @Test
    default void a_repeat_with_the_same_key_gets_the_first_answer() {
        String key = "k " + UUID.randomUUID();
        Response first = call().header("Idempotency-Key", key).body(ENTRY).post(root());
        Response again = call().header("Idempotency-Key", key).body(ENTRY).post(root());

        assertThat(again.asString()).isEqualTo(first.asString());
        assertThat(call().get(root()).jsonPath().getList("id")).hasSize(1);
        invalid(
                call().header("Idempotency-Key", key).body(ENTRY + " ").post(root()),
                "header/idempotency-key",
                "key_reused");
        invalid(
                call().header("Idempotency-Key", "x".repeat(256)).body(ENTRY).post(root()),
                "header/idempotency-key",
                "value_error");
        assertThat(call().header("Idempotency-Key", (UUID.randomUUID() + "x".repeat(255)).substring(0, 255))
                        .body(ENTRY)
                        .post(root())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    default void the_audit_shows_every_change_to_viewers_only() {
        create();
        call().body("{\"amount\":1}").put(root() + "/" + id(1));
        call().delete(root() + "/" + id(1));
        problem(call().get(root() + "/audit"), 401, "unauthenticated");
        problem(call().header("Authorization", "Bearer wrong").get(root() + "/audit"), 401, "unauthenticated");
        assertThat(call().get(root() + "/audit").header("WWW-Authenticate")).isEqualTo("Bearer");

        Response audit = call().header("Authorization", "Bearer " + VIEWER)
                .get(root() + "/audit?entry_id=" + id(1) + "&limit=2");

        assertThat(audit.jsonPath().getList("action")).containsExactly("DELETE", "UPDATE");
        assertThat(audit.jsonPath().getMap("[0]"))
                .containsOnlyKeys(
                        "table_name", "record_id", "action", "old_value", "new_value", "changed_at", "changed_by");
        assertThat(audit.jsonPath().getString("[0].table_name")).isEqualTo(kind().plural());
        assertThat(audit.jsonPath().<Object>get("[0].new_value")).isNull();
        String link = audit.header("Link");
        Response rest = call().header("Authorization", "Bearer " + OPERATOR).get(link.substring(1, link.indexOf('>')));
        assertThat(rest.jsonPath().getList("action")).containsExactly("INSERT");
        invalid(
                call().header("Authorization", "Bearer " + VIEWER).get(root() + "/audit?from=yesterday"),
                "query/from",
                "datetime_parsing");
        assertThat(call().header("Authorization", "Bearer " + VIEWER)
                        .get(root() + "/audit?to=2020-01-01")
                        .asString())
                .isEqualTo("[]");
    }
}
