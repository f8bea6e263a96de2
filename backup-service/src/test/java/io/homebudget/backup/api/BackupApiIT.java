package io.homebudget.backup.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.notNullValue;

import io.homebudget.backup.standin.LedgerServer;
import io.homebudget.backup.standin.World;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.testing.AlertRules;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(World.class)
class BackupApiIT implements World.Aware {
    private static final String ROOT = "/api/v1/backups";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private World world;

    @Override
    public void enter(World entered) {
        world = entered;
    }

    @Test
    void migrationServicesCallBeforeAStepGivesAJobThatNamesTheSnapshot() {
        // Given exactly what SnapshotStep sends
        String id = as(LedgerServer.TOKEN)
                .body(Map.of("reason", "pre_migration"))
                .when()
                .post(ROOT)
                .then()
                .statusCode(202)
                .header("Location", containsString("/api/v1/backup-jobs/"))
                .extract()
                .path("id");
        // When
        JsonPath job = finished(id);
        // Then
        assertThat(job.getString("state")).as("%s", job.getString("error")).isEqualTo("succeeded");
        assertThat(job.getInt("percent")).isEqualTo(100);
        assertThat(job.getMap("entries_by_store")).isEqualTo(Map.of("json", 1_800 + 270));
        as(World.VIEWER)
                .when()
                .get(ROOT + "/" + job.getString("backup_id"))
                .then()
                .statusCode(200)
                .body("reason", equalTo("pre_migration"))
                .body("verified_at", notNullValue())
                .body("entries", equalTo(1_800 + 270))
                .body("phase.expense", equalTo("JSON_ONLY"))
                .body("manifest.images.size()", equalTo(2));
    }

