package io.homebudget.ledger.storage.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import org.junit.jupiter.api.Test;

/** What stands around the ledger: configuration, headers, docs, metrics. */
public interface Surroundings extends ApiCalls {

    @Test
    default void configuration_is_shown_in_development_without_secrets() {
        Response shown = given().get("/api/v1/config/show");
        assertThat(shown.statusCode()).isEqualTo(200);
        assertThat(shown.jsonPath().getString("operator_token")).isEqualTo("***");
        assertThat(shown.jsonPath().getString("ledger_engine_data_dir")).isNotBlank();
        assertThat(shown.asString()).doesNotContain(OPERATOR).doesNotContain(VIEWER);
    }

    @Test
    default void every_answer_carries_the_security_headers_and_other_origins_are_welcome_in_dev() {
        Response response = given().header("Origin", "http://elsewhere.test").get(root());
        assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(response.header("X-Frame-Options")).isEqualTo("DENY");
        assertThat(response.header("Access-Control-Allow-Origin")).isIn("*", "http://elsewhere.test");
    }

    @Test
    default void api_docs_and_metrics_are_served() {
        create();
        assertThat(given().get("/q/openapi?format=json").jsonPath().getMap("paths"))
                .containsKeys(root(), root() + "/{id}", root() + "/audit");
        assertThat(given().get("/q/metrics").asString()).contains("http_server_requests_seconds_bucket");
        assertThat(given().get("/q/swagger-ui/").statusCode()).isEqualTo(200);
    }
}
