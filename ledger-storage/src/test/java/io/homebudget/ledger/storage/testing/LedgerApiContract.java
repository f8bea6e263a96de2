package io.homebudget.ledger.storage.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.routing.Ledger;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.restassured.response.Response;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The ledger API of a kind, byte for byte, on the reference ledger; with it what only a ledger that does as the test says can show:
 * stores that fail. A service's test extends this, so that no kind gets an answer of its own.
 */
public abstract class LedgerApiContract implements OldCalls, Refusals, NewCalls, Surroundings {
    private final ReferenceLedger ledger;
    private final Kind kind;

    protected LedgerApiContract(ReferenceLedger ledger, Kind kind) {
        this.ledger = ledger;
        this.kind = kind;
    }

    @BeforeEach
    void startEmpty() {
        ledger.reset();
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public long id(int nth) {
        return nth;
    }

    @Test
    void a_list_of_thousands_is_one_array_with_the_right_separators() {
        for (int i = 0; i < 2_500; i++) {
            ledger.write(new WriteRequest(
                            new Intent.Create(
                                    new Entry(0, LocalDate.of(2026, 1, 1), null, "c", i, "a", "\u20aa", null)),
                            "user",
                            null))
                    .await()
                    .indefinitely();
        }

        Response list = call().get(root());

        assertThat(list.jsonPath().getList("id")).hasSize(2_500);
        assertThat(list.asString()).startsWith("[{\"date\":\"2026-01-01\",").endsWith(",\"notes\":null,\"id\":1}]");
        assertThat(list.asString()).doesNotContain("}{").doesNotContain(",,").doesNotContain("\n");
    }

    @Test
    void a_write_that_certainly_did_not_happen_says_when_to_repeat() {
        ledger.force(new WriteOutcome.NotWritten("a test said so"));
        Response response = call().body(ENTRY).post(root());
        problem(response, 503, "not-written");
        assertThat(response.header("Retry-After")).isEqualTo("1");
    }

    @Test
    void a_write_whose_outcome_is_unknown_says_how_to_repeat_safely() {
        ledger.force(new WriteOutcome.Unknown("a test said so"));
        Response response = call().body(ENTRY).post(root());
        problem(response, 503, "outcome-unknown");
        assertThat(response.header("Retry-After")).isNull();
        assertThat(response.jsonPath().getString("detail")).contains("Idempotency-Key");
    }

    @Test
    void a_failure_that_nobody_expected_shows_nothing_of_the_inside() {
        ledger.failWith(new IllegalStateException("password=hunter2 at io.homebudget.Secret"));
        for (Response response :
                List.of(call().body(ENTRY).post(root()), call().get(root()), call().get(root() + "/1"))) {
            problem(response, 500, "internal-error");
            assertThat(response.asString())
                    .contains("error id")
                    .doesNotContain("hunter2", "io.homebudget", "IllegalState", "\tat");
        }
    }

    @Test
    void reads_without_any_store_are_503_and_reads_from_the_follower_say_so() {
        create();
        ledger.readsAway(true);
        for (String path : new String[] {"", "/" + id(1), "/summary?by=month", "/export.csv", "?limit=3"}) {
            Response response = call().get(root() + path);
            problem(response, 503, "not-written");
            assertThat(response.header("Retry-After")).isEqualTo("1");
        }
        ledger.readsAway(false);
        ledger.byFollower(true);
        for (String path : new String[] {"", "/" + id(1), "/summary?by=month", "/export.csv", "?limit=3", "/9"}) {
            assertThat(call().get(root() + path).header("X-Ledger-Served-By")).isEqualTo("json-follower");
        }
    }

    @Test
    void health_follows_the_store_that_rules() {
        assertThat(given().get("/health").asString())
                .startsWith("{\"status\":\"healthy\",\"database\":\"disconnected\"");
        ledger.stand(Phase.DATABASE_READS, "connected", "disconnected");
        assertThat(given().get("/health").statusCode()).isEqualTo(503);
        assertThat(given().get("/health").jsonPath().getString("status")).isEqualTo("unhealthy");
        assertThat(given().get("/ready").statusCode()).isEqualTo(200);
        assertThat(given().get("/ready").jsonPath().getString("status")).isEqualTo("healthy");
        ledger.stand(Phase.DATABASE_ONLY, "unused", "disconnected");
        assertThat(given().get("/ready").statusCode()).isEqualTo(503);
        assertThat(given().get("/ready").jsonPath().getString("status")).isEqualTo("unhealthy");
        assertThat(given().get("/ready").jsonPath().getString("database")).isEqualTo("disconnected");
        ledger.stand(Phase.DATABASE_ONLY, "unused", "connected");
        assertThat(given().get("/health").jsonPath().getString("database")).isEqualTo("connected");
        ledger.stand(Phase.JSON_ONLY, "recovery", "disconnected", "the journal is damaged, restore a snapshot");
        assertThat(given().get("/ready").statusCode()).isEqualTo(503);
        assertThat(given().get("/ready").jsonPath().getList("notices")).hasSize(1);
        assertThat(given().get("/health").jsonPath().getString("database")).isEqualTo("error");
        ledger.stand(null, "connected", "disconnected");
        assertThat(given().get("/health").statusCode()).isEqualTo(503);
    }

    @Test
    void a_damaged_store_is_said_with_its_file_the_place_and_the_advice() {
        ledger.recover(new Ledger.Recovery("/data/journal-1", "byte 7", "Restore a snapshot."));

        Response ready = given().get("/ready");

        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.asString())
                .isEqualTo("{\"status\":\"recovery\",\"database\":\"error\",\"file\":\"/data/journal-1\","
                        + "\"place\":\"byte 7\",\"advice\":\"Restore a snapshot.\"}");
    }

