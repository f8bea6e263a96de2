package io.homebudget.backup.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.homebudget.backup.standin.Postgres;
import io.homebudget.backup.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is different outside development, and with a database. */
@QuarkusTest
@QuarkusTestResource(World.class)
@QuarkusTestResource(value = Postgres.class, restrictToAnnotatedClass = true)
@TestProfile(StagingIT.Staging.class)
class StagingIT {
    private static final String OURS = "https://budget.test";
    private static final String ROOT = "/api/v1/backups";

    public static class Staging implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("ENV", "staging", "CORS_ORIGINS", OURS);
        }
    }

    @Test
    void onlyTheListedOriginMayCallFromABrowser() {
        given().header("Authorization", "Bearer " + World.VIEWER)
                .header("Origin", OURS)
                .get(ROOT)
                .then()
                .statusCode(200)
                .header("Access-Control-Allow-Origin", equalTo(OURS))
                .header("Access-Control-Expose-Headers", containsString("Location"));
        given().header("Authorization", "Bearer " + World.VIEWER)
                .header("Origin", "https://elsewhere.test")
                .get(ROOT)
                .then()
                .header("Access-Control-Allow-Origin", nullValue());
    }

    @Test
    void aPreflightNeedsNoToken() {
        given().header("Origin", OURS)
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization,content-type")
                .options(ROOT)
                .then()
                .statusCode(200)
                .header("Access-Control-Allow-Origin", equalTo(OURS))
                .header("Access-Control-Allow-Methods", containsString("POST"));
    }

    @Test
    void healthAndReadinessTellThatTheDatabaseIsThere() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            given().get("/health").then().statusCode(200).body("database", equalTo("connected"));
            given().get("/ready").then().statusCode(200).body("database", equalTo("connected"));
        });
    }
}
