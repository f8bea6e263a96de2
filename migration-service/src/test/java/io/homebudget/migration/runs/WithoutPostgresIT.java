package io.homebudget.migration.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
        value = World.class,
        restrictToAnnotatedClass = true,
        initArgs = @ResourceArg(name = "absent", value = "true"))
class WithoutPostgresIT implements World.Aware {
    private World world;

    @Override
    public void enter(World entered) {
        world = entered;
    }

    @Test
    void startsAnswersAndGoesBackWithPostgresAbsentAndPicksItUpWithoutARestart() {
        Api.operator().get("/ready").then().statusCode(200).body("database", equalTo("disconnected"));
        Api.operator()
                .get(Api.ROOT + "/status")
                .then()
                .statusCode(200)
                .body("expense.phase", equalTo("JSON_ONLY"))
                .body("expense.verified_at", nullValue())
                .body("expense.blocked_by.name", org.hamcrest.Matchers.hasItem("stores_reachable"));
        Api.order("expense", "DUAL_WRITE", true, false)
                .then()
                .statusCode(503)
                .body("detail", containsString("rollback"));

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
