package io.homebudget.ledger.storage.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.restassured.RestAssured;
import io.restassured.config.EncoderConfig;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The ledger API, byte for byte, for both kinds. A service's test extends this, so that no kind gets an answer of its own.
 * Literals are written for expenses and turned into those of incomes.
 */
public abstract class LedgerApiContract {
    protected static final String OPERATOR = "operator-token-of-the-tests-000001";
    protected static final String VIEWER = "viewer-token-of-the-tests-000000002";
    private static final String ENTRY =
            "{\"date\":\"2026-01-31\",\"business\":\"Shop\",\"category\":\"Food\",\"amount\":12.5,\"account\":\"Cash\",\"notes\":\"n\"}";
    private static final String OF_ENTRY =
            "\"date\":\"2026-01-31\",\"business\":\"Shop\",\"category\":\"Food\",\"amount\":12.5,\"account\":\"Cash\",\"currency\":\"\u20aa\",\"notes\":\"n\"";

    private final ReferenceLedger ledger;
    private final Kind kind;
    private final String root;

    protected LedgerApiContract(ReferenceLedger ledger, Kind kind) {
        this.ledger = ledger;
        this.kind = kind;
        this.root = kind == Kind.EXPENSE ? "/api/v1/expense" : "/api/v1/income";
    }

    @BeforeEach
    void startEmpty() {
        ledger.reset();
    }

    protected RequestSpecification call() {
        return given().filter(OldOpenApi.filter()).contentType("application/json").urlEncodingEnabled(false);
    }

    /** The same text for this kind. */
    protected String mine(String forExpenses) {
        return kind == Kind.EXPENSE
                ? forExpenses
                : forExpenses.replace("\"business\":\"Shop\",", "").replace("expense", "income");
    }

    private Response create() {
        Response created = call().body(ENTRY).post(root);
        assertThat(created.statusCode()).isEqualTo(200);
        return created;
    }

    private void answers(Response response, int status, String body) {
        assertThat(response.asString()).isEqualTo(mine(body));
        assertThat(response.statusCode()).isEqualTo(status);
    }

