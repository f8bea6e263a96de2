package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.e2e.check.Events;
import io.homebudget.e2e.check.Explanation;
import io.homebudget.e2e.check.ServiceLogs;
import io.homebudget.e2e.check.Stores;
import io.homebudget.e2e.load.Clients;
import io.homebudget.e2e.load.History;
import io.homebudget.e2e.load.Row;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The promise itself: all the way to PostgreSQL and all the way back, and nobody notices. */
@Timeout(value = 900, unit = TimeUnit.SECONDS)
class MoveUnderLoadIT {
    /** 200 is the promise. */
    private static final int PER_SECOND = Integer.getInteger("e2e.per.second", 200);
    /** Writes of each kind before the move: what is moved has been in use. */
    private static final int WARM_UP = Integer.getInteger("e2e.warm.up", 5_000);
    /** The promise. A machine that is busy with other things cannot show it; there it may be raised. */
    private static final long LONGEST_MILLIS = Long.getLong("e2e.longest.millis", 1_000);

    @TempDir
    Path folder;

    @Test
    void both_kinds_go_all_the_way_and_back_while_no_request_fails_or_takes_longer_than_a_second() throws Exception {
        try (Stack stack = new Stack(folder.resolve("move-under-load"))) {
            stack.ready();
            Moves moves = new Moves(stack);
            Report report = new Report("move-under-load");
            Clients.warmUp(stack, PER_SECOND, WARM_UP);
            History history;
            try (Clients clients = Clients.start(stack, PER_SECOND, 1, "expense", "income")) {
                clients.awaitWorking("expense", 200);
                for (String target : new String[] {
                    "DUAL_WRITE", "DATABASE_READS", "DATABASE_ONLY", "DATABASE_READS", "DUAL_WRITE", "JSON_ONLY"
                }) {
                    report.step(target, () -> moves.take(target, "expense", "income"));
                    clients.awaitWorking("income", 100);
                }
                history = clients.stop();
            }
            report.line(history.summary());
            report.line("longest: " + history.longest());
            report.lines("seconds with requests of more than half a second", history.slowMoments(500));
            for (String kind : Stack.KINDS) {
                moves.awaitPublished(kind, Duration.ofSeconds(20));
            }
            Map<Long, Row> expenses = Stores.served(stack, "expense");
            Map<Long, Row> incomes = Stores.served(stack, "income");
            Events expenseEvents = Events.read(stack, "expense");
            Events incomeEvents = Events.read(stack, "income");
            report.line("events: " + expenseEvents.size() + " and " + incomeEvents.size());
            report.lines("complaints in the logs", ServiceLogs.complaints(stack));
            stack.did("down");

            assertThat(history.failed()).as("requests that failed").isEmpty();
            assertThat(Explanation.ofAnswers("expense", history)).isEmpty();
            assertThat(Explanation.ofAnswers("income", history)).isEmpty();
            assertThat(Explanation.ofEnd("expense", history, expenses)).isEmpty();
            assertThat(Explanation.ofEnd("income", history, incomes)).isEmpty();
            assertThat(expenseEvents.problems(history, expenses)).isEmpty();
            assertThat(incomeEvents.problems(history, incomes)).isEmpty();
            assertThat(Stores.file(stack.array("expense"))).isEqualTo(expenses);
            assertThat(Stores.file(stack.array("income"))).isEqualTo(incomes);
            assertThat(Stores.oldFormatProblems("expense", stack.array("expense")))
                    .isEmpty();
            assertThat(Stores.oldFormatProblems("income", stack.array("income")))
                    .isEmpty();
            assertThat(history.longestMillis())
                    .as("the longest request: %s", history.longest())
                    .isLessThan(LONGEST_MILLIS + history.latestSentMillis());
            assertThat(stack.running()).isEmpty();
        }
    }
}
