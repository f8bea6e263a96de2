package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.e2e.check.Proof;
import io.homebudget.e2e.check.ServiceLogs;
import io.homebudget.e2e.load.Clients;
import io.homebudget.e2e.load.History;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 in the middle of writes, in each phase: nothing acknowledged is lost, nothing deleted is back, both stores agree. */
class KilledIT {
    private static final int PER_SECOND = 100;
    private static final List<String> THERE_AND_BACK = List.of(
            "JSON_ONLY", "DUAL_WRITE", "DATABASE_READS", "DATABASE_ONLY", "DATABASE_READS", "DUAL_WRITE", "JSON_ONLY");

    @TempDir
    Path folder;

    @Test
    @Timeout(value = 900, unit = TimeUnit.SECONDS)
    void one_or_two_are_killed_in_each_phase() throws Exception {
        kill(
                "killed",
                List.of("JSON_ONLY", "DUAL_WRITE", "DATABASE_READS", "DATABASE_ONLY"),
                Map.of(
                        "JSON_ONLY", List.of("expense"),
                        "DUAL_WRITE", List.of("postgres", "income"),
                        "DATABASE_READS", List.of("kafka", "expense"),
                        "DATABASE_ONLY", List.of("postgres", "migration")));
    }

    @Test
    @Tag("faults")
    @Timeout(value = 1_800, unit = TimeUnit.SECONDS)
    void everyone_is_killed_in_each_phase_there_and_back() throws Exception {
        List<String> all = List.of("expense", "postgres", "kafka", "migration", "income", "front-door");
        kill(
                "killed-all",
                THERE_AND_BACK,
                Map.of("JSON_ONLY", all, "DUAL_WRITE", all, "DATABASE_READS", all, "DATABASE_ONLY", all));
    }

    private void kill(String name, List<String> phases, Map<String, List<String>> victims) throws Exception {
        try (Stack stack = new Stack(folder.resolve(name))) {
            stack.ready();
            Moves moves = new Moves(stack);
            Report report = new Report(name);
            History history;
            try (Clients clients = Clients.start(stack, PER_SECOND, 2, "expense", "income")) {
                clients.awaitWorking("expense", 50);
                for (String phase : phases) {
                    report.step(phase, () -> moves.take(phase, "expense", "income"));
                    for (String victim : victims.get(phase)) {
                        report.step("kill -9 " + victim + " in " + phase, () -> {
                            clients.awaitWorking("income", 20);
                            stack.killAndAwaitSuccessor(victim);
                            clients.awaitWorking("expense", 50);
                            clients.awaitWorking("income", 50);
                        });
                    }
                }
                clients.stop();
                clients.settle();
                history = clients.stop();
            }
            report.line(history.summary());
            report.lines("complaints in the logs", ServiceLogs.complaints(stack));
            assertThat(new Proof(stack, moves).problems(history)).isEmpty();
        }
    }
}
