package io.homebudget.migration.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.Refusal;
import io.homebudget.migration.standin.SimLedger;
import io.homebudget.migration.standin.SimLedger.Row;
import io.homebudget.migration.standin.Sql;
import io.homebudget.migration.standin.Topics;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
        value = World.class,
        restrictToAnnotatedClass = true,
        initArgs = @ResourceArg(name = "kafka", value = "running"))
class ReconciliationIT implements World.Aware {
    @Inject
    DataSource dataSource;

    private World world;
    private SimLedger ledger;
    private Topics topics;
    private long before;

    @Override
    public void enter(World entered) {
        world = entered;
    }

    @BeforeEach
    void twentyEntriesVerifiedInBothStores() {
        Api.awaitReady();
        ledger = world.expense.ledger;
        topics = new Topics(world.broker.servers());
        if (ledger.head() == 0) {
            for (long id = 1; id <= 20; id++) {
                ledger.write(id, "value " + id);
            }
            ledger.dual(Phase.DUAL_WRITE);
        }
        verify();
        before = ledger.head();
        // what is written from now on is not published before it is sent
        ledger.published(before);
    }

    @AfterEach
    void nothingIsOpen() {
        ledger.follow(true);
        ledger.published(Long.MAX_VALUE);
        patiently().untilAsserted(() -> repairAll());
        patiently().untilAsserted(() -> assertThat(open()).isEmpty());
        topics.close();
    }

