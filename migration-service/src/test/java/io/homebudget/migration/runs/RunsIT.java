package io.homebudget.migration.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.notNullValue;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.snapshots.Backups;
import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.SimLedger;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.data.Offset;
import org.awaitility.Awaitility;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@QuarkusTest
@QuarkusTestResource(value = World.class, restrictToAnnotatedClass = true)
class RunsIT implements World.Aware {
    @Inject
    Backups backups;

    private World world;

    @TestHTTPResource("/api/v1/migration/runs")
    URI runs;

    @Inject
    RunDriver driver;

    @Override
    public void enter(World entered) {
        world = entered;
    }

    @BeforeEach
    void bothKindsInJson() {
        Api.awaitReady();
        for (SimLedger ledger : List.of(world.expense.ledger, world.income.ledger)) {
            for (long id = 1; id <= 50 && ledger.head() < 50; id++) {
                ledger.write(id, "value " + id);
            }
        }
    }

    @AfterEach
    void backToJson() {
        // a way back that was closed opens where the ledger is taken back past this service
        if (world.income.ledger.phase() == Phase.DATABASE_ONLY) {
            world.income.ledger.dual(Phase.DATABASE_READS);
            Awaitility.await().until(() -> Api.status("income").getBoolean("rollback_ready.ready"));
        }
        world.expense.away(false);
        world.backup.offer(false);
        world.backup.damage(false);
        world.backup.away(false);
        for (String kind : List.of("expense", "income")) {
            SimLedger ledger = kind.equals("expense") ? world.expense.ledger : world.income.ledger;
            ledger.holdBackfill(false);
            ledger.follow(true);
            ledger.pin(null);
            ledger.postgres("connected");
            ledger.rollbackReady(true);
            Api.operator()
                    .get(Api.ROOT + "/runs?kind=" + kind)
                    .jsonPath()
                    .getList("items.id", String.class)
                    .forEach(Api::ended);
            while (ledger.phase() != Phase.JSON_ONLY) {
                String back = ledger.phase().previous().orElseThrow().name();
                assertThat(Api.ended(Api.accepted(kind, back)).getString("error"))
                        .isNull();
            }
        }
    }

    /** Else each restart began the soak time anew, and ended what comparing changes proves. */
    @Test
    void sinceWhenAPhaseRulesOutlivesARestartOfTheLedgerService() {
        assertThat(Api.ended(Api.accepted("expense", "DUAL_WRITE")).getString("error"))
                .isNull();
        String since = Api.status("expense").getString("phase_since");

        world.expense.ledger.startedAgain();

        assertThat(Api.status("expense").getString("phase_since")).isEqualTo(since);
    }

    @Test
    void aKindGoesAllTheWayForwardAndBackVerifiedAtEachStep() {
        for (String target :
                List.of("DUAL_WRITE", "DATABASE_READS", "DATABASE_ONLY", "DATABASE_READS", "DUAL_WRITE", "JSON_ONLY")) {
            JsonPath run = Api.ended(Api.accepted("expense", target));
            assertThat(run.getString("error")).isNull();
            assertThat(run.getString("state")).isEqualTo("succeeded");
            assertThat(run.getInt("percent")).isEqualTo(100);
            assertThat(Api.status("expense").getString("phase")).isEqualTo(target);
            if (target.equals("DATABASE_ONLY")) {
                assertThat(run.getString("archive")).endsWith(".tar.gz");
            }
        }
    }

    @Test
    void bothKindsMoveByOneOrderThatIsFoundUnderOneId() {
        String id = Api.accepted("all", "DUAL_WRITE");

        JsonPath run = Api.ended(id);

        assertThat(run.getString("state")).isEqualTo("succeeded");
        assertThat(run.getString("kind")).isEqualTo("all");
        assertThat(run.getList("runs")).hasSize(2);
        assertThat(world.expense.ledger.phase()).isEqualTo(Phase.DUAL_WRITE);
        assertThat(world.income.ledger.phase()).isEqualTo(Phase.DUAL_WRITE);
    }

