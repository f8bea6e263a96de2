package io.homebudget.e2e.stack;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Phase changes as an operator asks for them, and what the system says about itself. */
public final class Moves {
    public static final List<String> PHASES = List.of("JSON_ONLY", "DUAL_WRITE", "DATABASE_READS", "DATABASE_ONLY");
    private static final Duration RUN_LIMIT = Duration.ofSeconds(300);
    private static final int VERIFICATIONS = 5;
    private static final String ROOT = "/api/v1/migration";

    private final Stack stack;
    private final Api migration;

    public Moves(Stack stack) throws IOException {
        this.stack = stack;
        this.migration = Api.of(stack, "migration", "operator");
    }

    /**
     * Asks until it is taken in: a gate may open by itself, a service may be coming back. Where an answer was lost, the run that was
     * taken in all the same is this one. @return the run's id
     */
    public String begin(String kind, String target) {
        return begin(kind, target, false);
    }

    /** What a run would take, asked for as in {@link #begin}; nothing is changed. */
    public JsonNode forecast(String kind, String target) throws IOException, InterruptedException {
        return run(begin(kind, target, true)).path("forecast");
    }

    private String begin(String kind, String target, boolean dryRun) {
        String[] id = new String[1];
        StringBuilder last = new StringBuilder();
        // names the order: nobody else gives this reason
        String reason = "e2e " + UUID.randomUUID();
        try {
            Awaitility.await(kind + " to " + target + " is begun")
                    .atMost(RUN_LIMIT)
                    .pollInterval(Duration.ofMillis(200))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> {
                        Api.Answer answer = migration.post(
                                ROOT + "/runs",
                                Map.of(
                                        "kind", kind, "target", target, "consent", true, "dry_run", dryRun, "reason",
                                        reason));
                        last.setLength(0);
                        last.append(answer.status()).append(' ').append(answer.text());
                        id[0] = answer.status() == 202
                                ? answer.json().path("id").asText()
                                : ordered(kind, reason);
                        return id[0] != null;
                    });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(kind + " to " + target + " is not taken in: " + last, e);
        }
        return id[0];
    }

    /** The run with this reason; null where there is none. */
    private String ordered(String kind, String reason) throws IOException, InterruptedException {
        Api.Answer runs = migration.get(ROOT + "/runs?limit=5&kind=" + kind);
        if (runs.status() != 200) {
            return null;
        }
        for (JsonNode run : runs.json().path("items")) {
            if (run.path("reason").asText().equals(reason)) {
                return run.path("id").asText();
            }
        }
        return null;
    }

    public JsonNode run(String id) throws IOException, InterruptedException {
        return migration.get(ROOT + "/runs/" + id).must(200).json();
    }

    /** Follows a run across restarts of its service. */
    public JsonNode follow(String id) {
        return followUntil(id, run -> over(run));
    }

    public JsonNode followUntil(String id, Predicate<JsonNode> reached) {
        JsonNode[] last = new JsonNode[1];
        try {
            Awaitility.await("run " + id)
                    .atMost(RUN_LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(20))
                    .ignoreExceptions()
                    .until(() -> {
                        last[0] = run(id);
                        return over(last[0]) || reached.test(last[0]);
                    });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("a run does not end: " + last[0], e);
        }
        return last[0];
    }

    public static boolean over(JsonNode run) {
        return List.of("succeeded", "failed", "cancelled")
                .contains(run.path("state").asText());
    }

    /** The step under way; empty between steps. */
    public static String step(JsonNode run) {
        for (JsonNode step : run.path("steps")) {
            if (step.path("state").asText().equals("running")) {
                return step.path("name").asText();
            }
        }
        return "";
    }

    /** Takes kinds to a phase, through those between, one neighbour after the other; all must succeed. */
    public void take(String target, String... kinds) throws IOException, InterruptedException {
        int closedGates = 0;
        while (true) {
            Map<String, String> runs = new LinkedHashMap<>();
            for (String kind : kinds) {
                int now = PHASES.indexOf(phase(kind));
                int wanted = PHASES.indexOf(target);
                if (now != wanted) {
                    runs.put(kind, begin(kind, PHASES.get(now + Integer.signum(wanted - now))));
                }
            }
            if (runs.isEmpty()) {
                return;
            }
            for (Map.Entry<String, String> run : runs.entrySet()) {
                JsonNode end = follow(run.getValue());
                // a gate that closes between asking and running changed nothing: ask again
                boolean gate = end.path("error").asText().startsWith("gates:");
                if (!end.path("state").asText().equals("succeeded") && !(gate && ++closedGates < 20)) {
                    throw new AssertionError(run.getKey() + ": " + end.toPrettyString());
                }
            }
        }
    }

    /** Where the ledger service itself says it stands. */
    public JsonNode state(String kind) throws IOException, InterruptedException {
        return Api.of(stack, kind, "service")
                .get("/internal/v1/state")
                .must(200)
                .json();
    }

    public String phase(String kind) throws IOException, InterruptedException {
        JsonNode[] state = new JsonNode[1];
        Awaitility.await(kind + " knows its phase")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() -> (state[0] = state(kind)).hasNonNull("phase"));
        return state[0].path("phase").asText();
    }

    /** A phase change told to the ledger service itself, without migration-service. */
    public Api.Answer tell(String kind, String target) throws IOException, InterruptedException {
        return Api.of(stack, kind, "service")
                .post(
                        "/internal/v1/phase",
                        Map.of("target", target, "accept_loss", false, "actor", "e2e", "reason", "e2e"));
    }

    public void awaitState(String kind, String what, Duration limit, Predicate<JsonNode> reached) {
        JsonNode[] last = new JsonNode[1];
        try {
            Awaitility.await(kind + " " + what)
                    .atMost(limit)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(100))
                    .ignoreExceptions()
                    .until(() -> reached.test(last[0] = state(kind)));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(kind + " is not " + what + ": " + last[0], e);
        }
    }

    /** Waits until the follower has everything that was written before this call; clients may go on writing. */
    public void awaitCaughtUp(String kind, Duration limit) {
        long[] goal = {-1};
        awaitState(kind, "caught up", limit, state -> {
            if (!state.path("follower_state").asText().equals("following")) {
                return false;
            }
            long position = state.path("follower_position").asLong();
            if (goal[0] < 0) {
                goal[0] = position + state.path("follower_lag").asLong();
            }
            // where a follower lags it is not in sync, and under writes it lags a little most of the time
            return position >= goal[0]
                    && (state.path("phase").asText().equals("DUAL_WRITE")
                            || state.path("in_sync").asBoolean());
        });
    }

    /** Waits until the JSON store may take the rule at any moment. */
    public void awaitInSync(String kind, Duration limit) {
        awaitState(kind, "in sync", limit, state -> state.path("in_sync").asBoolean());
    }

    public void awaitPublished(String kind, Duration limit) {
        awaitState(
                kind,
                "published",
                limit,
                state -> state.path("publisher").asText().equals("running")
                        && state.path("publish_backlog").asLong() == 0);
    }

    /** A full verification, followed to its end; one that met a store which was away for a moment is made again. */
    public JsonNode verify(String kind) throws IOException, InterruptedException {
        JsonNode ended = verifyOnce(kind);
        for (int attempt = 1;
                attempt < VERIFICATIONS && ended.path("state").asText().equals("failed");
                attempt++) {
            ended = verifyOnce(kind);
        }
        return ended;
    }

    private JsonNode verifyOnce(String kind) throws IOException, InterruptedException {
        String[] id = new String[1];
        Awaitility.await("verification of " + kind + " begun")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> {
                    Api.Answer answer = migration.post(ROOT + "/verifications", Map.of("kind", kind));
                    if (answer.status() == 202) {
                        id[0] = answer.json().path("id").asText();
                    }
                    return id[0] != null;
                });
        JsonNode[] found = new JsonNode[1];
        Awaitility.await("verification of " + kind)
                .atMost(RUN_LIMIT)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() -> over(
                        found[0] = migration
                                .get(ROOT + "/verifications/" + id[0])
                                .must(200)
                                .json()));
        return found[0];
    }

    public JsonNode status(String kind) throws IOException, InterruptedException {
        return migration.patient().get(ROOT + "/status").must(200).json().path(kind);
    }
}
