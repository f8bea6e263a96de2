package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.e2e.check.Proof;
import io.homebudget.e2e.load.Clients;
import io.homebudget.e2e.load.History;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process is stopped for a while and goes on where it stood, as after a pause of a virtual machine. */
@Timeout(value = 900, unit = TimeUnit.SECONDS)
class FrozenIT {
    private static final Duration FROZEN = Duration.ofSeconds(4);

    @TempDir
    Path folder;

    @Test
    void thawed_after_or_during_a_phase_change_it_loses_nothing() throws Exception {
        try (Stack stack = new Stack(folder.resolve("frozen"))) {
            stack.ready();
            Moves moves = new Moves(stack);
            Report report = new Report("frozen");
            History history;
            try (Clients clients = Clients.start(stack, 60, 5, "expense", "income")) {
                clients.awaitWorking("expense", 50);
                report.step(
                        "migration frozen on the way to DUAL_WRITE",
                        () -> frozen(stack, moves, "migration", "DUAL_WRITE"));
                report.step(
                        "expense frozen on the way to DATABASE_READS",
                        () -> frozen(stack, moves, "expense", "DATABASE_READS"));
                moves.take("DATABASE_READS", "income");
                clients.awaitWorking("expense", 20);
                report.step("PostgreSQL frozen, rollback, thawed after the change", () -> {
                    moves.awaitInSync("expense", Duration.ofSeconds(60));
                    stack.freeze("postgres");
                    Stack.Ran rollback = stack.did("rollback", "--kind", "expense");
                    report.line("rollback took " + rollback.took().toMillis() + " ms: "
                            + rollback.output().strip());
                    assertThat(moves.phase("expense")).isEqualTo("DUAL_WRITE");
                    clients.awaitWorking("expense", 50);
                    stack.thaw("postgres");
                    moves.awaitCaughtUp("expense", Duration.ofSeconds(60));
                    moves.awaitCaughtUp("income", Duration.ofSeconds(60));
                });
                clients.awaitWorking("income", 50);
                clients.stop();
                clients.settle();
                history = clients.stop();
            }
            report.line(history.summary());
            assertThat(new Proof(stack, moves).problems(history)).isEmpty();
        }
    }

    private static void frozen(Stack stack, Moves moves, String member, String target) throws Exception {
        String run = moves.begin("expense", target);
        moves.followUntil(run, seen -> Moves.step(seen).equals("phase_change"));
        stack.freeze(member);
        long until = System.nanoTime() + FROZEN.toNanos();
        Awaitility.await("frozen long enough").atMost(FROZEN.plusSeconds(30)).until(() -> System.nanoTime() > until);
        stack.thaw(member);
        moves.follow(run);
        moves.take(target, "expense");
    }
}
