package io.homebudget.migration.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** What is different outside development, and what browsers are told. */
@QuarkusTest
@TestProfile(StagingIT.Origins.class)
@QuarkusTestResource(
        value = World.class,
        restrictToAnnotatedClass = true,
        initArgs = {@ResourceArg(name = "absent", value = "true"), @ResourceArg(name = "env", value = "staging")})
class StagingIT {
    private static final String OURS = "https://budget.test";

    /** As an operator sets them. */
    public static class Origins implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("CORS_ORIGINS", OURS, "TRUST_PROXY", "true");
        }
    }

    @ConfigProperty(name = "quarkus.datasource.reactive.max-size")
    int pool;

    @Test
    void onlyTheListedOriginMayCallFromABrowserAndThePageBehindTheFrontDoor() {
        Api.operator()
                .header("Origin", OURS)
                .get(Api.ROOT + "/status")
                .then()
                .statusCode(200)
                .header("Access-Control-Allow-Origin", equalTo(OURS))
                .header("Access-Control-Expose-Headers", containsString("Location"));
        Api.operator()
                .header("Origin", "https://elsewhere.test")
                .get(Api.ROOT + "/status")
                .then()
                .header("Access-Control-Allow-Origin", nullValue());
        RestAssured.given()
                .header("Origin", OURS)
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization,content-type")
                .options(Api.ROOT + "/runs")
                .then()
                .statusCode(200)
                .header("Access-Control-Allow-Methods", containsString("POST"));
        Api.operator()
                .header("Origin", "https://front.test")
                .header("X-Forwarded-Proto", "https")
                .header("X-Forwarded-Host", "front.test")
                .get(Api.ROOT + "/status")
                .then()
                .statusCode(200);
    }

    @Test
    void everyAnswerTellsBrowsersToBeCarefulAndThePageMayUseWhatIsItsOwn() {
        for (String path : new String[] {Api.ROOT + "/status", "/console/index.html"}) {
            Api.operator()
                    .get(path)
                    .then()
                    .statusCode(200)
                    .header("X-Content-Type-Options", equalTo("nosniff"))
                    .header("X-Frame-Options", equalTo("DENY"))
                    .header("Referrer-Policy", equalTo("no-referrer"));
        }
        Api.operator()
                .get(Api.ROOT + "/status")
                .then()
                .header("Content-Security-Policy", equalTo("default-src 'none'; frame-ancestors 'none'"));
        RestAssured.get("/console/index.html")
                .then()
                .header("Content-Security-Policy", containsString("script-src 'self'"))
                .header("Content-Security-Policy", containsString("connect-src 'self'"));
    }

    @Test
    void stepsForwardsNeedConsentTooAndThatIsToldBeforeTheGates() {
        Api.order("expense", "DATABASE_READS", false, false).then().statusCode(409);
        Api.order("expense", "DUAL_WRITE", false, false).then().statusCode(403);
        Api.order("expense", "DUAL_WRITE", true, false).then().statusCode(412);
    }

    @Test
    void thePoolIsAsLargeAsTheEnvironmentSays() {
        assertThat(pool).isEqualTo(10);
    }

    @Test
    void theDocumentationOfTheCallsIsServed() {
        RestAssured.get("/q/swagger-ui/").then().statusCode(200).contentType(containsString("html"));
        RestAssured.get("/q/openapi").then().statusCode(200).body(containsString(Api.ROOT + "/runs"));
    }
}
