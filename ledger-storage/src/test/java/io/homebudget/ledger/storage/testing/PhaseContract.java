package io.homebudget.ledger.storage.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.testing.AlertRules;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The ledger API over the real stores in one phase: the same answers as on the reference ledger, whoever rules. A service has one
 * class per phase; they may run in any order, each takes the ledger to its phase through the internal API, forwards or back.
 */
public abstract class PhaseContract implements OldCalls, Refusals, NewCalls, InternalCalls {
    /** A start, a step or a backfill of a handful of entries takes well under a second; this only ends what hangs. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Kind kind;
    private final Phase phase;
    private long before;

    protected PhaseContract(Kind kind, Phase phase) {
        this.kind = kind;
        this.phase = phase;
    }

    @BeforeEach
    void startEmptyInThePhase() {
        soon().until(() -> state().getString("phase") != null);
        while (current() != phase) {
            step(
                    current().ordinal() < phase.ordinal()
                            ? Phase.values()[current().ordinal() + 1]
                            : Phase.values()[current().ordinal() - 1]);
        }
        List<Integer> left = call().get(root()).jsonPath().getList("id");
        String all = "{\"ids\":[" + left.stream().map(String::valueOf).collect(Collectors.joining(",")) + "]}";
        untilTaken(() -> call().body(all).post(root() + "/bulk-delete"));
        Response created = untilTaken(() -> call().body(ENTRY).post(root()));
        assertThat(created.statusCode()).as(created.asString()).isEqualTo(200);
        before = created.jsonPath().getLong(kind.word() + ".id");
        untilTaken(() -> call().delete(root() + "/" + before));
    }

    /** What was certainly not written is sent again, as its answer says. */
    private static Response untilTaken(Supplier<Response> call) {
        Response[] last = new Response[1];
        soon().until(() -> {
            last[0] = call.get();
            return last[0].header("Retry-After") == null;
        });
        return last[0];
    }

    /** The first look is at once: nearly always it is the last. */
    private static ConditionFactory soon() {
        return await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(20));
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public String primary() {
        return phase.primary().word();
    }

    @Override
    public boolean dual() {
        return phase.dual();
    }

    @Override
    public long id(int nth) {
        return before + nth;
    }

    @Test
    void the_state_names_who_rules_and_who_follows() {
        JsonPath state = state();
        assertThat(state.getString("phase")).isEqualTo(phase.name());
        assertThat(state.getString("primary")).isEqualTo(phase.primary().word());
        assertThat(state.getString("follower"))
                .isEqualTo(phase.follower().map(store -> store.word()).orElse(null));
        assertThat(given().get("/health").jsonPath().getString("database")).isEqualTo("connected");
    }

    @Test
    void a_write_reaches_the_follower_and_both_stores_hold_the_same() {
        create();
        create();
        call().body("{\"amount\":1}").put(root() + "/" + id(1));
        call().delete(root() + "/" + id(2));
        if (!phase.dual()) {
            return;
        }
        awaitFollower();

        assertThat(digest("json", "served")).isEqualTo(digest("postgres", "served"));
        assertThat(digest("json", "disk")).isEqualTo(digest("postgres", "served"));
    }

    @Test
    void a_jump_is_refused_and_so_is_everybody_without_the_services_token() {
        Phase far = Phase.values()[(phase.ordinal() + 2) % 4];
        problem(service().body(order(far)).post(InternalApi.ROOT + "/phase"), 409, "conflict");
        problem(operator().body(order(far)).post(InternalApi.ROOT + "/phase"), 403, "forbidden");
        problem(call().body(order(far)).post(InternalApi.ROOT + "/phase"), 401, "unauthenticated");
        assertThat(current()).isEqualTo(phase);
    }

    @Test
    void every_metric_of_a_ledger_that_the_alert_rules_read_is_served() throws IOException {
        assertThat(AlertRules.metrics("ledger_"))
                .isNotEmpty()
                .isSubsetOf(AlertRules.served(given().get("/q/metrics").asString()));
    }

    @Test
    void what_the_metrics_tell_of_a_ledger_outlives_a_garbage_collection() {
        System.gc();
        assertThat(given().get("/q/metrics").asString().lines())
                .filteredOn(line -> line.startsWith("ledger_"))
                .isNotEmpty()
                .noneMatch(line -> line.endsWith(" NaN"));
    }

    private void step(Phase next) {
        boolean fresh = current() == Phase.JSON_ONLY;
        // what a slow moment ended is asked for again; what became of a decision without an answer is looked for
        soon().untilAsserted(() -> {
            if (current() != next) {
                Response answer = service().body(order(next)).post(InternalApi.ROOT + "/phase");
                assertThat(current()).as(answer.asString()).isEqualTo(next);
            }
        });
        soon().until(() -> "connected".equals(state().getString("stores.postgres")));
        if (fresh) {
            soon().until(() -> service().post(InternalApi.ROOT + "/backfill").statusCode() == 202);
            soon().until(() -> service()
                    .get(InternalApi.ROOT + "/backfill")
                    .jsonPath()
                    .getString("state")
                    .equals("succeeded"));
        }
        if (next.dual()) {
            awaitFollower();
        }
    }

    private void awaitFollower() {
        soon().until(() -> state().getString("follower_state").equals("following"));
        long head = service()
                .get(InternalApi.ROOT + "/head?store=" + state().getString("primary"))
                .jsonPath()
                .getLong("position");
        Response passed = service().get(InternalApi.ROOT + "/follower/await?millis=20000&position=" + head);
        assertThat(passed.statusCode()).as(passed.asString()).isEqualTo(200);
    }

    private JsonPath state() {
        return service().get(InternalApi.ROOT + "/state").jsonPath();
    }

    private Phase current() {
        return Phase.valueOf(state().getString("phase"));
    }

    /** Counts and digests of all buckets, without the position, which differs from store to store. */
    private List<Object> digest(String store, String source) {
        JsonPath digests = service()
                .get(InternalApi.ROOT + "/digests?buckets=16&store=" + store + "&source=" + source)
                .jsonPath();
        return List.of(digests.getList("counts"), digests.getList("high"), digests.getList("low"));
    }

    private static String order(Phase target) {
        return "{\"target\":\"" + target + "\",\"actor\":\"test\",\"reason\":\"the contract in every phase\"}";
    }

    private RequestSpecification service() {
        return given().contentType("application/json").header("Authorization", "Bearer " + SERVICE);
    }
}