    @Test
    void bothKindsOrNoneWhereOneOfThemMayNot() {
        world.income.ledger.pin(Phase.JSON_ONLY);

        Api.order("all", "DUAL_WRITE", true, false)
                .then()
                .statusCode(412)
                .body("checks.find { !it.ok }.name", equalTo("phase_not_pinned"));

        assertThat(world.expense.ledger.phase()).isEqualTo(Phase.JSON_ONLY);
    }

    @Test
    void aJumpIsRefusedBeforeMissingConsentAndBeforeAClosedGate() {
        world.expense.ledger.pin(Phase.JSON_ONLY);

        Api.order("expense", "DATABASE_ONLY", false, false).then().statusCode(409);
        Api.order("expense", "DUAL_WRITE", true, false).then().statusCode(412);
    }

    @Test
    void goingBackIsRefusedWithoutConsent() {
        Api.ended(Api.accepted("expense", "DUAL_WRITE"));

        Api.order("expense", "JSON_ONLY", false, false).then().statusCode(403);
    }

    @Test
    void aSecondRunOfTheKindIsRefusedWhileOneIsActiveAndTheOtherKindIsNot() {
        world.expense.ledger.holdBackfill(true);
        String first = Api.accepted("expense", "DUAL_WRITE");
        Awaitility.await().until(() -> world.expense.ledger.phase() == Phase.DUAL_WRITE);

        Api.order("expense", "DATABASE_READS", true, false).then().statusCode(409);
        Api.order("all", "DUAL_WRITE", true, false).then().statusCode(409);
        String other = Api.accepted("income", "DUAL_WRITE");

        world.expense.ledger.holdBackfill(false);
        assertThat(Api.ended(first).getString("state")).isEqualTo("succeeded");
        assertThat(Api.ended(other).getString("state")).isEqualTo("succeeded");
    }

    @Test
    void aDryRunForecastsAndChangesNothing() {
        String id = Api.order("expense", "DUAL_WRITE", false, true)
                .then()
                .statusCode(202)
                .extract()
                .path("id");

        JsonPath run = Api.run(id);

        assertThat(run.getString("state")).isEqualTo("succeeded");
        assertThat(run.getInt("forecast.entries")).isEqualTo(50);
        assertThat(run.getInt("forecast.rows_to_copy")).isEqualTo(50);
        assertThat(world.expense.ledger.phase()).isEqualTo(Phase.JSON_ONLY);
        assertThat(run.getString("forecast.based_on")).isNotBlank();
    }

    @Test
    void theRealRunTakesWhatTheDryRunForecastWithinThirtyPercentOrThreeSeconds() {
        // the last run of the kind to this phase is what the forecast goes by: one that no other test has held up
        Api.ended(Api.accepted("expense", "DUAL_WRITE"));
        Api.ended(Api.accepted("expense", "JSON_ONLY"));
        double forecast = Api.run(
                        Api.order("expense", "DUAL_WRITE", false, true).path("id"))
                .getDouble("forecast.seconds");

        JsonPath run = Api.ended(Api.accepted("expense", "DUAL_WRITE"));

        double real = Duration.between(
                                Instant.parse(run.getString("started_at")), Instant.parse(run.getString("finished_at")))
                        .toMillis()
                / 1e3;
        assertThat(real).isCloseTo(forecast, Offset.offset(Math.max(3, 0.3 * forecast)));
    }

    @Test
    void aCancelledRunGoesBackToWhereItStood() {
        world.expense.ledger.holdBackfill(true);
        String id = Api.accepted("expense", "DUAL_WRITE");
        Awaitility.await()
                .until(() -> "running".equals(world.expense.ledger.backfill().state()));

        Api.operator().post(Api.ROOT + "/runs/" + id + "/cancel").then().statusCode(202);

        assertThat(Api.ended(id).getString("state")).isEqualTo("cancelled");
        assertThat(world.expense.ledger.phase()).isEqualTo(Phase.JSON_ONLY);
        Api.operator().post(Api.ROOT + "/runs/" + id + "/cancel").then().statusCode(409);
    }

