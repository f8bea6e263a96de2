package io.homebudget.ledger.storage.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is different outside development: limits, origins, and what is not shown. Every test calls from an address of its own. */
public abstract class StagingContract implements ApiCalls {
    private static final int CALLS = 5;
    private static final String OURS = "https://budget.test";

    private final Kind kind;

    protected StagingContract(Kind kind) {
        this.kind = kind;
    }

    /** The settings under which this holds; a period of an hour, so that no call comes back while a test runs. */
    public static Map<String, String> settings() {
        return Map.of(
                "ENV", "staging",
                "CORS_ORIGINS", OURS,
                "RATE_LIMIT_PER_SECOND", String.valueOf(CALLS),
                "ledger.api.rate-limit.period", "1h",
                "TRUST_PROXY", "true");
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
    void an_address_that_calls_too_often_is_told_when_to_come_back_and_others_are_not_hurt() {
        for (int i = 0; i < CALLS; i++) {
            assertThat(from("192.0.2.1").get(root()).statusCode()).isEqualTo(200);
        }

        Response refused = from("192.0.2.1").get(root());

        problem(refused, 429, "too-many-requests");
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 3600);
        assertThat(from("192.0.2.2").get(root()).statusCode()).isEqualTo(200);
        assertThat(from("192.0.2.1").get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void only_the_listed_origin_may_call_from_a_browser() {
        Response ours = from("192.0.2.3").header("Origin", OURS).get(root());
        assertThat(ours.header("Access-Control-Allow-Origin")).isEqualTo(OURS);
        assertThat(ours.header("Access-Control-Expose-Headers"))
                .contains("ETag")
                .contains("Retry-After");

        Response others =
                from("192.0.2.3").header("Origin", "https://elsewhere.test").get(root());
        assertThat(others.header("Access-Control-Allow-Origin")).isNull();
        Response asked = from("192.0.2.3")
                .header("Origin", OURS)
                .header("Access-Control-Request-Method", "PATCH")
                .header("Access-Control-Request-Headers", "content-type")
                .options(root() + "/1");
        assertThat(asked.statusCode()).isEqualTo(200);
        assertThat(asked.header("Access-Control-Allow-Methods")).contains("PATCH");
    }

    @Test
    void the_configuration_is_not_shown() {
        Response refused = from("192.0.2.4").get("/api/v1/config/show");
        problem(refused, 403, "forbidden");
        assertThat(refused.asString()).doesNotContain(OPERATOR, VIEWER, SERVICE, OURS);
    }

    private static RequestSpecification from(String address) {
        return given().header("X-Forwarded-For", address);
    }
}
