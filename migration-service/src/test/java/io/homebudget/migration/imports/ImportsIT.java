package io.homebudget.migration.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = World.class, restrictToAnnotatedClass = true)
class ImportsIT implements World.Aware {
    private static final String ROOT = Api.ROOT + "/imports";
    private World world;

    @Inject
    Imports imports;

    @Override
    public void enter(World entered) {
        world = entered;
    }

    @BeforeEach
    void ready() {
        Api.awaitReady();
    }

    @AfterEach
    void present() {
        world.expense.away(false);
    }

    private static RequestSpecification sending(String type) {
        return io.restassured.RestAssured.given()
                .header("Authorization", "Bearer " + World.OPERATOR)
                .config(io.restassured.RestAssured.config()
                        .encoderConfig(io.restassured.config.EncoderConfig.encoderConfig()
                                .appendDefaultContentCharsetToContentTypeIfUndefined(false)
                                .encodeContentTypeAs("application/x-ndjson", io.restassured.http.ContentType.TEXT)))
                .contentType(type);
    }

    private static String accepted(String type, String body) {
        Response answer = sending(type).body(body).post(ROOT + "?kind=expense");
        answer.then().statusCode(202).header("Location", containsString(answer.path("id")));
        return answer.path("id");
    }

    private static JsonPath read(String id) {
        return Api.operator()
                .get(ROOT + "/" + id)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    private static JsonPath ended(String id) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !read(id).getString("state").matches("queued|running"));
        return read(id);
    }

    private static String lines(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(i -> "{\"date\":\"2026-01-01\",\"category\":\"c\",\"account\":\"a\",\"amount\":" + i + ".10}")
                .collect(Collectors.joining("\n", "", "\n"));
    }

    @Test
    void goodRecordsAreTakenInAndTheOthersComeBackWithLineFieldAndReasonAndCanBeMended() {
        world.expense.ledger.write(5_001, "taken");
        String id = accepted(
                "application/json",
                "[\n{\"category\":\"x\",\"amount\":1.55,\"id\":5000},\n{\"category\":\"y\"},\n"
                        + "{\"category\":\"z\",\"amount\":2.25,\"id\":5001}\n]");

        JsonPath end = ended(id);

        assertThat(end.getString("error")).isNull();
        assertThat(end.getString("state")).isEqualTo("succeeded");
        assertThat(end.getInt("percent")).isEqualTo(100);
        assertThat(List.of(end.getInt("accepted"), end.getInt("rejected"), end.getInt("renumbered")))
                .containsExactly(2, 1, 1);
        assertThat(world.expense.ledger.amount(5_000)).isEqualTo("1.55");
        Api.operator()
                .get(ROOT + "/" + id + "/renumbered")
                .then()
                .body(containsString("\"line\":4,\"wanted\":5001,\"id\":5002"));
        String rejects = Api.operator().get(ROOT + "/" + id + "/rejects").asString();
        assertThat(rejects)
                .isEqualTo(
                        "{\"line\":3,\"field\":\"amount\",\"reason\":\"must be there\",\"record\":{\"category\":\"y\"}}\n");

        String mended = rejects.replace("{\"category\":\"y\"}", "{\"category\":\"y\",\"amount\":3}");
        JsonPath again = ended(accepted("application/x-ndjson", mended));

        assertThat(again.getInt("accepted")).isEqualTo(1);
        assertThat(again.getInt("rejected")).isZero();
    }

    @Test
    void aNewIdTakesNoneAwayFromALaterRecordOfTheSameBody() {
        world.expense.ledger.write(4_001, "taken");
        String body = IntStream.rangeClosed(4_001, 4_040)
                .mapToObj(id -> "{\"category\":\"c\",\"amount\":1,\"id\":" + id + "}")
                .collect(Collectors.joining("\n"));

        String id = accepted("application/x-ndjson", body);

        assertThat(ended(id).getInt("renumbered")).isEqualTo(1);
        Api.operator().get(ROOT + "/" + id + "/renumbered").then().body(containsString("\"line\":1,\"wanted\":4001"));
        assertThat(world.expense.ledger.amount(4_040)).isEqualTo("1");
    }

    @Test
    void rejectsOfATableComeAsATableThatCanBeMended() {
        String id = accepted(
                "text/csv", "date,category,amount,account,mood\n2026-01-01,a,1.5,b,good\n2026-01-02,a,,b,bad\n");
        JsonPath end = ended(id);
        assertThat(end.getInt("accepted")).isEqualTo(1);
        assertThat(end.getList("ignored_columns", String.class)).containsExactly("mood");

        String rejects =
                Api.operator().get(ROOT + "/" + id + "/rejects?format=csv").asString();

        assertThat(rejects)
                .isEqualTo("date,category,amount,account,mood,reject_line,reject_field,reject_reason\r\n"
                        + "2026-01-02,a,,b,bad,3,amount,must be there\r\n");
        JsonPath again = ended(accepted("text/csv", rejects.replace("a,,b", "a,2.5,b")));
        assertThat(again.getInt("accepted")).isEqualTo(1);
        assertThat(again.getList("ignored_columns", String.class))
                .containsExactly("mood", "reject_line", "reject_field", "reject_reason");
    }

    @Test
    void aBodyThatBreaksOffTakesNothingIn() {
        int before = world.expense.ledger.importedBatches();

        JsonPath end = ended(accepted("application/json", "[" + lines(1, 30).replace("\n", ",\n")));

        assertThat(end.getString("state")).isEqualTo("failed");
        assertThat(end.getString("error")).contains("line ").contains("Nothing of it was taken in");
        assertThat(world.expense.ledger.importedBatches()).isEqualTo(before);
    }

    @Test
    void aKilledServiceGoesOnFromItsCheckpointAndWritesNothingTwiceA30() {
        int before = world.expense.ledger.liveIds(StoreName.JSON).size();
        imports.halt();
        String id = accepted("application/x-ndjson", lines(1, 95));
        world.expense.away(true);
        imports.begin();
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> "95".equals(read(id).getString("total")));
        world.expense.loseAnswerOfImport();
        world.expense.away(false);
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> read(id).getInt("done") >= 10);

        imports.halt();
        imports.begin();

        JsonPath end = ended(id);
        assertThat(end.getString("error")).isNull();
        assertThat(end.getInt("accepted")).isEqualTo(95);
        assertThat(world.expense.ledger.liveIds(StoreName.JSON)).hasSize(before + 95);
        assertThat(world.expense.ledger.repeatedBatches()).isPositive();
    }

    @Test
    void anOrderThatIsRepeatedWithItsKeyFindsTheFirstOne() {
        String first = sending("application/x-ndjson")
                .header("Idempotency-Key", "one")
                .body(lines(1, 3))
                .post(ROOT + "?kind=expense")
                .path("id");
        String second = sending("application/x-ndjson")
                .header("Idempotency-Key", "one")
                .body(lines(1, 3))
                .post(ROOT + "?kind=expense")
                .path("id");

        assertThat(second).isEqualTo(first);
        assertThat(ended(first).getInt("accepted")).isEqualTo(3);
    }

    @Test
    void aCancelledImportKeepsWhatItTookInAndSaysSo() {
        world.expense.away(true);
        String id = accepted("application/x-ndjson", lines(1, 50));
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> "50".equals(read(id).getString("total")));

        Api.operator().post(ROOT + "/" + id + "/cancel").then().statusCode(202);
        world.expense.away(false);

        JsonPath end = ended(id);
        assertThat(end.getString("state")).isEqualTo("cancelled");
        assertThat(end.getInt("accepted")).isLessThan(50);
        Api.operator().post(ROOT + "/" + id + "/cancel").then().statusCode(409);
    }

    @Test
    void anImportThatGetsNoAnswerIsCancelledAllTheSameAndSaysWhatIsNotKnown() {
        world.expense.away(true);
        String id = accepted("application/x-ndjson", lines(1, 50));
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> read(id).getString("waiting_for") != null);

        Api.operator().post(ROOT + "/" + id + "/cancel").then().statusCode(202);

        JsonPath end = ended(id);
        assertThat(end.getString("state")).isEqualTo("cancelled");
        assertThat(end.getString("error")).contains("0 records were decided").contains("not known");
    }

    /** What the killed owner had offered may be in the ledger: with its key the first batch is settled before the import ends. */
    @Test
    void aCancelledImportThatIsTakenOverTellsWhatTheLastOwnerHadOffered() {
        world.expense.away(true);
        String id = accepted("application/x-ndjson", lines(1, 50));
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> "50".equals(read(id).getString("total")));
        imports.halt();
        Api.operator().post(ROOT + "/" + id + "/cancel").then().statusCode(202);
        world.expense.away(false);

        imports.begin();

        JsonPath end = ended(id);
        assertThat(end.getString("state")).isEqualTo("cancelled");
        assertThat(end.getString("error")).isNull();
        assertThat(end.getInt("accepted")).isEqualTo(10);
    }

    /** Its body may be on a machine that is gone: nobody would ever come to end it. */
    @Test
    void anImportThatNobodyWorksAtIsCancelledAtOnce() {
        imports.halt();
        String id = accepted("application/x-ndjson", lines(1, 50));

        Api.operator().post(ROOT + "/" + id + "/cancel").then().statusCode(202);

        assertThat(read(id).getString("state")).isEqualTo("cancelled");
        imports.begin();
    }

    @Test
    void whatIsAskedWronglyIsRefused() {
        sending("application/json").body("[]").post(ROOT + "?kind=cake").then().statusCode(422);
        Api.operator()
                .get(ROOT + "/00000000-0000-0000-0000-000000000000")
                .then()
                .statusCode(404);
        String id = accepted("application/json", "[]");
        assertThat(ended(id).getString("state")).isEqualTo("succeeded");
        Api.operator().get(ROOT + "/" + id + "/rejects?format=csv").then().statusCode(400);
        Api.operator().get(ROOT).then().body("items.id", hasItems(id));
        Api.operator()
                .body("x".repeat(1_000_001))
                .post(Api.ROOT + "/runs")
                .then()
                .statusCode(413)
                .body("status", equalTo(413));
    }
}
