package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.check.Proof;
import io.homebudget.e2e.load.Clients;
import io.homebudget.e2e.load.History;
import io.homebudget.e2e.stack.Api;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A32: whoever is started first waits for nobody and gives up on nobody. */
class StartOrdersIT {
    /** To find PostgreSQL takes one look, which a busy machine draws out. */
    private static final Duration FIRST_WRITE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    @Timeout(value = 900, unit = TimeUnit.SECONDS)
    void a32_json_only_serves_without_postgresql_and_kafka_and_takes_them_in_when_they_come() throws Exception {
        try (Stack stack = new Stack(folder.resolve("start-orders"))) {
            stack.ready("--without", "postgres", "--without", "kafka");
            Moves moves = new Moves(stack);
            Report report = new Report("start-orders");
            History history;
            try (Clients clients = Clients.start(stack, 60, 6, "expense", "income")) {
                clients.awaitWorking("expense", 60);
                clients.awaitWorking("income", 60);
                stack.did("start", "kafka");
                stack.did("start", "postgres");
                for (String kind : Stack.KINDS) {
                    moves.awaitPublished(kind, Duration.ofSeconds(60));
                }
                report.step("to DUAL_WRITE", () -> moves.take("DUAL_WRITE", "expense", "income"));
                history = clients.stop();
            }
            report.line(history.summary());
            assertThat(history.failed()).as("requests that failed").isEmpty();
            assertThat(new Proof(stack, moves).problems(history)).isEmpty();

            // services before the stores, the front door first
            report.step(
                    "services first",
                    () -> anew(
                            stack,
                            List.of("front-door", "migration", "income", "expense", "backup", "kafka", "postgres")));
            serves(stack, "expense");
        }
    }

    @Test
    @Tag("faults")
    @Timeout(value = 1_800, unit = TimeUnit.SECONDS)
    void a32_every_member_first_once_and_last_once_in_every_phase() throws Exception {
        try (Stack stack = new Stack(folder.resolve("start-orders-all"))) {
            stack.ready();
            Moves moves = new Moves(stack);
            Report report = new Report("start-orders-all");
            for (String phase : Moves.PHASES) {
                moves.take(phase, "expense", "income");
                for (int first = 0; first < Stack.MEMBERS.size(); first++) {
                    List<String> order = new ArrayList<>(Stack.MEMBERS);
                    Collections.rotate(order, first);
                    report.step(phase + " " + order, () -> anew(stack, order));
                    serves(stack, "expense");
                    serves(stack, "income");
                }
            }
        }
    }

    /** Stops all under the running {@code up}, then starts one after the other, not waiting for any to be ready. */
    private static void anew(Stack stack, List<String> order) throws Exception {
        List<String> stopping = new ArrayList<>(Stack.MEMBERS);
        Collections.reverse(stopping);
        for (String member : stopping) {
            stack.did("stop", member);
        }
        List<CompletableFuture<Stack.Ran>> starts = new ArrayList<>();
        for (String member : order) {
            starts.add(CompletableFuture.supplyAsync(() -> {
                try {
                    return stack.did("start", member);
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            }));
            Awaitility.await(member + " has a process")
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(50))
                    .ignoreExceptions()
                    .until(() -> ProcessHandle.of(stack.pid(member)).isPresent());
        }
        for (CompletableFuture<Stack.Ran> start : starts) {
            start.get(150, TimeUnit.SECONDS);
        }
    }

    /** Reads at once; writes within the moment that a service may need to find the store that rules. */
    private static void serves(Stack stack, String kind) throws Exception {
        Api front = Api.of(stack, "front-door", null);
        JsonNode first =
                front.get("/api/v1/" + kind + "?limit=1").must(200).json().path(0);
        Map<String, Object> edit = Map.of("field", "notes", "value", "seen at " + System.nanoTime());
        Awaitility.await(kind + " takes writes").atMost(FIRST_WRITE).until(() -> {
            Api.Answer answer = front.patch("/api/v1/" + kind + "/" + first.path("id"), edit);
            return answer.status() != 503 && answer.must(200).status() == 200;
        });
    }
}