    private void problem(Response response, int status, String slug) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.contentType()).isEqualTo("application/problem+json");
        assertThat(response.jsonPath().getString("type")).endsWith(":" + slug);
        assertThat(response.jsonPath().getInt("status")).isEqualTo(status);
        assertThat(response.jsonPath().<Object>get("detail")).isInstanceOf(String.class);
        assertThat(response.jsonPath().getString("title")).isNotEmpty();
    }

    private void invalid(Response response, String loc, String type) {
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.contentType()).isEqualTo("application/json");
        assertThat(response.jsonPath().getString("detail[0].loc.join('/')")).isEqualTo(mine(loc));
        assertThat(response.jsonPath().getString("detail[0].type")).isEqualTo(type);
        assertThat(response.jsonPath().getMap("detail[0]")).containsOnlyKeys("loc", "msg", "type");
    }

    // ---- the calls of the old backend ---------------------------------------------------------------------------------

    @Test
    void an_empty_list_is_an_empty_array() {
        Response list = call().get(root);
        answers(list, 200, "[]");
        assertThat(list.contentType()).startsWith("application/json");
    }

    @Test
    void a_created_entry_is_answered_and_listed_newest_first() {
        answers(create(), 200, "{\"status\":\"created\",\"expense\":{" + OF_ENTRY + ",\"id\":1}}");
        call().body(ENTRY.replace("2026-01-31", "2025-12-31")).post(root);
        create();

        answers(
                call().get(root),
                200,
                "[{" + OF_ENTRY + ",\"id\":3},{" + OF_ENTRY + ",\"id\":1},{" + OF_ENTRY.replace("2026-01-31", "2025-12-31")
                        + ",\"id\":2}]");
    }

    @Test
    void a_list_of_thousands_is_one_array_with_the_right_separators() {
        for (int i = 0; i < 2_500; i++) {
            ledger.write(new io.homebudget.ledger.storage.store.WriteRequest(
                            new io.homebudget.ledger.storage.store.Intent.Create(new io.homebudget.ledger.entry.Entry(
                                    0, java.time.LocalDate.of(2026, 1, 1), null, "c", i, "a", "\u20aa", null)),
                            "user",
                            null))
                    .await()
                    .indefinitely();
        }

        Response list = call().get(root);

        assertThat(list.jsonPath().getList("id")).hasSize(2_500);
        assertThat(list.asString()).startsWith("[{\"date\":\"2026-01-01\",").endsWith(",\"notes\":null,\"id\":1}]");
        assertThat(list.asString()).doesNotContain("}{").doesNotContain(",,").doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=latin1"})
    void the_content_type_does_not_matter(String type) {
        answers(
                given().config(RestAssured.config().encoderConfig(
                                EncoderConfig.encoderConfig().encodeContentTypeAs(type, ContentType.TEXT)))
                        .contentType(type).header("Accept", "text/html").body(ENTRY).post(root),
                200,
                "{\"status\":\"created\",\"expense\":{" + OF_ENTRY + ",\"id\":1}}");
    }

    @Test
    void a_patch_changes_one_field() {
        create();
        answers(
                call().body("{\"field\":\"amount\",\"value\":\"99.90\"}").patch(root + "/1"),
                200,
                "{\"status\":\"updated\",\"expense\":{" + OF_ENTRY.replace("12.5", "99.9") + ",\"id\":1}}");
        answers(
                call().body("{\"field\":\"notes\",\"value\":null}").patch(root + "/1"),
                200,
                "{\"status\":\"updated\",\"expense\":{" + OF_ENTRY.replace("12.5", "99.9").replace("\"n\"", "null") + ",\"id\":1}}");
    }

    @Test
    void a_put_changes_the_given_fields_and_what_changes_nothing_makes_no_change() {
        create();
        answers(
                call().body("{\"amount\":1e2,\"currency\":\"\",\"id\":7,\"foo\":[]}").put(root + "/1"),
                200,
                "{\"status\":\"updated\",\"expense\":{" + OF_ENTRY.replace("12.5", "100.0") + ",\"id\":1}}");
        String etag = call().get(root + "/1").header("ETag");

        Response same = call().body("{\"amount\":100}").put(root + "/1");

        assertThat(same.statusCode()).isEqualTo(200);
        assertThat(call().get(root + "/1").header("ETag")).isEqualTo(etag);
        answers(call().body("{}").put(root + "/1"), 200,
                "{\"status\":\"updated\",\"expense\":{" + OF_ENTRY.replace("12.5", "100.0") + ",\"id\":1}}");
    }

    @Test
    void a_deleted_entry_is_gone_and_its_id_is_not_given_again() {
        create();
        answers(call().delete(root + "/1"), 200, "{\"status\":\"deleted\",\"id\":1}");
        problem(call().delete(root + "/1"), 404, "not-found");
        assertThat(create().jsonPath().getInt(kind.word() + ".id")).isEqualTo(2);
    }

    @Test
    void a_bulk_delete_counts_what_was_there() {
        create();
        create();
        create();
        answers(
                call().body("{\"ids\":[1,3,3,99,0,-5,1e300,9007199254740993]}").post(root + "/bulk-delete"),
                200,
                "{\"status\":\"deleted\",\"count\":2}");
        answers(call().body("{\"ids\":[1,3]}").post(root + "/bulk-delete"), 200, "{\"status\":\"deleted\",\"count\":0}");
        answers(call().body("{\"ids\":[]}").post(root + "/bulk-delete"), 200, "{\"status\":\"deleted\",\"count\":0}");
        assertThat(call().get(root).jsonPath().getList("id")).containsExactly(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{}|body/ids|missing",
        "{\"ids\":5}|body/ids|list_type",
        "{\"ids\":[1,\"a\"]}|body/ids/1|int_parsing",
        "{\"ids\":[1.5]}|body/ids/0|int_from_float",
        "{\"ids\":[null]}|body/ids/0|int_type",
        "[]|body|model_attributes_type",
    })
    void a_bulk_delete_that_cannot_be_read_is_refused(String body, String loc, String type) {
        invalid(call().body(body).post(root + "/bulk-delete"), loc, type);
    }

    @Test
    void the_old_health_check_is_exactly_the_old_one() {
        answers(call().get("/api/v1/health"), 200, "{\"status\":\"ok\"}");
    }

    // ---- what is refused, and in which order ----------------------------------------------------------------------------

    @Test
    void a_422_has_the_old_shape() {
        answers(
                call().body("{\"date\":\"2026-01-31\",\"category\":5,\"amount\":1}").post(root),
                422,
                "{\"detail\":[{\"loc\":[\"body\",\"category\"],\"msg\":\"Input should be a valid string; it is a number\",\"type\":\"string_type\"},"
                        + "{\"loc\":[\"body\",\"account\"],\"msg\":\"Field required\",\"type\":\"missing\"}]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "nope", "{\"a\":NaN}", "{} x"})
    void malformed_json_is_refused(String body) {
        String type = body.isEmpty() ? "missing" : "json_invalid";
        Response response = given().contentType("application/json").body(body).post(root);
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.jsonPath().getString("detail[0].type")).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "1.5", "1x", "%20", "0x1", "--1", "%D9%A1"})
    void an_id_that_is_no_integer_is_refused(String id) {
        invalid(call().delete(root + "/" + id), "path/expense_id", "int_parsing");
        invalid(call().body("{\"field\":\"notes\",\"value\":\"x\"}").patch(root + "/" + id), "path/expense_id", "int_parsing");
        invalid(call().body("{}").put(root + "/" + id), "path/expense_id", "int_parsing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "9007199254740992", "99999999999999999999999999", "2"})
    void an_id_that_no_entry_has_is_not_found(String id) {
        create();
        problem(call().get(root + "/" + id), 404, "not-found");
        problem(call().delete(root + "/" + id), 404, "not-found");
        problem(call().body("{\"field\":\"notes\",\"value\":\"x\"}").patch(root + "/" + id), 404, "not-found");
        problem(call().body("{}").put(root + "/" + id), 404, "not-found");
    }

    @Test
    void checks_come_in_the_order_shape_absent_field_value_condition() {
        create();
        String stale = "\"" + UUID.randomUUID() + "\"";

        invalid(call().body("{\"field\":\"id\"}").patch(root + "/77"), "body/value", "missing");
        invalid(call().body("{\"field\":\"amount\",\"value\":true}").patch(root + "/77"), "body/value/str", "string_type");
        problem(call().body("{\"field\":\"id\",\"value\":1}").patch(root + "/77"), 404, "not-found");
        problem(call().body("{\"field\":\"date\",\"value\":\"x\"}").patch(root + "/77"), 404, "not-found");
        problem(call().header("If-Match", stale).body("{\"field\":\"id\",\"value\":true}".replace("true", "1")).patch(root + "/1"), 400, "unknown-field");
        problem(call().body("{\"field\":\"nope\",\"value\":null}").patch(root + "/1"), 400, "unknown-field");
        invalid(call().header("If-Match", stale).body("{\"field\":\"date\",\"value\":\"2026-02-30\"}").patch(root + "/1"), "body/value", "date_from_datetime_parsing");
        invalid(call().body("{\"category\":5}").put(root + "/77"), "body/category", "string_type");
        problem(call().body("{\"date\":\"2026-02-30\"}").put(root + "/77"), 404, "not-found");
        invalid(call().header("If-Match", stale).body("{\"date\":\"2026-02-30\"}").put(root + "/1"), "body/date", "date_from_datetime_parsing");
        problem(call().header("If-Match", stale).body("{\"amount\":12.5}").put(root + "/1"), 412, "precondition-failed");
        problem(call().header("If-Match", stale).delete(root + "/1"), 412, "precondition-failed");
    }

    @Test
    void incomes_know_no_business() {
        create();
        int status = call().body("{\"field\":\"business\",\"value\":\"x\"}").patch(root + "/1").statusCode();
        assertThat(status).isEqualTo(kind == Kind.EXPENSE ? 200 : 400);
    }

    @Test
    void a_body_over_the_limit_is_refused_whether_or_not_it_says_its_length() {
        byte[] tooLong = new byte[1_048_577];
        java.util.Arrays.fill(tooLong, (byte) ' ');
        problem(given().body(tooLong).post(root), 413, "too-large");
        Response chunked = given()
                .body(new java.io.ByteArrayInputStream(tooLong))
                .post(root);
        problem(chunked, 413, "too-large");
        String notes = "x".repeat(1_000_000);
        assertThat(given().body(ENTRY.replace("\"n\"", "\"" + notes + "\"")).post(root).statusCode()).isEqualTo(200);
    }

    @Test
    void unknown_paths_and_methods_are_problems_too() {
        problem(given().get("/nope"), 404, "no-such-path");
        problem(given().get("/api/v1/nothing/here"), 404, "no-such-path");
        Response wrong = given().post(root + "/1");
        problem(wrong, 405, "method-not-allowed");
        problem(given().delete(root), 405, "method-not-allowed");
    }

    // ---- more than the old backend -----------------------------------------------------------------------------------------

    @Test
    void an_entry_is_read_with_its_etag_and_changed_only_if_it_matches() {
        create();
        Response one = call().get(root + "/1");
        answers(one, 200, "{" + OF_ENTRY + ",\"id\":1}");
        String etag = one.header("ETag");
        assertThat(etag).matches("\"[0-9a-f-]{36}\"");

        Response changed = call().header("If-Match", "W/\"x\", " + etag).body("{\"amount\":1}").put(root + "/1");

        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(changed.header("ETag")).isNotEqualTo(etag);
        for (String stale : new String[] {etag, "W/" + changed.header("ETag"), "nonsense", "\"\""}) {
            problem(call().header("If-Match", stale).body("{\"amount\":2}").put(root + "/1"), 412, "precondition-failed");
        }
        assertThat(call().header("If-Match", "*").body("{\"amount\":2}").put(root + "/1").statusCode()).isEqualTo(200);
        problem(call().header("If-Match", "*").delete(root + "/5"), 404, "not-found");
    }

    @Test
    void filters_select_and_pages_follow_each_other_without_gap() {
        for (int day = 1; day <= 9; day++) {
            call().body(ENTRY.replace("2026-01-31", "2026-01-0" + day).replace("Food", day % 2 == 0 ? "Food" : "F&d =?")).post(root);
        }
        assertThat(call().get(root + "?from=2026-01-03&to=2026-01-05").jsonPath().getList("id")).containsExactly(5, 4, 3);
        assertThat(call().get(root + "?category=Food").jsonPath().getList("id")).containsExactly(8, 6, 4, 2);
        assertThat(call().get(root + "?account=cash").jsonPath().getList("id")).isEmpty();
        assertThat(call().get(root + "?q=CASH&limit=2").jsonPath().getList("id")).containsExactly(9, 8);

        java.util.List<Object> seen = new java.util.ArrayList<>();
        String path = root + "?category=F%26d%20%3D%3F&limit=2";
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
        assertThat(seen).containsExactly(9, 7, 5, 3, 1);
        assertThat(pages).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "from=2026-02-30|query/from", "to=x|query/to", "limit=0|query/limit", "limit=1001|query/limit",
        "limit=a|query/limit", "after=x|query/after", "after=!!|query/after", "category=%00|query/category",
        "q=a%00|query/q", "from=0000-01-01|query/from",
    })
    void a_parameter_that_cannot_be_read_is_refused(String query, String loc) {
        Response response = call().get(root + "?" + query);
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.jsonPath().getString("detail[0].loc.join('/')")).isEqualTo(loc);
        assertThat(response.jsonPath().getList("detail")).hasSize(1);
    }

    @Test
    void a_summary_counts_and_adds_up_per_currency() {
        call().body(ENTRY).post(root);
        call().body(ENTRY.replace("12.5", "0.01")).post(root);
        call().body(ENTRY.replace("12.5", "-5").replace("\"notes\"", "\"currency\":\"$\",\"notes\"")).post(root);

        answers(
                call().get(root + "/summary?by=category"),
                200,
                "[{\"category\":\"Food\",\"currency\":\"$\",\"count\":1,\"total\":-5.0,\"average\":-5.0,\"min\":-5.0,\"max\":-5.0},"
                        + "{\"category\":\"Food\",\"currency\":\"\u20aa\",\"count\":2,\"total\":12.51,\"average\":6.26,\"min\":0.01,\"max\":12.5}]");
        assertThat(call().get(root + "/summary?by=month").jsonPath().getString("[0].month")).isEqualTo("2026-01");
        assertThat(call().get(root + "/summary?by=account&category=Nothing").asString()).isEqualTo("[]");
        invalid(call().get(root + "/summary"), "query/by", "missing");
        invalid(call().get(root + "/summary?by=day"), "query/by", "literal_error");
    }

    @Test
    void the_export_keeps_every_value() {
        call().body(ENTRY.replace("\"n\"", "\"a,\\\"b\\\"\\nc\"")).post(root);
        call().body(ENTRY.replace("\"n\"", "\"\"").replace("Food", "=1+1")).post(root);
        call().body(ENTRY.replace("\"n\"", "null")).post(root);

        Response csv = call().get(root + "/export.csv");

        assertThat(csv.contentType()).isEqualTo("text/csv;charset=UTF-8");
        String expected = "date,business,category,amount,account,currency,notes,id\r\n"
                + "2026-01-31,Shop,Food,12.5,Cash,\u20aa,,3\r\n"
                + "2026-01-31,Shop,=1+1,12.5,Cash,\u20aa,\"\",2\r\n"
                + "2026-01-31,Shop,Food,12.5,Cash,\u20aa,\"a,\"\"b\"\"\nc\",1\r\n";
        assertThat(csv.asString()).isEqualTo(kind == Kind.EXPENSE ? expected : expected.replace("business,", "").replace("Shop,", ""));
    }

    @Test
    void a_repeat_with_the_same_key_gets_the_first_answer() {
        Response first = call().header("Idempotency-Key", "k 1").body(ENTRY).post(root);
        Response again = call().header("Idempotency-Key", "k 1").body(ENTRY).post(root);

        assertThat(again.asString()).isEqualTo(first.asString());
        assertThat(call().get(root).jsonPath().getList("id")).hasSize(1);
        invalid(call().header("Idempotency-Key", "k 1").body(ENTRY + " ").post(root), "header/idempotency-key", "key_reused");
        invalid(call().header("Idempotency-Key", "x".repeat(256)).body(ENTRY).post(root), "header/idempotency-key", "value_error");
        assertThat(call().header("Idempotency-Key", "x".repeat(255)).body(ENTRY).post(root).statusCode()).isEqualTo(200);
    }

    @Test
    void the_audit_shows_every_change_to_viewers_only() {
        create();
        call().body("{\"amount\":1}").put(root + "/1");
        call().delete(root + "/1");
        problem(call().get(root + "/audit"), 401, "unauthenticated");
        problem(call().header("Authorization", "Bearer wrong").get(root + "/audit"), 401, "unauthenticated");
        assertThat(call().get(root + "/audit").header("WWW-Authenticate")).isEqualTo("Bearer");

        Response audit = call().header("Authorization", "Bearer " + VIEWER).get(root + "/audit?entry_id=1&limit=2");

        assertThat(audit.jsonPath().getList("action")).containsExactly("DELETE", "UPDATE");
        assertThat(audit.jsonPath().getMap("[0]"))
                .containsOnlyKeys("table_name", "record_id", "action", "old_value", "new_value", "changed_at", "changed_by");
        assertThat(audit.jsonPath().getString("[0].table_name")).isEqualTo(kind.plural());
        assertThat(audit.jsonPath().<Object>get("[0].new_value")).isNull();
        String link = audit.header("Link");
        Response rest = call().header("Authorization", "Bearer " + OPERATOR).get(link.substring(1, link.indexOf('>')));
        assertThat(rest.jsonPath().getList("action")).containsExactly("INSERT");
        invalid(call().header("Authorization", "Bearer " + VIEWER).get(root + "/audit?from=yesterday"), "query/from", "datetime_parsing");
        assertThat(call().header("Authorization", "Bearer " + VIEWER).get(root + "/audit?to=2020-01-01").asString()).isEqualTo("[]");
    }

    // ---- when stores fail ----------------------------------------------------------------------------------------------------

    @Test
    void a_write_that_certainly_did_not_happen_says_when_to_repeat() {
        ledger.force(new WriteOutcome.NotWritten("a test said so"));
        Response response = call().body(ENTRY).post(root);
        problem(response, 503, "not-written");
        assertThat(response.header("Retry-After")).isEqualTo("1");
    }

    @Test
    void a_write_whose_outcome_is_unknown_says_how_to_repeat_safely() {
        ledger.force(new WriteOutcome.Unknown("a test said so"));
        Response response = call().body(ENTRY).post(root);
        problem(response, 503, "outcome-unknown");
        assertThat(response.header("Retry-After")).isNull();
        assertThat(response.jsonPath().getString("detail")).contains("Idempotency-Key");
    }

    @Test
    void reads_without_any_store_are_503_and_reads_from_the_follower_say_so() {
        create();
        ledger.readsAway(true);
        for (String path : new String[] {"", "/1", "/summary?by=month", "/export.csv", "?limit=3"}) {
            Response response = call().get(root + path);
            problem(response, 503, "not-written");
            assertThat(response.header("Retry-After")).isEqualTo("1");
        }
        ledger.readsAway(false);
        ledger.byFollower(true);
        for (String path : new String[] {"", "/1", "/summary?by=month", "/export.csv", "?limit=3", "/9"}) {
            assertThat(call().get(root + path).header("X-Ledger-Served-By")).isEqualTo("json-follower");
        }
    }

    @Test
    void health_follows_the_store_that_rules() {
        assertThat(given().get("/health").asString()).startsWith("{\"status\":\"healthy\",\"database\":\"disconnected\"");
        ledger.stand(Phase.DATABASE_READS, "connected", "disconnected");
        assertThat(given().get("/health").statusCode()).isEqualTo(503);
        assertThat(given().get("/health").jsonPath().getString("status")).isEqualTo("unhealthy");
        assertThat(given().get("/ready").statusCode()).isEqualTo(200);
        ledger.stand(Phase.DATABASE_ONLY, "unused", "disconnected");
        assertThat(given().get("/ready").statusCode()).isEqualTo(503);
        ledger.stand(Phase.DATABASE_ONLY, "unused", "connected");
        assertThat(given().get("/health").jsonPath().getString("database")).isEqualTo("connected");
        ledger.stand(Phase.JSON_ONLY, "recovery", "disconnected", "the journal is damaged, restore a snapshot");
        assertThat(given().get("/ready").statusCode()).isEqualTo(503);
        assertThat(given().get("/ready").jsonPath().getList("notices")).hasSize(1);
        ledger.stand(null, "connected", "disconnected");
        assertThat(given().get("/health").statusCode()).isEqualTo(503);
    }

    // ---- flags, without PostgreSQL ---------------------------------------------------------------------------------------------

    @Test
    void flags_work_without_postgresql() {
        ledger.stand(Phase.DUAL_WRITE, "connected", "disconnected");
        assertThat(call().get(root + "/flags").asString())
                .contains("{\"name\":\"DUAL_WRITE_ENABLED\",\"enabled\":true,\"source\":\"phase\"")
                .contains("{\"name\":\"FROM_ENVIRONMENT\",\"enabled\":true,\"source\":\"environment\",\"description\":null}")
                .contains("{\"name\":\"USE_DATABASE_STORAGE\",\"enabled\":false,\"source\":\"phase\"");
        answers(call().get(root + "/flags/unheard_of?user_id=7"), 200,
                "{\"name\":\"UNHEARD_OF\",\"enabled\":false,\"source\":\"default\",\"description\":null}");
    }

    @Test
    void setting_a_flag_needs_the_operator_and_postgresql() {
        problem(call().body("{\"enabled\":true}").put(root + "/flags/x"), 401, "unauthenticated");
        problem(call().header("Authorization", "Bearer " + VIEWER).body("{\"enabled\":true}").put(root + "/flags/x"), 403, "forbidden");
        Response storage = call().header("Authorization", "Bearer " + OPERATOR).body("{\"enabled\":true}").put(root + "/flags/use_database_storage");
        problem(storage, 409, "conflict");
        assertThat(storage.jsonPath().getString("detail")).contains("/api/v1/migration/runs");
        problem(call().header("Authorization", "Bearer " + OPERATOR).body("{\"enabled\":true}").put(root + "/flags/x"), 503, "not-written");
        invalid(call().header("Authorization", "Bearer " + OPERATOR).body("{\"enabled\":1}").put(root + "/flags/x"), "body/enabled", "bool_type");
        invalid(call().get(root + "/flags/a-b"), "path/name", "value_error");
    }

    @Test
    void configuration_is_shown_in_development_without_secrets() {
        Response shown = given().get("/api/v1/config/show");
        assertThat(shown.statusCode()).isEqualTo(200);
        assertThat(shown.jsonPath().getString("operator_token")).isEqualTo("***");
        assertThat(shown.asString()).doesNotContain(OPERATOR).doesNotContain(VIEWER);
    }

    @Test
    void every_answer_carries_the_security_headers_and_other_origins_are_welcome_in_dev() {
        Response response = given().header("Origin", "http://elsewhere.test").get(root);
        assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(response.header("X-Frame-Options")).isEqualTo("DENY");
        assertThat(response.header("Access-Control-Allow-Origin")).isIn("*", "http://elsewhere.test");
    }

    @Test
    void api_docs_and_metrics_are_served() {
        create();
        assertThat(given().get("/q/openapi?format=json").jsonPath().getMap("paths")).containsKeys(root, root + "/{id}", root + "/audit");
        assertThat(given().get("/q/metrics").asString()).contains("http_server_requests_seconds_bucket");
        assertThat(given().get("/q/swagger-ui/").statusCode()).isEqualTo(200);
    }
}
