package io.homebudget.ledger.storage.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, with which shape, and in which order. */
public interface Refusals extends ApiCalls {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|body/ids|missing",
                "{\"ids\":5}|body/ids|list_type",
                "{\"ids\":[1,\"a\"]}|body/ids/1|int_parsing",
                "{\"ids\":[1.5]}|body/ids/0|int_from_float",
                "{\"ids\":[null]}|body/ids/0|int_type",
                "[]|body|model_attributes_type",
            })
    default void a_bulk_delete_that_cannot_be_read_is_refused(String body, String loc, String type) {
        invalid(call().body(body).post(root() + "/bulk-delete"), loc, type);
    }

    @Test
    default void a_422_has_the_old_shape() {
        answers(
                call().body("{\"date\":\"2026-01-31\",\"category\":5,\"amount\":1}")
                        .post(root()),
                422,
                "{\"detail\":[{\"loc\":[\"body\",\"category\"],\"msg\":\"Input should be a valid string; it is a number\",\"type\":\"string_type\"},"
                        + "{\"loc\":[\"body\",\"account\"],\"msg\":\"Field required\",\"type\":\"missing\"}]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "nope", "{\"a\":NaN}", "{} x"})
    default void malformed_json_is_refused(String body) {
        String type = body.isEmpty() ? "missing" : "json_invalid";
        Response response = given().contentType("application/json").body(body).post(root());
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.jsonPath().getString("detail[0].type")).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "1.5", "1x", "%20", "0x1", "--1", "%D9%A1"})
    default void an_id_that_is_no_integer_is_refused(String id) {
        invalid(call().delete(root() + "/" + id), "path/expense_id", "int_parsing");
        invalid(
                call().body("{\"field\":\"notes\",\"value\":\"x\"}").patch(root() + "/" + id),
                "path/expense_id",
                "int_parsing");
        invalid(call().body("{}").put(root() + "/" + id), "path/expense_id", "int_parsing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "9007199254740992", "99999999999999999999999999"})
    default void an_id_that_no_entry_has_is_not_found(String id) {
        create();
        problem(call().get(root() + "/" + id(2)), 404, "not-found");
        problem(call().get(root() + "/" + id), 404, "not-found");
        problem(call().delete(root() + "/" + id), 404, "not-found");
        problem(call().body("{\"field\":\"notes\",\"value\":\"x\"}").patch(root() + "/" + id), 404, "not-found");
        problem(call().body("{}").put(root() + "/" + id), 404, "not-found");
    }

    @Test
    default void checks_come_in_the_order_shape_absent_field_value_condition() {
        create();
        String stale = "\"" + UUID.randomUUID() + "\"";

        invalid(call().body("{\"field\":\"id\"}").patch(root() + "/" + id(77)), "body/value", "missing");
        invalid(
                call().body("{\"field\":\"amount\",\"value\":true}").patch(root() + "/" + id(77)),
                "body/value/str",
                "string_type");
        problem(call().body("{\"field\":\"id\",\"value\":1}").patch(root() + "/" + id(77)), 404, "not-found");
        problem(call().body("{\"field\":\"date\",\"value\":\"x\"}").patch(root() + "/" + id(77)), 404, "not-found");
        problem(
                call().header("If-Match", stale)
                        .body("{\"field\":\"id\",\"value\":true}".replace("true", "1"))
                        .patch(root() + "/" + id(1)),
                400,
                "unknown-field");
        problem(call().body("{\"field\":\"nope\",\"value\":null}").patch(root() + "/" + id(1)), 400, "unknown-field");
        invalid(
                call().header("If-Match", stale)
                        .body("{\"field\":\"date\",\"value\":\"2026-02-30\"}")
                        .patch(root() + "/" + id(1)),
                "body/value",
                "date_from_datetime_parsing");
        invalid(call().body("{\"category\":5}").put(root() + "/" + id(77)), "body/category", "string_type");
        problem(call().body("{\"date\":\"2026-02-30\"}").put(root() + "/" + id(77)), 404, "not-found");
        invalid(
                call().header("If-Match", stale)
                        .body("{\"date\":\"2026-02-30\"}")
                        .put(root() + "/" + id(1)),
                "body/date",
                "date_from_datetime_parsing");
        problem(
                call().header("If-Match", stale).body("{\"amount\":12.5}").put(root() + "/" + id(1)),
                412,
                "precondition-failed");
        problem(call().header("If-Match", stale).delete(root() + "/" + id(1)), 412, "precondition-failed");
    }

    @Test
    default void a_body_over_the_limit_is_refused_whether_or_not_it_says_its_length() {
        byte[] tooLong = new byte[1_048_577];
        Arrays.fill(tooLong, (byte) ' ');
        problem(given().body(tooLong).post(root()), 413, "too-large");
        Response chunked = given().body(new ByteArrayInputStream(tooLong)).post(root());
        problem(chunked, 413, "too-large");
        String notes = "x".repeat(1_000_000);
        assertThat(given().body(ENTRY.replace("\"n\"", "\"" + notes + "\""))
                        .post(root())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    default void unknown_paths_and_methods_are_problems_too() {
        problem(given().get("/nope"), 404, "no-such-path");
        problem(given().get("/api/v1/nothing/here"), 404, "no-such-path");
        Response wrong = given().post(root() + "/" + id(1));
        problem(wrong, 405, "method-not-allowed");
        problem(given().delete(root()), 405, "method-not-allowed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "from=2026-02-30|query/from",
                "to=x|query/to",
                "limit=0|query/limit",
                "limit=1001|query/limit",
                "limit=a|query/limit",
                "after=x|query/after",
                "after=!!|query/after",
                "category=%00|query/category",
                "q=a%00|query/q",
                "from=0000-01-01|query/from",
                "from=|query/from",
                "to=|query/to",
                "limit=|query/limit",
                "after=|query/after",
            })
    default void a_parameter_that_cannot_be_read_is_refused(String query, String loc) {
        Response response = call().get(root() + "?" + query);
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.jsonPath().getString("detail[0].loc.join('/')")).isEqualTo(loc);
        assertThat(response.jsonPath().getList("detail")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"entry_id", "from", "to", "limit", "after"})
    default void an_empty_parameter_of_the_audit_is_refused(String name) {
        invalidParameter(call().header("Authorization", "Bearer " + VIEWER).get(root() + "/audit?" + name + "="), name);
    }

    private static void invalidParameter(Response response, String name) {
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.jsonPath().getString("detail[0].loc[1]")).isEqualTo(name);
    }
}
