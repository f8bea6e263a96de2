package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.check.Proof;
import io.homebudget.e2e.load.Clients;
import io.homebudget.e2e.load.History;
import io.homebudget.e2e.load.LargeLedger;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 at each named step of a phase change and in the middle of a backfill, while clients write: the run goes on or says why. */
class KilledAtStepsIT {
    private static final int PER_SECOND = 60;

    @TempDir
    Path folder;

    /** One kill. */
    private record Blow(String target, String step, String victim) {}

    @Test
    @Timeout(value = 900, unit = TimeUnit.SECONDS)
    void the_backfill_and_the_change_of_rule_survive_a_kill() throws Exception {
        strike(
                "steps",
                20_000,
                List.of(
                        new Blow("DUAL_WRITE", "backfill", "expense"),
                        new Blow("DATABASE_READS", "verification", "migration"),
                        new Blow("DATABASE_ONLY", "phase_change", "postgres")));
    }

    @Test
    @Tag("faults")
    @Timeout(value = 3_600, unit = TimeUnit.SECONDS)
    void every_step_of_every_change_survives_a_kill_of_everyone() throws Exception {
        for (String victim : List.of("expense", "postgres", "migration", "kafka")) {
            strike(
                    "steps-" + victim,
                    100_000,
                    List.of(
                            new Blow("DUAL_WRITE", "gates", victim),
                            new Blow("JSON_ONLY", "phase_change", victim),
                            new Blow("DUAL_WRITE", "phase_change", victim),
                            new Blow("JSON_ONLY", "verification", victim),
                            new Blow("DUAL_WRITE", "backfill", victim),
                            new Blow("JSON_ONLY", "gates", victim),
                            new Blow("DUAL_WRITE", "catch_up", victim),
                            new Blow("DATABASE_READS", "verification", victim),
                            new Blow("DUAL_WRITE", "phase_change", victim),
                            new Blow("DATABASE_READS", "phase_change", victim),
                            new Blow("DATABASE_ONLY", "phase_change", victim),
                            new Blow("DATABASE_READS", "phase_change", victim),
                            new Blow("DATABASE_ONLY", "archive", victim),
                            new Blow("DATABASE_READS", "backfill", victim),
                            new Blow("DUAL_WRITE", "catch_up", victim)));
        }
    }

    private void strike(String name, int entries, List<Blow> blows) throws Exception {
        try (Stack stack = new Stack(folder.resolve(name))) {
            stack.ready(
                    "--import",
                    LargeLedger.write(folder.resolve(name + "-import"), entries).toString());
            Moves moves = new Moves(stack);
            Report report = new Report(name);
            History history;
            try (Clients clients = Clients.start(stack, PER_SECOND, 9, "expense")) {
                clients.awaitWorking("expense", 30);
                for (Blow blow : blows) {
                    report.step(blow.toString(), () -> strike(stack, moves, report, blow));
                    clients.awaitWorking("expense", 30);
                }
                clients.stop();
                clients.settle();
                history = clients.stop();
            }
            report.line(history.summary());
            assertThat(new Proof(stack, moves).problems(history)).isEmpty();
        }
    }

    private static void strike(Stack stack, Moves moves, Report report, Blow blow) throws Exception {
        String id = moves.begin("expense", blow.target());
        JsonNode seen = moves.followUntil(id, run -> Moves.step(run).equals(blow.step()));
        report.line("killing " + blow.victim() + " at " + (Moves.over(seen) ? "the end, too late" : Moves.step(seen)));
        stack.killAndAwaitSuccessor(blow.victim());
        JsonNode end = moves.follow(id);
        report.line("the run " + end.path("state").asText() + " "
                + end.path("error").asText(""));
        moves.take(blow.target(), "expense");
    }
}