    @Test
    void aKilledServiceGoesOnFromItsCheckpointA30() {
        world.expense.ledger.holdBackfill(true);
        int before = world.expense.ledger.phaseChanges();
        String id = Api.accepted("expense", "DUAL_WRITE");
        Awaitility.await()
                .until(() -> "running".equals(world.expense.ledger.backfill().state()));

        driver.halt();
        Api.order("expense", "DUAL_WRITE", true, false).then().statusCode(409);
        world.expense.ledger.holdBackfill(false);
        driver.begin();

        assertThat(Api.ended(id).getString("state")).isEqualTo("succeeded");
        assertThat(world.expense.ledger.phaseChanges()).isEqualTo(before + 1);
    }

    @Test
    void aPhaseChangeWhoseAnswerWasLostIsNotRepeated() {
        int before = world.expense.ledger.phaseChanges();
        world.expense.loseAnswerOfPhaseChange();

        JsonPath run = Api.ended(Api.accepted("expense", "DUAL_WRITE"));

        assertThat(run.getString("state")).isEqualTo("succeeded");
        assertThat(world.expense.ledger.phaseChanges()).isEqualTo(before + 1);
    }

    @Test
    void aRunWaitsForALedgerServiceThatIsAwayAndSaysSo() {
        world.expense.ledger.holdBackfill(true);
        String id = Api.accepted("expense", "DUAL_WRITE");
        Awaitility.await().until(() -> world.expense.ledger.phase() == Phase.DUAL_WRITE);
        world.expense.away(true);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> Api.run(id).getString("waiting_for") != null);
        assertThat(Api.status("expense").getString("phase")).isNull();
        assertThat(Api.status("expense").getString("reason")).contains("expense-service");

        world.expense.ledger.holdBackfill(false);
        world.expense.away(false);

