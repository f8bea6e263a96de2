package io.homebudget.migration.standin;

import static io.restassured.RestAssured.given;

import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Duration;
import org.awaitility.Awaitility;

/** The migration API as an operator uses it. */
public final class Api {
    public static final String ROOT = "/api/v1/migration";
    /** Many times what a run takes on a quiet machine: whoever waits so long waits for something that does not come. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    static {
        Awaitility.setDefaultTimeout(PATIENCE);
    }

    private Api() {}

    public static RequestSpecification operator() {
        return given().header("Authorization", "Bearer " + World.OPERATOR).contentType(ContentType.JSON);
    }

    public static Response order(String kind, String target, boolean consent, boolean dryRun) {
        return operator()
                .body("{\"kind\":\"" + kind + "\",\"target\":\"" + target + "\",\"consent\":" + consent
                        + ",\"dry_run\":" + dryRun + ",\"reason\":\"test\"}")
                .post(ROOT + "/runs");
    }

    public static String accepted(String kind, String target) {
        return order(kind, target, true, false).then().statusCode(202).extract().path("id");
    }

    public static JsonPath run(String id) {
        return operator()
                .get(ROOT + "/runs/" + id)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    public static JsonPath ended(String id) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> !run(id).getString("state")
                .matches("queued|running"));
        return run(id);
    }

    /** Has a kind verified, and waits for the end. */
    public static void verified(String kind) {
        String id = operator()
                .body("{\"kind\":\"" + kind + "\"}")
                .post(ROOT + "/verifications")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        Awaitility.await().atMost(PATIENCE).until(() -> "succeeded"
                .equals(operator().get(ROOT + "/verifications/" + id).jsonPath().getString("state")));
    }

    public static JsonPath status(String kind) {
        return operator()
                .get(ROOT + "/status")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath()
                .setRootPath(kind);
    }

    public static void awaitReady() {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> operator().get(ROOT + "/runs").statusCode() == 200);
    }
}
