package io.homebudget.migration.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.SimLedger;
import io.homebudget.migration.standin.SimLedger.Row;
import io.homebudget.migration.standin.Topics;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/** PostgreSQL and Kafka come after the service, only JSON is in use, and what differs is repaired unasked. */
@QuarkusTest
@QuarkusTestResource(
        value = World.class,
        restrictToAnnotatedClass = true,
        initArgs = {
            @ResourceArg(name = "absent", value = "true"),
            @ResourceArg(name = "kafka", value = "late"),
            @ResourceArg(name = "automaticRepair", value = "true")
        })
class LateAndAloneIT implements World.Aware {
    private World world;

    @Override
    public void enter(World entered) {
        world = entered;
    }

    @Test
    void whatWasPublishedBeforeEverythingCameIsComparedWithWhatTheLogRecordedAndRepairedAFewTimesA32() {
        SimLedger ledger = world.expense.ledger;
        for (long id = 1; id <= 10; id++) {
            ledger.write(id, "value " + id);
        }
        assertThat(Api.status("expense").getString("reconciliation.state")).isEqualTo("waiting");

        world.startPostgres();
        Api.awaitReady();
        assertThat(Api.status("expense").getString("reconciliation.state")).isEqualTo("waiting");
        patiently().until(() -> measured("kafka_consumer_", "reconciliation-expense"));
        patiently().until(() -> !measured("kafka_consumer_", "reconciliation-expense"));
        world.broker.start();
        try (Topics topics = new Topics(world.broker.servers())) {
            Row five = ledger.row(StoreName.JSON, 5);
            ledger.tamper(
                    StoreName.JSON,
                    5,
                    new Row(five.version(), five.epoch(), five.changeId(), five.recorded(), "wrong", false));
            ledger.tamper(StoreName.JSON, 6, null);
            topics.send(Topics.events(ledger, 0));

            patiently().untilAsserted(() -> assertThat(entries("repaired")).containsExactlyInAnyOrder(5, 6));
            assertThat(ledger.row(StoreName.JSON, 5)).isEqualTo(five);
            assertThat(ledger.row(StoreName.JSON, 6).value()).isEqualTo("value 6");
            assertThat(ledger.repairs()).isEqualTo(2);

            patiently()
                    .until(() ->
                            measured("kafka_consumer_fetch_manager_records_consumed_total", "reconciliation-expense"));
            patiently().until(() -> measured("kafka_consumer_coordinator", "reconciliation-income"));
            patiently().until(() -> measured("kafka_producer_", "discrepancies"));

            ledger.forgetWhatWasRecorded();
            ledger.tamper(StoreName.JSON, 7, null);
            topics.send(Topics.events(ledger, 0));
            patiently().until(() -> ledger.repairs() == 5);
            Awaitility.await()
                    .during(Duration.ofSeconds(3))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> ledger.repairs() == 5 && entries("open").equals(List.of(7)));
        }
    }

    /** Whether such a client of Kafka tells something of itself now. */
    private static boolean measured(String begin, String client) {
        return RestAssured.get("/q/metrics")
                .asString()
                .lines()
                .anyMatch(line ->
                        line.startsWith(begin) && line.contains("client_id=\"migration-service-" + client + "\""));
    }

    private static List<Integer> entries(String state) {
        return Api.operator()
                .get(Api.ROOT + "/discrepancies?kind=expense&state=" + state)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath()
                .getList("items.entry_id", Integer.class);
    }

    private static ConditionFactory patiently() {
        return Awaitility.await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100));
    }
}
