package io.homebudget.migration.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(value = World.class, restrictToAnnotatedClass = true)
class UpgradesIT implements World.Aware {
    private static final String ROOT = "/api/database";
    private World world;

    @Inject
    UpgradeBook book;

    @Override
    public void enter(World entered) {
        world = entered;
    }

    @BeforeEach
    void ready() {
        Api.awaitReady();
    }

    @AfterEach
    void asBefore() {
        world.expense.away(false);
        world.backup.offer(false);
        world.backup.damage(false);
        world.backup.missing("");
        world.backup.restoring(() -> {});
        world.expense.ledger.damagingSchema(false);
        world.expense.ledger.newestSchema(1, 0);
        world.income.ledger.newestSchema(1, 0);
    }

    private static JsonPath ended(String id) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !progress(id).getString("state").equals("running"));
        return progress(id);
    }

    private static JsonPath progress(String id) {
        return Api.operator()
                .get(ROOT + "/update/" + id + "/progress")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    private static String ordered() {
        return Api.operator()
                .body("{\"confirm\":true,\"reason\":\"test\"}")
                .post(ROOT + "/update")
                .then()
                .statusCode(202)
                .extract()
                .path("job_id");
    }

    @Test
    void whatIsPendingIsToldWithItsSqlAndDoneOnlyWithConsent() {
        world.expense.ledger.newestSchema(3, 0);
        world.income.ledger.newestSchema(2, 0);
        Api.operator()
                .get(ROOT + "/status")
                .then()
                .statusCode(200)
                .body("needs_update", equalTo(true))
                .body("current_version", containsString("expense 1, income 1"))
                .body("target_version", containsString("expense 3, income 2"))
                .body("pending_migrations", hasSize(3))
                .body("backup_available", equalTo(false))
                .body("services.service", hasItems("migration", "expense", "income"));
        Api.operator().get(ROOT + "/preview").then().body("sql", containsString("ALTER TABLE expenses ADD COLUMN c3"));
        Api.operator().body("{}").post(ROOT + "/update").then().statusCode(403);

        JsonPath job = ended(ordered());

        assertThat(job.getString("error")).isNull();
        assertThat(job.getString("state")).isEqualTo("succeeded");
        assertThat(job.getInt("percent")).isEqualTo(100);
        assertThat(job.getList("steps.name", String.class))
                .containsExactly("snapshot", "update expense", "update income", "verification");
        assertThat(job.getList("steps.state", String.class)).containsExactly("skipped", "done", "done", "done");
        Api.operator()
                .get(ROOT + "/status")
                .then()
                .body("needs_update", equalTo(false))
                .body("current_version", containsString("expense 3, income 2"));
        Api.operator().get(ROOT + "/history").then().body("jobs.id", hasItem(job.getString("id")));
    }

    @Test
    void anOrderThatFindsNothingToDoIsDoneAtOnceHoweverOftenItComes() {
        for (int time = 0; time < 2; time++) {
            JsonPath job = progress(ordered());

            assertThat(job.getString("state")).isEqualTo("succeeded");
            assertThat(job.getInt("percent")).isEqualTo(100);
            assertThat(job.getList("steps")).isEmpty();
            assertThat(job.getString("finished_at")).isNotNull();
            Api.operator().get(ROOT + "/history").then().body("jobs.id", hasItem(job.getString("id")));
        }
    }

    @Test
    void anUpgradeThatEndedIsNotBroughtBackByWhatWasOnItsWayBefore() {
        UpgradeRow running = new UpgradeRow();
        running.id = UUID.randomUUID();
        running.state = "running";
        running.steps = "[]";
        running.actor = "operator";
        running.reason = "test";
        running.startedAt = Instant.now();
        running.heartbeatAt = running.startedAt;
        done(book.open(running));
        UpgradeRow ended = done(book.find(running.id)).orElseThrow();
        ended.state = "succeeded";
        ended.finishedAt = Instant.now();
        done(book.save(ended));

        done(book.save(running));
        done(book.heartbeat(running.id, Instant.now().plusSeconds(60)));

        UpgradeRow now = done(book.find(running.id)).orElseThrow();
        assertThat(now.state).isEqualTo("succeeded");
        assertThat(now.finishedAt).isNotNull();
        assertThat(now.heartbeatAt).isBefore(Instant.now());
        assertThat(ended(ordered()).getString("state")).isEqualTo("succeeded");
    }

    private static <T> T done(Uni<T> work) {
        return work.await().atMost(Duration.ofSeconds(60));
    }

    @ParameterizedTest
    @ValueSource(strings = {"backup-jobs", "verify"})
    void aSnapshotThatCannotBeFollowedToItsEndEndsTheUpdateBeforeAnythingChanged(String missing) {
        world.backup.offer(true);
        world.backup.missing(missing);
        world.expense.ledger.newestSchema(2, 0);

        JsonPath job = ended(ordered());

        assertThat(job.getString("state")).isEqualTo("failed");
        assertThat(job.getString("error")).contains("snapshot");
        assertThat(job.getList("steps.name", String.class)).containsExactly("snapshot");
        assertThat(world.expense.ledger.schema().current()).isEqualTo("1");
    }

    @Test
    void aStepThatFailsTakesBackWhatOthersHadApplied() {
        world.expense.ledger.newestSchema(3, 0);
        world.income.ledger.newestSchema(3, 2);

        JsonPath job = ended(ordered());

        assertThat(job.getString("state")).isEqualTo("failed");
        assertThat(job.getString("error")).contains("update income").contains("rolled back");
        assertThat(job.getList("steps.name", String.class)).contains("undo expense");
        assertThat(world.expense.ledger.schema().current()).isEqualTo("1");
        assertThat(world.income.ledger.schema().current()).isEqualTo("1");
    }

    @Test
    void aSnapshotIsMadeAndVerifiedFirstWhereItIsOffered() {
        world.backup.offer(true);
        world.expense.ledger.newestSchema(2, 0);

        JsonPath job = ended(ordered());

        assertThat(job.getString("state")).isEqualTo("succeeded");
        assertThat(job.getString("snapshot")).startsWith("b-");
        assertThat(job.getString("steps[0].detail")).contains("verified");
    }

    @Test
    void aSnapshotThatDoesNotVerifyEndsTheUpgradeBeforeAnythingChanged() {
        world.backup.offer(true);
        world.backup.damage(true);
        world.expense.ledger.newestSchema(2, 0);

        JsonPath job = ended(ordered());

        assertThat(job.getString("state")).isEqualTo("failed");
        assertThat(world.expense.ledger.schema().current()).isEqualTo("1");
    }

    @Test
    void whatADamagingStepDidToAFollowerIsTakenBackFromTheSnapshotBeforeTheJobEnds() {
        JsonPath job = harmed(0);

        assertThat(job.getString("state")).isEqualTo("failed");
        assertThat(job.getString("error")).contains("expense").contains("differences after the upgrade");
        assertThat(job.getString("steps.find { it.name == 'restore' }.detail")).contains("expense was restored");
        assertThat(job.getString("steps.find { it.name == 'restore' }.state")).isEqualTo("done");
        assertThat(amongFollowers("harmed")).isFalse();
    }

    @Test
    void aStepThatFailsAndDidHarmAllTheSameIsTakenBackFromTheSnapshotToo() {
        JsonPath job = harmed(2);

        assertThat(job.getString("error")).contains("update expense").contains("rolled back");
        assertThat(job.getList("steps.name", String.class)).contains("verification", "restore");
        assertThat(amongFollowers("harmed")).isFalse();
    }

    private JsonPath harmed(int failsAt) {
        world.expense.ledger.write(21, "right");
        world.expense.ledger.dual(Phase.DUAL_WRITE);
        world.backup.offer(true);
        world.backup.restoring(() -> world.expense.ledger.rebuildFollower());
        world.expense.ledger.damagingSchema(true);
        world.expense.ledger.newestSchema(2, failsAt);
        JsonPath job = ended(ordered());
        world.expense.ledger.dual(Phase.JSON_ONLY);
        return job;
    }

    private boolean amongFollowers(String value) {
        return value.equals(world.expense.ledger.row(StoreName.POSTGRES, 21).value());
    }

    @Test
    void aServiceThatIsAwayMakesAnUpgradeUnsafeAndIsToldInTheStatus() {
        world.income.ledger.newestSchema(2, 0);
        world.expense.away(true);

        Api.operator()
                .body("{\"confirm\":true}")
                .post(ROOT + "/update")
                .then()
                .statusCode(412)
                .body("checks.find { !it.ok }.name", equalTo("services_reachable"));
        Api.operator().get(ROOT + "/safety").then().body("safe", equalTo(false));
        Api.operator()
                .get(ROOT + "/status")
                .then()
                .body("services.find { it.service == 'expense' }.error", containsString("expense-service"));
        assertThat(world.income.ledger.schema().current()).isEqualTo("1");
    }

    @Test
    void oneStepOfAServiceIsTakenBackAndAppliedAgain() {
        world.expense.ledger.newestSchema(2, 0);
        ended(ordered());
        Api.operator()
                .body("{\"service\":\"expense\"}")
                .post(ROOT + "/undo")
                .then()
                .statusCode(403);

        Api.operator()
                .body("{\"service\":\"expense\",\"confirm\":true}")
                .post(ROOT + "/undo")
                .then()
                .statusCode(200)
                .body("needs_update", equalTo(true));

        assertThat(ended(ordered()).getString("state")).isEqualTo("succeeded");
    }

    @Test
    void itsOwnNewestStepIsTakenBackServedWithoutAndAppliedAgain() {
        Api.operator()
                .body("{\"service\":\"migration\",\"confirm\":true}")
                .post(ROOT + "/undo")
                .then()
                .statusCode(200)
                .body("needs_update", equalTo(true))
                .body("services.find { it.service == 'migration' }.runs_on_safely", equalTo(true));
        Api.operator().get(Api.ROOT + "/status").then().statusCode(200).body("expense.phase", equalTo("JSON_ONLY"));

        assertThat(ended(ordered()).getString("state")).isEqualTo("succeeded");

        Api.operator().get(ROOT + "/status").then().body("needs_update", equalTo(false));
    }
}