    @Test
    void flags_work_without_postgresql() {
        ledger.stand(Phase.DUAL_WRITE, "connected", "disconnected");
        assertThat(call().get(root() + "/flags").asString())
                .contains("{\"name\":\"DUAL_WRITE_ENABLED\",\"enabled\":true,\"source\":\"phase\"")
                .contains(
                        "{\"name\":\"FROM_ENVIRONMENT\",\"enabled\":true,\"source\":\"environment\",\"description\":null}")
                .contains("{\"name\":\"USE_DATABASE_STORAGE\",\"enabled\":false,\"source\":\"phase\"");
        answers(
                call().get(root() + "/flags/unheard_of?user_id=7"),
                200,
                "{\"name\":\"UNHEARD_OF\",\"enabled\":false,\"source\":\"default\",\"description\":null}");
    }

    @Test
    void setting_a_flag_needs_the_operator_and_postgresql() {
        problem(call().body("{\"enabled\":true}").put(root() + "/flags/x"), 401, "unauthenticated");
        problem(
                call().header("Authorization", "Bearer " + VIEWER)
                        .body("{\"enabled\":true}")
                        .put(root() + "/flags/x"),
                403,
                "forbidden");
        Response storage = call().header("Authorization", "Bearer " + OPERATOR)
                .body("{\"enabled\":true}")
                .put(root() + "/flags/use_database_storage");
        problem(storage, 409, "conflict");
        assertThat(storage.jsonPath().getString("detail")).contains("/api/v1/migration/runs");
        problem(
                call().header("Authorization", "Bearer " + OPERATOR)
                        .body("{\"enabled\":true}")
                        .put(root() + "/flags/x"),
                503,
                "not-written");
        invalid(
                call().header("Authorization", "Bearer " + OPERATOR)
                        .body("{\"enabled\":1}")
                        .put(root() + "/flags/x"),
                "body/enabled",
                "bool_type");
        invalid(call().get(root() + "/flags/a-b"), "path/name", "value_error");
    }
}
