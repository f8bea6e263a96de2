package io.homebudget.backup.snapshots;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class SnapshotsResourceTest {

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/backups", "/api/v1/backups/", "/api/v1/backups/7/verify", "/api/v1/backup-jobs/7"})
    void everyCallOfTheBackupApiSaysThatItIsNotOfferedYet(String path) {
        given().when()
                .post(path)
                .then()
                .statusCode(501)
                .contentType("application/problem+json")
                .body("detail", containsString("not offered yet"));
        given().when().get(path).then().statusCode(501);
    }

    @Test
    void aProcessThatServesIsReady() {
        given().when().get("/ready").then().statusCode(200).body("status", equalTo("healthy"));
        given().when().get("/health").then().statusCode(200).body("status", equalTo("healthy"));
    }
}