    @Test
    void aChangeThatTheFollowerHoldsOtherwiseIsOneDiscrepancyWithBothSidesAndItsCause() {
        ledger.write(3, "right");
        ledger.apply(10);
        damage(StoreName.POSTGRES, 3, "wrong");

        publish();

        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));
        Api.operator()
                .get(Api.ROOT + "/discrepancies?kind=expense&state=open&type=field")
                .then()
                .body("items[0].entry_id", equalTo(3))
                .body("items[0].damaged", equalTo("postgres"))
                .body("items[0].fields", equalTo(List.of("category")))
                .body("items[0].json.values.category", equalTo("right"))
                .body("items[0].postgres.values.category", equalTo("wrong"))
                .body("items[0].found_by", equalTo("events"))
                .body("items[0].cause_code", equalTo("values_changed"))
                .body("items[0].cause", containsString("last change: version"))
                .body("items[0].cause", not(containsString("wrong")));
        assertThat(metric("migration_discrepancies_total{cause=\"values_changed\",kind=\"expense\",type=\"field\""))
                .isGreaterThanOrEqualTo(1);
    }

    @Test
    void whatTheFollowerHasNotGotYetIsPendingAndNoDiscrepancyAndIsProvenAfterwards() {
        ledger.follow(false);
        ledger.write(4, "newer");
        ledger.write(40, "new");

        publish();

        patiently().until(() -> "waiting".equals(Api.status("expense").getString("reconciliation.state")));
        assertThat(open()).isEmpty();
        long proven = Api.status("expense").getLong("verified_through");
        assertThat(proven).isLessThan(ledger.head());
        ledger.follow(true);
        patiently().until(() -> Api.status("expense").getLong("verified_through") == ledger.head());
        assertThat(open()).isEmpty();
    }

    @Test
    void nothingChangesWhenTheTopicComesTwiceAndShuffledA23() {
        for (int round = 0; round < 5; round++) {
            for (long id = 5; id < 10; id++) {
                ledger.write(id, "round " + round);
            }
        }
        ledger.delete(9);
        ledger.apply(100);
        damage(StoreName.POSTGRES, 5, "wrong");
        publish();
        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));
        List<Integer> all = all();

        List<ProducerRecord<String, byte[]>> events = new ArrayList<>(Topics.events(ledger, 0));
        events.addAll(Topics.events(ledger, 0));
        Collections.shuffle(events, new Random(7));
        double compared = metric("migration_changes_compared_total{kind=\"expense\"");
        topics.send(events);

        patiently()
                .until(() -> metric("migration_changes_compared_total{kind=\"expense\"") >= compared + events.size());
        assertThat(all()).isEqualTo(all);
    }

    @Test
    void anEventThatCannotBeReadIsPutAsideCountedAndAlarmed() {
        ProducerRecord<String, byte[]> broken = new ProducerRecord<>(
                "ledger.expense.changes.v1", "7", "{\"kind\":\"expense\"".getBytes(StandardCharsets.UTF_8));
        Topics.header(broken, "ce_specversion", "1.0");
        Topics.header(broken, "ce_type", "ledger.entry.updated.v1");
        ProducerRecord<String, byte[]> newer =
                new ProducerRecord<>("ledger.expense.changes.v1", "8", "{}".getBytes(StandardCharsets.UTF_8));
        Topics.header(newer, "ce_specversion", "1.0");
        Topics.header(newer, "ce_type", "ledger.entry.updated.v2");
        ledger.write(6, "goes on");

        topics.send(List.of(broken, newer));
        publish();

        patiently().until(() -> Api.status("expense").getLong("verified_through") == ledger.head());
        JsonPath aside = Api.operator()
                .get(Api.ROOT + "/put-aside?kind=expense")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
        assertThat(aside.getList("items")).hasSize(2);
        assertThat(aside.getList("items.topic")).containsOnly("ledger.expense.changes.v1");
        assertThat(aside.getList("items.reason", String.class))
                .anyMatch(reason -> reason.contains("not JSON"))
                .anyMatch(reason -> reason.contains("ce_type"));
        patiently().until(() -> metric("migration_events_put_aside{kind=\"expense\"") == 2);
        assertThat(Api.status("expense").getString("reconciliation.notice")).contains("2 events");
        Api.operator()
                .post(Api.ROOT + "/put-aside/forget?kind=expense")
                .then()
                .statusCode(200)
                .body("forgotten", equalTo(2));
    }

    @Test
    void oneFaultIsOneRepairAndThenItIsQuietA24() {
        ledger.write(10, "right");
        ledger.apply(10);
        damage(StoreName.POSTGRES, 10, "wrong");
        publish();
        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));
        int asked = ledger.repairs();
        long head = ledger.head();
        List<Integer> all = all();

        Api.operator()
                .body("{\"reason\":\"seen by hand\"}")
                .post(Api.ROOT + "/discrepancies/" + open().get(0) + "/repair")
                .then()
                .statusCode(200)
                .body("result", equalTo("repaired"))
                .body("state", equalTo("repaired"))
                .body("actor", equalTo("operator"))
                .body("reason", equalTo("seen by hand"));

        Awaitility.await()
                .during(Duration.ofSeconds(5))
                .atMost(Duration.ofSeconds(60))
                .until(() -> ledger.repairs() == asked + 1 && ledger.head() == head && all().equals(all));
        assertThat(ledger.row(StoreName.POSTGRES, 10)).isEqualTo(ledger.row(StoreName.JSON, 10));
    }

    @Test
    void aRepairThatMeetsARestoreIsRepeatedAndAnOrderThatMeetsALongOneFailsAndSaysWhy() {
        ledger.write(18, "right");
        ledger.apply(10);
        damage(StoreName.POSTGRES, 18, "wrong");
        publish();
        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));

        world.expense.restoringFor(1_000);
        String id = repairAll();
        patiently().until(() -> "failed".equals(repair(id).getString("state")));
        world.expense.restoringFor(2);
        Api.operator()
                .post(Api.ROOT + "/discrepancies/" + open().get(0) + "/repair")
                .then()
                .statusCode(200)
                .body("result", equalTo("repaired"));

        assertThat(repair(id).getString("error")).contains("is being restored");
    }

    @Test
    void aRepairClosesItsDiscrepancyThoughALookFromBeforeItIsRecordedMeanwhile() {
        ledger.write(19, "right");
        ledger.apply(10);
        damage(StoreName.POSTGRES, 19, "wrong");
        publish();
        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));
        ledger.duringTheLookAfterARepair(() -> Sql.run(
                dataSource, "update migration.discrepancies set seen_at = clock_timestamp() where state = 'open'"));

        Api.operator()
                .post(Api.ROOT + "/discrepancies/" + open().get(0) + "/repair")
                .then()
                .statusCode(200)
                .body("result", equalTo("repaired"))
                .body("state", equalTo("repaired"));
    }

    @Test
    void anOrderWhoseEndCannotBeRecordedAtOnceEndsAllTheSame() {
        ledger.write(20, "right");
        ledger.apply(10);
        damage(StoreName.POSTGRES, 20, "wrong");
        publish();
        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));
        String id;
        try (Refusal once = new Refusal(dataSource, "migration.repairs", "new.state <> 'running'")) {
            id = repairAll();

            patiently().until(() -> "succeeded".equals(repair(id).getString("state")));
            assertThat(once.refused()).isTrue();
        }
        assertThat(repair(id).getLong("repaired")).isEqualTo(1);
    }

    @Test
    void damageInThePrimaryIsNotCopiedByTheRepairA37() {
        ledger.write(11, "right");
        ledger.apply(10);
        damage(StoreName.JSON, 11, "wrong");
        publish();
        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));
        Api.operator()
                .get(Api.ROOT + "/discrepancies?kind=expense&state=open")
                .then()
                .body("items[0].damaged", equalTo("json"));

        Api.operator()
                .post(Api.ROOT + "/discrepancies/" + open().get(0) + "/repair")
                .then()
                .statusCode(200);

        assertThat(ledger.row(StoreName.JSON, 11).value()).isEqualTo("right");
        assertThat(ledger.row(StoreName.POSTGRES, 11).value()).isEqualTo("right");
        assertThat(open()).isEmpty();
    }

    @Test
    void aDeletionThatDidNotHappenInOneStoreIsExtraAndItsRepairDeletes() {
        ledger.write(12, "going");
        ledger.apply(10);
        Row alive = ledger.row(StoreName.POSTGRES, 12);
        ledger.delete(12);
        ledger.apply(10);
        ledger.tamper(StoreName.POSTGRES, 12, new Row(0, 0, null, null, alive.value(), false));
        publish();
        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));
        Api.operator()
                .get(Api.ROOT + "/discrepancies?kind=expense&state=open")
                .then()
                .body("items[0].type", equalTo("extra"));

        Api.operator()
                .post(Api.ROOT + "/discrepancies/" + open().get(0) + "/repair")
                .then()
                .statusCode(200);

        assertThat(ledger.row(StoreName.POSTGRES, 12).deleted()).isTrue();
        assertThat(open()).isEmpty();
    }

    @Test
    void theSameFaultFoundByEventsAndByAVerificationIsOneAndClosesItselfWhenItIsMended() {
        ledger.write(13, "right");
        ledger.apply(10);
        Row right = ledger.row(StoreName.POSTGRES, 13);
        damage(StoreName.POSTGRES, 13, "wrong");
        publish();
        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));
        List<Integer> all = all();

        verify();
        assertThat(all()).isEqualTo(all);
        int id = open().get(0);
        ledger.tamper(StoreName.POSTGRES, 13, right);

        patiently().untilAsserted(() -> assertThat(open()).isEmpty());
        Api.operator()
                .get(Api.ROOT + "/discrepancies/" + id)
                .then()
                .body("state", equalTo("repaired"))
                .body("resolution", containsString("no difference any more"));
    }

    @Test
    void whatAVerificationFoundIsRecordedThoughItCannotBeAtOnce() {
        ledger.write(2, "right");
        ledger.apply(10);
        damage(StoreName.POSTGRES, 2, "wrong");
        try (Refusal once = new Refusal(dataSource, "migration.discrepancies", "true")) {
            assertThat(verify().getInt("differences")).isEqualTo(1);

            assertThat(once.refused()).isTrue();
            assertThat(open()).hasSize(1);
        }
    }

    @Test
    void whatAPersonDismissedStaysDismissedAndAVerificationIsCleanDespiteIt() {
        ledger.write(14, "right");
        ledger.apply(10);
        Row right = ledger.row(StoreName.POSTGRES, 14);
        damage(StoreName.POSTGRES, 14, "meant so");
        publish();
        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));
        int id = open().get(0);

        Api.operator()
                .body("{\"reason\":\"known\"}")
                .post(Api.ROOT + "/discrepancies/" + id + "/dismiss")
                .then()
                .statusCode(200)
                .body("state", equalTo("dismissed"));

        JsonPath verification = verify();
        assertThat(verification.getInt("differences")).isZero();
        assertThat(verification.getInt("dismissed")).isEqualTo(1);
        assertThat(open()).isEmpty();
        Api.operator()
                .body("{\"reason\":\"another\"}")
                .post(Api.ROOT + "/discrepancies/" + id + "/dismiss")
                .then()
                .statusCode(200)
                .body("reason", equalTo("known"));
        damage(StoreName.POSTGRES, 14, "something else");
        verify();
        assertThat(open()).hasSize(1);
        ledger.tamper(StoreName.POSTGRES, 14, right);
    }

    @Test
    void discrepanciesAreToldOnTheirTopicInTheOrderOfTheirLife() {
        ledger.write(15, "right");
        ledger.apply(10);
        damage(StoreName.POSTGRES, 15, "wrong");
        publish();
        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));
        String id = String.valueOf(open().get(0));
        Api.operator()
                .post(Api.ROOT + "/discrepancies/" + id + "/repair")
                .then()
                .statusCode(200);

        patiently().ignoreExceptions().untilAsserted(() -> assertThat(topics.all("ledger.discrepancies.v1").stream()
                        .filter(event -> id.equals(event.key()))
                        .map(event ->
                                new String(event.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8)))
                .containsExactly("ledger.discrepancy.opened.v1", "ledger.discrepancy.repaired.v1"));
    }

    @Test
    void aReadThatTheStoresAnsweredDifferentlyIsACandidateThatAComparisonJudges() {
        ledger.write(17, "right");
        ledger.write(18, "right");
        ledger.apply(10);
        damage(StoreName.POSTGRES, 17, "wrong");

        ledger.shadowMismatch("GET /api/v1/expense/17", 17L);
        ledger.shadowMismatch("GET /api/v1/expense/18", 18L);
        ledger.shadowMismatch("GET /api/v1/expense");

        patiently().untilAsserted(() -> Api.operator()
                .get(Api.ROOT + "/shadow-reads?kind=expense")
                .then()
                .statusCode(200)
                .body("items.find { it.entry_ids == [17] }.verdict", equalTo("differs"))
                .body("items.find { it.entry_ids == [18] }.verdict", equalTo("equal"))
                .body("items.find { it.entry_ids == [] }.verdict", equalTo("unknown"))
                .body("items.size()", equalTo(3)));
        assertThat(open()).hasSize(1);
        Api.operator()
                .get(Api.ROOT + "/discrepancies?kind=expense&state=open")
                .then()
                .body("items[0].found_by", equalTo("shadow_read"));
    }

    @Test
    void theCsvHasBothSidesFieldByField() {
        ledger.write(16, "right");
        ledger.apply(10);
        damage(StoreName.POSTGRES, 16, "wrong, \"quoted\"");
        publish();
        patiently().untilAsserted(() -> assertThat(open()).hasSize(1));

        String csv = Api.operator()
                .get(Api.ROOT + "/discrepancies.csv?kind=expense&state=open")
                .then()
                .statusCode(200)
                .header("Content-Type", containsString("text/csv"))
                .extract()
                .asString();

        assertThat(csv.split("\r\n")).hasSize(2);
        assertThat(csv)
                .startsWith("id,kind,entry_id,type,fields")
                .contains(",right,")
                .contains("\"wrong, \"\"quoted\"\"\"");
        Api.operator().get(Api.ROOT + "/discrepancies.csv?state=odd").then().statusCode(422);
    }

    @Test
    void damageOfTheFilesAloneNamesItsFieldsAndShowsWhatLiesThere() {
        ledger.write(18, "right");
        ledger.apply(10);
        Row row = ledger.row(StoreName.JSON, 18);
        ledger.tamperDisk(
                18, new Row(row.version(), row.epoch(), row.changeId(), row.recorded(), "wrong", row.deleted()));

        verify();

        assertThat(open()).hasSize(1);
        Api.operator()
                .get(Api.ROOT + "/discrepancies/" + open().get(0))
                .then()
                .body("damaged", equalTo("json"))
                .body("fields", equalTo(List.of("category")))
                .body("json.values.category", equalTo("wrong"))
                .body("postgres.values.category", equalTo("right"));
    }

    // ---- what a person does and sees
    // ---------------------------------------------------------------------------------

    private void damage(StoreName store, long id, String value) {
        Row row = ledger.row(store, id);
        ledger.tamper(
                store, id, new Row(row.version(), row.epoch(), row.changeId(), row.recorded(), value, row.deleted()));
    }

    private void publish() {
        topics.send(Topics.events(ledger, before));
        ledger.published(Long.MAX_VALUE);
    }

    private static String repairAll() {
        return Api.operator()
                .body("{\"kind\":\"expense\"}")
                .post(Api.ROOT + "/discrepancies/repair")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private static JsonPath repair(String id) {
        return Api.operator().get(Api.ROOT + "/repairs/" + id).jsonPath();
    }

    private static List<Integer> open() {
        return ids("state=open");
    }

    private static List<Integer> all() {
        return ids("limit=1000");
    }

    private static List<Integer> ids(String query) {
        return Api.operator()
                .get(Api.ROOT + "/discrepancies?kind=expense&" + query)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath()
                .getList("items.id", Integer.class);
    }

    private static JsonPath verify() {
        String id = Api.operator()
                .body("{\"kind\":\"expense\"}")
                .post(Api.ROOT + "/verifications")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        patiently().until(() -> !"running".equals(verification(id).getString("state")));
        return verification(id);
    }

    private static JsonPath verification(String id) {
        return Api.operator().get(Api.ROOT + "/verifications/" + id).jsonPath();
    }

    private static double metric(String begin) {
        return io.restassured.RestAssured.given()
                .get("/q/metrics")
                .asString()
                .lines()
                .filter(line -> line.startsWith(begin))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static ConditionFactory patiently() {
        return Awaitility.await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100));
    }
}
