package io.homebudget.migration.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.testing.AlertRules;
import io.homebudget.migration.discrepancies.Finding;
import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

@QuarkusTest
@QuarkusTestResource(
        value = World.class,
        restrictToAnnotatedClass = true,
        initArgs = @ResourceArg(name = "absent", value = "true"))
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WithoutPostgresIT implements World.Aware {
    private World world;

    @Override
    public void enter(World entered) {
        world = entered;
    }

    @AfterEach
    void backToJson() {
        world.expense.ledger.dual(Phase.JSON_ONLY);
    }

    @Test
    @Order(1)
    void aRunIsRefusedInTheOrderThatIsPromisedAndOnlyWhatNothingElseForbidsFailsForWantOfPostgres() {
        Api.order("expense", "DATABASE_READS", false, false).then().statusCode(409);
        Api.order("expense", "DUAL_WRITE", true, false)
                .then()
                .statusCode(412)
                .body("checks.find { !it.ok }.name", equalTo("stores_reachable"))
                .body("checks.find { !it.ok }.advice", containsString("Start PostgreSQL"));

        world.expense.ledger.dual(Phase.DATABASE_READS);

        Api.order("expense", "DUAL_WRITE", false, false).then().statusCode(403);
        Api.order("expense", "DUAL_WRITE", true, false)
                .then()
                .statusCode(503)
                .body("detail", containsString("rollback"));
    }

    @Test
    @Order(2)
    void everythingThatIsCountedIsCountedFromZeroAndTheListenersOfBothKinds() {
        String told = RestAssured.get("/q/metrics").asString();

        for (String kind : List.of("expense", "income")) {
            for (Finding.Type type : Finding.Type.values()) {
                for (Finding.Cause cause : Finding.Cause.values()) {
                    assertThat(told)
                            .contains("migration_discrepancies_total{cause=\"" + cause.word() + "\",kind=\"" + kind
                                    + "\",type=\"" + type.word() + "\"} 0.0");
                }
            }
            for (String result : List.of("repaired", "intact", "moved", "unknown", "failed")) {
                assertThat(told)
                        .contains("migration_repairs_total{kind=\"" + kind + "\",result=\"" + result + "\"} 0.0");
            }
            assertThat(told).contains("migration_websocket_connections{kind=\"" + kind + "\"} 0.0");
        }
    }

    @Test
    @Order(2)
    void everyMetricOfThisServiceThatTheAlertRulesReadIsServed() throws IOException {
        assertThat(AlertRules.metrics("migration_"))
                .isNotEmpty()
                .isSubsetOf(AlertRules.served(RestAssured.get("/q/metrics").asString()));
    }

    @Test
    @Order(3)
    void startsAnswersAndGoesBackWithPostgresAbsentAndPicksItUpWithoutARestart() {
        Api.operator().get("/ready").then().statusCode(200).body("database", equalTo("disconnected"));
        Api.operator()
                .get(Api.ROOT + "/status")
                .then()
                .statusCode(200)
                .body("expense.phase", equalTo("JSON_ONLY"))
                .body("expense.verified_at", nullValue())
                .body("expense.blocked_by.name", Matchers.hasItem("stores_reachable"));

        world.expense.ledger.dual(Phase.DATABASE_READS);
        String id = Api.operator()
                .body("{\"kind\":\"expense\",\"consent\":true}")
                .post(Api.ROOT + "/rollback")
                .then()
                .statusCode(202)
                .body("phase", equalTo("DUAL_WRITE"))
                .extract()
                .path("id");
        assertThat(world.expense.ledger.phase()).isEqualTo(Phase.DUAL_WRITE);
        assertThat(Api.run(id).getString("state")).isEqualTo("succeeded");

        world.startPostgres();
        Api.awaitReady();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Api.operator()
                .get(Api.ROOT + "/runs")
                .jsonPath()
                .getList("items.id")
                .contains(id));
        Api.verified("expense");
        assertThat(Api.ended(Api.accepted("expense", "DATABASE_READS")).getString("state"))
                .isEqualTo("succeeded");
    }
}