    @Test
    void theListIsWhatLiesInTheFolderNewestFirstInPages() throws IOException {
        // Given
        String first = snapshot();
        String second = snapshot();
        // Then
        List<String> listed = new ArrayList<>();
        String after = null;
        do {
            RequestSpecification request = as(World.VIEWER).queryParam("limit", 1);
            JsonPath page = (after == null ? request : request.queryParam("after", after))
                    .get(ROOT)
                    .jsonPath();
            listed.addAll(page.getList("items.id"));
            after = page.getString("next");
        } while (after != null);
        assertThat(listed).isSortedAccordingTo(Comparator.reverseOrder()).contains(first, second);
        try (var files = Files.list(world.folder())) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.startsWith(".")))
                    .containsExactlyInAnyOrderElementsOf(listed);
        }
    }

    @Test
    void verifyingADamagedSnapshotSucceedsAndSaysWhereTheDamageIs() throws IOException {
        // Given
        String id = snapshot();
        Path file = world.folder().resolve(id).resolve("json/income.entries.copy.zst");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        // When
        JsonPath job =
                finished(as(World.OPERATOR).post(ROOT + "/" + id + "/verify").path("id"));
        // Then
        assertThat(job.getString("state")).isEqualTo("succeeded");
        assertThat(job.getBoolean("ok")).isFalse();
        assertThat(job.getString("problems[0]")).startsWith("json/income.entries.copy.zst, bytes 0 to ");
        as(World.VIEWER).get(ROOT + "/" + id).then().body("ok", equalTo(false));
    }

    @Test
    void aDownloadUnpacksToTheSnapshotsFiles() throws IOException {
        // Given
        String id = snapshot();
        // When
        byte[] packed = as(World.VIEWER)
                .get(ROOT + "/" + id + "/download")
                .then()
                .statusCode(200)
                .contentType("application/gzip")
                .extract()
                .asByteArray();
        // Then
        List<String> names = new ArrayList<>();
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new GzipCompressorInputStream(new ByteArrayInputStream(packed)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add(entry.getName());
                Path file = world.folder().resolve(entry.getName());
                assertThat(tar.readAllBytes()).as(entry.getName()).isEqualTo(Files.readAllBytes(file));
            }
        }
        assertThat(names)
                .contains(id + "/manifest.json", id + "/RESTORE.md", id + "/SHA256SUMS")
                .hasSize(6);
    }

    @Test
    void retentionSaysWhatWouldGoAndTakesItOnlyWhenTold() {
        // Given three that nothing keeps but their place among the last 2, one of them pinned
        String pinned = snapshot();
        as(World.OPERATOR)
                .post(ROOT + "/" + pinned + "/pin")
                .then()
                .statusCode(200)
                .body("pinned", equalTo(true));
        String gone = snapshot();
        snapshot();
        snapshot();
        // When
        JsonPath plan = as(World.OPERATOR).post(ROOT + "/retention").jsonPath();
        // Then
        assertThat(plan.getString("items.find { it.id == '" + gone + "' }.keep"))
                .isEqualTo("false");
        as(World.VIEWER).get(ROOT + "/" + gone).then().statusCode(200);
        // When
        JsonPath job = finished(as(World.OPERATOR)
                .body(Map.of("dry_run", false))
                .post(ROOT + "/retention")
                .path("id"));
        // Then
        assertThat(job.getList("removed")).contains(gone);
        as(World.VIEWER).get(ROOT + "/" + gone).then().statusCode(404);
        as(World.VIEWER).get(ROOT + "/" + pinned).then().statusCode(200);
    }

    @Test
    void aStoreThatIsAwayFailsTheJobAndSaysWhich() {
        // Given
        world.expense().away(StoreName.JSON, true);
        try {
            // When
            JsonPath job = finished(as(World.OPERATOR).post(ROOT).path("id"));
            // Then
            assertThat(job.getString("state")).isEqualTo("failed");
            assertThat(job.getString("error")).contains("the JSON store of the expenses");
        } finally {
            world.expense().away(StoreName.JSON, false);
        }
    }

    @Test
    void schemaManagementsNameForASnapshotWorksToo() {
        String id = as(World.OPERATOR)
                .post("/api/database/backup")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        assertThat(finished(id).getString("state")).isEqualTo("succeeded");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/backups/%s/restore", "/api/database/restore/%s"})
    void aRestoreIsFoundUnderBothOfItsNames(String name) {
        // Given
        String path = String.format(name, snapshot());
        // Then
        as(World.OPERATOR)
                .body(Map.of("consent", false))
                .post(path)
                .then()
                .statusCode(403)
                .body("detail", containsString("true"));
        as(World.OPERATOR)
                .body(Map.of("consent", true, "store", "postgres"))
                .post(path)
                .then()
                .statusCode(409)
                .body("detail", containsString("the postgres store is not in use for expense in phase JSON_ONLY"));
        as(World.OPERATOR)
                .body(Map.of("consent", true))
                .post(String.format(name, "20200101T000000Z-000000"))
                .then()
                .statusCode(404)
                .body("detail", containsString("There is no snapshot 20200101T000000Z-000000"));
    }

    @Test
    void schemaManagementsRestoreTakesTheWordOfItsUpdateForConsent() {
        // Given
        String path = "/api/database/restore/" + snapshot();
        // Then without either word it says which one it wants
        as(World.OPERATOR)
                .body("{}")
                .post(path)
                .then()
                .statusCode(403)
                .body("detail", containsString("\"confirm\": true"));
        as(World.OPERATOR)
                .body(Map.of("confirm", true, "consent", false))
                .post(path)
                .then()
                .statusCode(403);
        as(World.OPERATOR)
                .body(Map.of("confirm", "yes"))
                .post(path)
                .then()
                .statusCode(422)
                .body("detail[0].loc", hasItem("confirm"));
        // and with it goes as far as the stores that are in use
        as(World.OPERATOR)
                .body(Map.of("confirm", true, "store", "postgres"))
                .post(path)
                .then()
                .statusCode(409);
        // and elsewhere the word stays that of the contract
        as(World.OPERATOR)
                .body(Map.of("confirm", true))
                .post(path.replace("/api/database/restore", ROOT) + "/restore")
                .then()
                .statusCode(403)
                .body("detail", containsString("\"consent\": true"));
    }

    @Test
    void aListIsAtMostTheLargestPageHoweverMuchIsAsked() {
        // Given
        String id = snapshot();
        // Then
        as(World.VIEWER)
                .queryParam("limit", 100_000)
                .get(ROOT)
                .then()
                .statusCode(200)
                .body("items.id", hasItem(id));
    }

    @Test
    void theDocumentationIsAPageAndADocument() {
        given().get("/q/swagger-ui/").then().statusCode(200).body(containsString("swagger-ui"));
        given().get("/q/openapi").then().statusCode(200).body(containsString("/api/v1/backups/{id}/restore"));
    }

    @Test
    void answersTellBrowsersWhatNotToDoAndInDevelopmentAnyOriginMayCall() {
        as(World.VIEWER)
                .header("Origin", "https://elsewhere.test")
                .get(ROOT)
                .then()
                .statusCode(200)
                .header("Access-Control-Allow-Origin", "https://elsewhere.test")
                .header("X-Content-Type-Options", "nosniff")
                .header("X-Frame-Options", "DENY")
                .header("Referrer-Policy", "no-referrer")
                .header("Content-Security-Policy", containsString("default-src 'none'"));
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /api/v1/backups/20200101T000000Z-000000/restore, viewer, 403",
        "POST, /api/database/restore/20200101T000000Z-000000, service, 403",
        "POST, /api/v1/backups/recover, service, 403",
        "POST, /api/v1/backups/drills, viewer, 403",
        "GET, /api/v1/backups/drills, viewer, 200",
        "POST, /api/v1/backups, viewer, 403",
        "POST, /api/v1/backups, nobody, 401",
        "GET, /api/v1/backups, nobody, 401",
        "GET, /api/v1/backups, service, 200",
        "POST, /api/v1/backups/retention, service, 403",
        "POST, /api/v1/backups/retention, viewer, 403",
        "GET, /api/v1/backup-jobs, viewer, 200",
        "GET, /api/v1/backup-jobs, nobody, 401"
    })
    void callsNeedTheirRole(String method, String path, String role, int status) {
        String token =
                switch (role) {
                    case "viewer" -> World.VIEWER;
                    case "service" -> LedgerServer.TOKEN;
                    default -> "somebody else's";
                };
        as(token).request(method, path).then().statusCode(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "..", "20260131T120000Z-0f9a3c", ".jobs", "%2e%2e%2fetc"})
    void whatIsNoSnapshotIsNotFound(String id) {
        given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer " + World.VIEWER)
                .get(ROOT + "/" + id + "/download")
                .then()
                .statusCode(404)
                .contentType("application/problem+json");
    }

    @Test
    void badOrdersAreRefusedNamingTheField() {
        as(World.OPERATOR)
                .body(Map.of("reason", "whim"))
                .post(ROOT)
                .then()
                .statusCode(422)
                .body("detail[0].loc", hasItem("reason"));
        as(World.OPERATOR).body("[]").post(ROOT).then().statusCode(422);
        as(World.VIEWER).queryParam("limit", 0).get(ROOT).then().statusCode(400);
        as(World.OPERATOR)
                .body(Map.of("to", "2999-01-01T00:00:00Z", "consent", true))
                .post(ROOT + "/recover")
                .then()
                .statusCode(422)
                .body("detail[0].msg", containsString("must not lie in the future"));
    }

    @Test
    void healthAndMetricsTellOfTheNewestSnapshot() {
        // Given
        snapshot();
        // Then
        given().get("/ready")
                .then()
                .statusCode(200)
                .body("status", equalTo("healthy"))
                .body("database", equalTo("disconnected"));
        given().get("/health")
                .then()
                .statusCode(200)
                .body("database", equalTo("disconnected"))
                .body("snapshots", equalTo("current"));
        await().atMost(LIMIT).untilAsserted(() -> given().get("/q/metrics")
                .then()
                .body(containsString("backup_last_success_timestamp_seconds{kind=\"expense\"} 1."))
                .body(containsString("backup_size_bytes{kind=\"income\"} "))
                .body(containsString("backup_rpo_seconds{kind=\"income\"} ")));
    }

    @Test
    void everyMetricOfThisServiceThatTheAlertRulesReadIsServed() throws IOException {
        assertThat(AlertRules.metrics("backup_"))
                .isNotEmpty()
                .isSubsetOf(AlertRules.served(given().get("/q/metrics").asString()));
    }

    private static String snapshot() {
        JsonPath job = finished(as(World.OPERATOR).post(ROOT).path("id"));
        assertThat(job.getString("state")).as("%s", job.getString("error")).isEqualTo("succeeded");
        return job.getString("backup_id");
    }

    private static JsonPath finished(String id) {
        return await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> as(World.VIEWER).get("/api/v1/backup-jobs/" + id).jsonPath(),
                        job -> job.getString("finished_at") != null);
    }

    private static RequestSpecification as(String token) {
        return given().header("Authorization", "Bearer " + token).contentType("application/json");
    }
}
