package io.homebudget.ledger.storage.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.restassured.RestAssured;
import io.restassured.config.EncoderConfig;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The calls of the old backend, which real clients use, byte for byte. */
public interface OldCalls extends ApiCalls {

    @Test
    default void an_empty_list_is_an_empty_array() {
        Response list = call().get(root());
        answers(list, 200, "[]");
        assertThat(list.contentType()).startsWith("application/json");
    }

    @Test
    default void a_created_entry_is_answered_and_listed_newest_first() {
        answers(create(), 200, "{\"status\":\"created\",\"expense\":{" + OF_ENTRY + ",\"id\":" + id(1) + "}}");
        call().body(ENTRY.replace("2026-01-31", "2025-12-31")).post(root());
        create();

        answers(
                call().get(root()),
                200,
                "[{" + OF_ENTRY + ",\"id\":" + id(3) + "},{" + OF_ENTRY + ",\"id\":" + id(1) + "},{"
                        + OF_ENTRY.replace("2026-01-31", "2025-12-31") + ",\"id\":" + id(2) + "}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/xml",
                "application/x-www-form-urlencoded",
                "application/json; charset=latin1"
            })
    default void the_content_type_does_not_matter(String type) {
        answers(
                given().config(RestAssured.config()
                                .encoderConfig(
                                        EncoderConfig.encoderConfig().encodeContentTypeAs(type, ContentType.TEXT)))
                        .contentType(type)
                        .header("Accept", "text/html")
                        .body(ENTRY)
                        .post(root()),
                200,
                "{\"status\":\"created\",\"expense\":{" + OF_ENTRY + ",\"id\":" + id(1) + "}}");
    }

    @Test
    default void a_patch_changes_one_field() {
        create();
        answers(
                call().body("{\"field\":\"amount\",\"value\":\"99.90\"}").patch(root() + "/" + id(1)),
                200,
                "{\"status\":\"updated\",\"expense\":{" + OF_ENTRY.replace("12.5", "99.9") + ",\"id\":" + id(1) + "}}");
        answers(
                call().body("{\"field\":\"notes\",\"value\":null}").patch(root() + "/" + id(1)),
                200,
                "{\"status\":\"updated\",\"expense\":{"
                        + OF_ENTRY.replace("12.5", "99.9").replace("\"n\"", "null") + ",\"id\":" + id(1) + "}}");
    }

    @Test
    default void a_put_changes_the_given_fields_and_what_changes_nothing_makes_no_change() {
        create();
        answers(
                call().body("{\"amount\":1e2,\"currency\":\"\",\"id\":7,\"foo\":[]}")
                        .put(root() + "/" + id(1)),
                200,
                "{\"status\":\"updated\",\"expense\":{" + OF_ENTRY.replace("12.5", "100.0") + ",\"id\":" + id(1)
                        + "}}");
        String etag = call().get(root() + "/" + id(1)).header("ETag");

        Response same = call().body("{\"amount\":100}").put(root() + "/" + id(1));

        assertThat(same.statusCode()).isEqualTo(200);
        assertThat(call().get(root() + "/" + id(1)).header("ETag")).isEqualTo(etag);
        answers(
                call().body("{}").put(root() + "/" + id(1)),
                200,
                "{\"status\":\"updated\",\"expense\":{" + OF_ENTRY.replace("12.5", "100.0") + ",\"id\":" + id(1)
                        + "}}");
    }

    @Test
    default void a_deleted_entry_is_gone_and_its_id_is_not_given_again() {
        create();
        answers(call().delete(root() + "/" + id(1)), 200, "{\"status\":\"deleted\",\"id\":" + id(1) + "}");
        problem(call().delete(root() + "/" + id(1)), 404, "not-found");
        assertThat(create().jsonPath().getInt(kind().word() + ".id")).isEqualTo(id(2));
    }

    @Test
    default void a_bulk_delete_counts_what_was_there() {
        create();
        create();
        create();
        answers(
                call().body("{\"ids\":[" + id(1) + "," + id(3) + "," + id(3) + "," + id(99)
                                + ",0,-5,1e300,9007199254740993]}")
                        .post(root() + "/bulk-delete"),
                200,
                "{\"status\":\"deleted\",\"count\":2}");
        answers(
                call().body("{\"ids\":[" + id(1) + "," + id(3) + "]}").post(root() + "/bulk-delete"),
                200,
                "{\"status\":\"deleted\",\"count\":0}");
        answers(call().body("{\"ids\":[]}").post(root() + "/bulk-delete"), 200, "{\"status\":\"deleted\",\"count\":0}");
        assertThat(call().get(root()).jsonPath().getList("id")).containsExactly(ids(2));
    }

    @Test
    default void the_old_health_check_is_exactly_the_old_one() {
        answers(call().get("/api/v1/health"), 200, "{\"status\":\"ok\"}");
    }

    @Test
    default void incomes_know_no_business() {
        create();
        int status = call().body("{\"field\":\"business\",\"value\":\"x\"}")
                .patch(root() + "/" + id(1))
                .statusCode();
        assertThat(status).isEqualTo(kind() == Kind.EXPENSE ? 200 : 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "a/b/c",
                ";;;",
                "application/json; charset",
                "/",
                "application/json; charset=nope",
                ","
            })
    default void a_content_type_that_is_none_does_not_matter_either(String type) {
        assertThat(posted(type, ENTRY))
                .isEqualTo(
                        "200 " + mine("{\"status\":\"created\",\"expense\":{" + OF_ENTRY + ",\"id\":" + id(1) + "}}"));
    }
}