        assertThat(Api.ended(id).getString("state")).isEqualTo("succeeded");
    }

    @Test
    void aRunWaitsWhilePostgresIsAwayAndGoesOnAfterwards() {
        world.expense.ledger.holdBackfill(true);
        String id = Api.accepted("expense", "DUAL_WRITE");
        Awaitility.await()
                .until(() -> "running".equals(world.expense.ledger.backfill().state()));
        world.stopPostgres();
        Api.operator().get(Api.ROOT + "/status").then().statusCode(200).body("expense.phase", equalTo("DUAL_WRITE"));
        Api.order("income", "DUAL_WRITE", true, false)
                .then()
                .statusCode(412)
                .body("checks.find { !it.ok }.name", equalTo("stores_reachable"))
                .body("checks.find { !it.ok }.advice", containsString("PostgreSQL"));
        Api.operator().get("/ready").then().statusCode(200);

        world.expense.ledger.holdBackfill(false);
        world.startAgain();
        Api.awaitReady();

        assertThat(Api.ended(id).getString("state")).isEqualTo("succeeded");
    }

    @Test
    void damageFoundByARunFailsItNamesThePhaseAndClosesTheNextGateUntilItIsMended() {
        Api.ended(Api.accepted("expense", "DUAL_WRITE"));
        SimLedger.Row good = world.expense.ledger.row(StoreName.POSTGRES, 7);
        world.expense.ledger.tamper(
                StoreName.POSTGRES,
                7,
                new SimLedger.Row(good.version(), good.epoch(), good.changeId(), good.recorded(), "damaged", false));

        JsonPath run = Api.ended(Api.accepted("expense", "DATABASE_READS"));
        assertThat(run.getString("state")).isEqualTo("failed");
        assertThat(run.getString("error")).contains("DUAL_WRITE").contains("verification");
        Api.operator()
                .get(Api.ROOT + "/discrepancies?kind=expense&state=open")
                .then()
                .body("items.size()", equalTo(1))
                .body("items[0].entry_id", equalTo(7))
                .body("items[0].type", equalTo("field"))
                .body("items[0].damaged", equalTo("postgres"))
                .body("items[0].postgres", notNullValue());
        Api.order("expense", "DATABASE_READS", true, false)
                .then()
                .statusCode(412)
                .body("checks.findAll { !it.ok }.name", hasItem("no_open_discrepancies"));
        assertThat(Api.status("expense").getInt("discrepancies_open")).isEqualTo(1);

        world.expense.ledger.tamper(StoreName.POSTGRES, 7, good);
        Api.verified("expense");
        assertThat(Api.status("expense").getInt("discrepancies_open")).isZero();
        assertThat(Api.status("expense").getString("verified_through")).isNotNull();
    }

    @Test
    void rollbackTakesOnePhaseBackOnlyWithConsentAndSync() {
        Api.ended(Api.accepted("expense", "DUAL_WRITE"));
        Api.ended(Api.accepted("expense", "DATABASE_READS"));
        Api.operator()
                .body("{\"kind\":\"expense\"}")
                .post(Api.ROOT + "/rollback")
                .then()
                .statusCode(403);
        world.expense.ledger.rollbackReady(false);
        Api.operator()
                .body("{\"kind\":\"expense\",\"consent\":true}")
                .post(Api.ROOT + "/rollback")
                .then()
                .statusCode(412)
                .body("detail", containsString("accept_loss"));

        String id = Api.operator()
                .body("{\"kind\":\"expense\",\"consent\":true,\"accept_loss\":true}")
                .post(Api.ROOT + "/rollback")
                .then()
                .statusCode(202)
                .extract()
                .path("id");

        assertThat(Api.ended(id).getString("state")).isEqualTo("succeeded");
        assertThat(world.expense.ledger.phase()).isEqualTo(Phase.DUAL_WRITE);
    }

    @Test
    void aSnapshotIsMadeAndVerifiedBeforeAnythingChanges() {
        world.backup.offer(true);
        int before = world.backup.count();

        JsonPath run = Api.ended(Api.accepted("expense", "DUAL_WRITE"));

        assertThat(run.getString("state")).isEqualTo("succeeded");
        assertThat(run.getString("steps.find { it.name == 'snapshot' }.detail")).contains("verified");
        assertThat(world.backup.count()).isEqualTo(before + 1);
        // what the next forecast goes by
        assertThat(backups.lastMade().await().atMost(Duration.ofSeconds(30))).hasValueSatisfying(made -> {
            assertThat(made.json()).isEqualTo(100);
            assertThat(made.postgres()).isEqualTo(50);
            assertThat(made.seconds()).isEqualTo(1.5);
        });
    }

    @Test
    void aSnapshotThatDoesNotVerifyEndsTheRunBeforeAnythingChanged() {
        world.backup.offer(true);
        world.backup.damage(true);

        JsonPath run = Api.ended(Api.accepted("expense", "DUAL_WRITE"));

        assertThat(run.getString("state")).isEqualTo("failed");
        assertThat(run.getString("error")).contains("snapshot").contains("damaged");
        assertThat(world.expense.ledger.phase()).isEqualTo(Phase.JSON_ONLY);
    }

    @Test
    void aRunBackMakesASnapshotFirstAndGoesBackWithoutWhereNoneIsToBeHad() {
        Api.ended(Api.accepted("expense", "DUAL_WRITE"));
        Api.ended(Api.accepted("expense", "DATABASE_READS"));
        world.backup.offer(true);
        int before = world.backup.count();

        JsonPath kept = Api.ended(Api.accepted("expense", "DUAL_WRITE"));
        world.backup.damage(true);
        JsonPath damaged = Api.ended(Api.accepted("expense", "JSON_ONLY"));

        assertThat(kept.getString("state")).isEqualTo("succeeded");
        assertThat(kept.getList("steps.name", String.class)).startsWith("gates", "snapshot", "phase_change");
        assertThat(kept.getString("steps.find { it.name == 'snapshot' }.detail"))
                .contains("verified");
        assertThat(world.backup.count()).isGreaterThan(before);
        assertThat(damaged.getString("state")).isEqualTo("succeeded");
        assertThat(damaged.getString("steps.find { it.name == 'snapshot' }.state"))
                .isEqualTo("skipped");
        assertThat(damaged.getString("steps.find { it.name == 'snapshot' }.detail"))
                .contains("going back without a snapshot")
                .contains("damaged");

        world.backup.offer(false);
        Api.ended(Api.accepted("expense", "DUAL_WRITE"));
        world.backup.away(true);
        JsonPath alone = Api.ended(Api.accepted("expense", "JSON_ONLY"));

        assertThat(alone.getString("state")).isEqualTo("succeeded");
        assertThat(alone.getString("steps.find { it.name == 'snapshot' }.detail"))
                .contains("going back without a snapshot");
    }

    @Test
    void anOrderOutlastsAGateThatClosesForAMoment() {
        world.expense.ledger.postgres("disconnected");
        world.expense.ledger.postgresIsBackWhenAsked(2);

        String id = Api.accepted("expense", "DUAL_WRITE");

        assertThat(Api.ended(id).getString("state")).isEqualTo("succeeded");
    }

    @Test
    void aRunWaitsForAGateThatClosesForAMomentAndSaysSo() {
        driver.halt();
        String id = Api.accepted("expense", "DUAL_WRITE");
        world.expense.ledger.postgres("disconnected");
        driver.begin();
        Awaitility.await().until(() -> Api.run(id).getString("waiting_for") != null);
        assertThat(Api.run(id).getString("waiting_for")).contains("stores_reachable");

        world.expense.ledger.postgres("connected");

        assertThat(Api.ended(id).getString("state")).isEqualTo("succeeded");
    }

    @Test
    void aGateThatStaysClosedRefusesTheOrderAndSafetySaysWhatToDo() {
        world.expense.ledger.postgres("not_configured");

        Api.order("expense", "DUAL_WRITE", true, false).then().statusCode(412);
        Api.operator()
                .get(Api.ROOT + "/safety?kind=expense&target=DUAL_WRITE")
                .then()
                .statusCode(200)
                .body("safe", equalTo(false))
                .body("checks.find { !it.ok }.name", equalTo("stores_reachable"))
                .body("checks.find { !it.ok }.advice", containsString("DATABASE_URL"))
                .body(
                        "checks.name",
                        Matchers.hasItems(
                                "fresh_verified_snapshot", "disk_space", "event_retention", "one_replica", "consent"));
    }

    @Test
    void safetySaysOfEveryTargetWhetherItIsSafeAndRefusesOnlyAKindThatIsNone() {
        for (String target : List.of("DATABASE_ONLY", "JSON_ONLY", "cake")) {
            Api.operator()
                    .get(Api.ROOT + "/safety?kind=expense&target=" + target)
                    .then()
                    .statusCode(200)
                    .body("safe", equalTo(false))
                    .body("target", equalTo(target))
                    .body("checks.size()", equalTo(1))
                    .body("checks[0].name", equalTo("target_is_neighbour"))
                    .body("checks[0].ok", equalTo(false))
                    .body("checks[0].reason", containsString("JSON_ONLY"))
                    .body("checks[0].advice", containsString("DUAL_WRITE"));
        }
        Api.operator()
                .get(Api.ROOT + "/safety?kind=cake&target=DUAL_WRITE")
                .then()
                .statusCode(422)
                .body("detail[0].loc", equalTo(List.of("query", "kind")));
    }

    @Test
    void aBrokenOrderIsAnsweredInTheShapeOfTheOldBackendNamingTheField() {
        Api.order("cake", "DUAL_WRITE", true, false)
                .then()
                .statusCode(422)
                .contentType("application/json")
                .body("detail[0].loc", equalTo(List.of("body", "kind")))
                .body("detail[0].msg", containsString("expense"))
                .body("detail[0].type", equalTo("enum"));
        Api.order("expense", "HALFWAY", true, false)
                .then()
                .statusCode(422)
                .body("detail[0].loc", equalTo(List.of("body", "target")));
        for (String broken : List.of("", "[]", "{", "{\"kind\":\"expense\",\"consent\":\"perhaps\"}")) {
            Api.operator()
                    .body(broken)
                    .post(Api.ROOT + "/runs")
                    .then()
                    .statusCode(422)
                    .contentType("application/json")
                    .body("detail[0].loc", hasItem("body"))
                    .body("detail[0].msg", notNullValue())
                    .body("detail[0].type", notNullValue());
        }
        Api.order("expense", "DATABASE_ONLY", true, false)
                .then()
                .statusCode(409)
                .contentType("application/problem+json")
                .body("detail", containsString("neighbours"));
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void anOrderIsTakenWithoutALengthInFrontUpToItsLimit(HttpClient.Version version) throws Exception {
        String order = "{\"kind\":\"cake\",\"target\":\"DUAL_WRITE\",\"reason\":\"";

        assertThat(withoutLength(version, order + "\"}").statusCode()).isEqualTo(422);
        assertThat(withoutLength(version, order + "x".repeat(900_000) + "\"}").statusCode())
                .isEqualTo(422);
        HttpResponse<String> refused = withoutLength(version, order + "x".repeat(1_000_000) + "\"}");
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(refused.body()).contains("too-large").contains("1000000");
        Api.operator()
                .body(order + "x".repeat(1_000_000) + "\"}")
                .post(Api.ROOT + "/runs")
                .then()
                .statusCode(413)
                .body("detail", containsString("1000000"));
        assertThat(withoutLength(version, order + "\"}").statusCode()).isEqualTo(422);
    }

    /** In chunks, as whoever does not know the length yet sends it. */
    private HttpResponse<String> withoutLength(HttpClient.Version version, String body) throws Exception {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(runs)
                .header("Authorization", "Bearer " + World.OPERATOR)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)))
                .build();
        return HttpClient.newBuilder().version(version).build().send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aWayBackThatWasClosedIsNotGoneAndIsTold() {
        for (String target : List.of("DUAL_WRITE", "DATABASE_READS", "DATABASE_ONLY")) {
            assertThat(Api.ended(Api.accepted("income", target)).getString("error"))
                    .isNull();
        }
        assertThat(Api.status("income").getBoolean("rollback_ready.ready")).isTrue();
        Api.operator()
                .body("{\"kind\":\"income\"}")
                .post(Api.ROOT + "/close-way-back")
                .then()
                .statusCode(403);
        Api.operator()
                .body("{\"kind\":\"expense\",\"consent\":true}")
                .post(Api.ROOT + "/close-way-back")
                .then()
                .statusCode(409);

        Api.operator()
                .body("{\"kind\":\"income\",\"consent\":true,\"reason\":\"all is well\"}")
                .post(Api.ROOT + "/close-way-back")
                .then()
                .statusCode(200)
                .body("archive", containsString(".tar.gz"));

        Api.operator()
                .body("{\"kind\":\"income\",\"consent\":true,\"accept_loss\":true}")
                .post(Api.ROOT + "/rollback")
                .then()
                .statusCode(409)
                .body("detail", containsString("all is well"));
        Api.order("income", "DATABASE_READS", true, false)
                .then()
                .statusCode(412)
                .body("checks.find { !it.ok }.name", equalTo("way_back_open"));
        assertThat(Api.status("income").getString("rollback_ready.blocker")).isEqualTo("closed");
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        io.restassured.RestAssured.get("/q/metrics")
                                .asString()
                                .lines()
                                .filter(line -> line.startsWith("migration_rollback_blocked")
                                        && line.contains("income")
                                        && line.endsWith(" 1.0")))
                .singleElement()
                .asString()
                .contains("closed"));

        // recorded nowhere but in the ledger service: told all the same
        world.income.ledger.dual(Phase.DATABASE_ONLY);
        Api.operator()
                .body("{\"kind\":\"income\",\"consent\":true}")
                .post(Api.ROOT + "/close-way-back")
                .then()
                .statusCode(409)
                .body("detail", containsString("all is well"));

        // break-glass, past this service: the closure is told to be overridden
        world.income.ledger.dual(Phase.DATABASE_READS);
        Awaitility.await().until(() -> Api.status("income").getBoolean("rollback_ready.ready"));
    }

    @Test
    void withoutATokenNothingIsToldAndTheViewerOnlyReads() {
        io.restassured.RestAssured.given().get(Api.ROOT + "/status").then().statusCode(401);
        io.restassured.RestAssured.given()
                .header("Authorization", "Bearer " + World.VIEWER)
                .get(Api.ROOT + "/status")
                .then()
                .statusCode(200);
        io.restassured.RestAssured.given()
                .header("Authorization", "Bearer " + World.VIEWER)
                .contentType("application/json")
                .body("{\"kind\":\"expense\",\"target\":\"DUAL_WRITE\"}")
                .post(Api.ROOT + "/runs")
                .then()
                .statusCode(403);
        io.restassured.RestAssured.given()
                .get("/q/metrics")
                .then()
                .statusCode(200)
                .body(containsString("migration_rollback_ready{kind=\"expense\""));
    }
}
