package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.check.Proof;
import io.homebudget.e2e.load.Clients;
import io.homebudget.e2e.load.History;
import io.homebudget.e2e.load.Operation;
import io.homebudget.e2e.load.Operation.Outcome;
import io.homebudget.e2e.load.Operation.Verb;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL goes away for a while. While it follows, nobody notices; while it rules, one call gives the rule to JSON. */
@Timeout(value = 900, unit = TimeUnit.SECONDS)
class PostgresAwayIT {
    private static final int PER_SECOND = 100;
    private static final Duration CATCH_UP_LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void in_dual_write_clients_notice_nothing_and_it_catches_up_by_itself() throws Exception {
        try (Stack stack = new Stack(folder.resolve("follower-away"))) {
            stack.ready();
            Moves moves = new Moves(stack);
            Report report = new Report("follower-away");
            moves.take("DUAL_WRITE", "expense", "income");
            Clients.warmUp(stack, 150);
            History history;
            try (Clients clients = Clients.start(stack, PER_SECOND, 3, "expense", "income")) {
                clients.awaitWorking("expense", 50);
                stack.did("stop", "postgres");
                clients.awaitWorking("expense", 200);
                clients.awaitWorking("income", 200);
                for (String kind : Stack.KINDS) {
                    JsonNode state = moves.state(kind);
                    report.line(kind + " waits with " + state.path("follower_lag") + " changes");
                    assertThat(state.path("follower_lag").asLong())
                            .as("%s", state)
                            .isPositive();
                    assertThat(state.path("in_sync").asBoolean())
                            .as("%s", state)
                            .isFalse();
                }
                stack.did("start", "postgres");
                for (String kind : Stack.KINDS) {
                    report.step(kind + " catches up", () -> moves.awaitCaughtUp(kind, CATCH_UP_LIMIT));
                }
                clients.awaitWorking("expense", 50);
                history = clients.stop();
            }
            report.line(history.summary());

            assertThat(history.failed()).as("requests that failed").isEmpty();
            assertThat(new Proof(stack, moves).problems(history)).isEmpty();
        }
    }

    @Test
    void in_database_reads_reads_go_on_and_one_call_goes_back_to_json_with_kafka_and_migration_stopped()
            throws Exception {
        try (Stack stack = new Stack(folder.resolve("primary-away"))) {
            stack.ready();
            Moves moves = new Moves(stack);
            Report report = new Report("primary-away");
            moves.take("DATABASE_READS", "expense", "income");
            Clients.warmUp(stack, 150);
            History history;
            List<Operation> away;
            try (Clients clients = Clients.start(stack, PER_SECOND, 4, "expense", "income")) {
                clients.awaitWorking("expense", 50);
                stack.did("stop", "migration");
                stack.did("stop", "kafka");
                for (String kind : Stack.KINDS) {
                    moves.awaitInSync(kind, CATCH_UP_LIMIT);
                }
                stack.did("stop", "postgres");
                int from = clients.count();
                try {
                    Awaitility.await("the follower serves reads")
                            .atMost(Duration.ofSeconds(20))
                            .until(() -> clients.operationsSince(from).stream()
                                            .filter(one -> "json-follower".equals(one.servedBy()))
                                            .count()
                                    > 50);
                } catch (ConditionTimeoutException e) {
                    throw new AssertionError(
                            moves.state("expense") + "\n" + History.some(clients.operationsSince(from)), e);
                }
                away = clients.operationsSince(from).stream()
                        .filter(one -> one.outcome() != Outcome.IN_FLIGHT)
                        .toList();
                for (String kind : Stack.KINDS) {
                    Stack.Ran rollback = stack.did("rollback", "--kind", kind);
                    report.line("ctl rollback of " + kind + " took "
                            + rollback.took().toMillis() + " ms: "
                            + rollback.output().strip());
                    assertThat(rollback.took()).isLessThan(Duration.ofSeconds(5));
                    assertThat(moves.phase(kind)).isEqualTo("DUAL_WRITE");
                }
                clients.awaitWorking("expense", 100);
                clients.awaitWorking("income", 100);
                stack.did("start", "postgres");
                stack.did("start", "kafka");
                stack.did("start", "migration");
                for (String kind : Stack.KINDS) {
                    report.step(kind + " catches up", () -> moves.awaitCaughtUp(kind, CATCH_UP_LIMIT));
                    report.line(kind + " orphans: " + moves.state(kind).path("orphans"));
                }
                clients.awaitWorking("expense", 50);
                clients.stop();
                clients.settle();
                history = clients.stop();
            }
            report.line("while it was away: " + new History(away, history.initial()).summary());
            report.line(history.summary());

            assertThat(away)
                    .filteredOn(one -> one.verb == Verb.READ)
                    .as("reads while the primary is away")
                    .allMatch(one -> one.acknowledged() || one.outcome() == Outcome.ABSENT);
            assertThat(away)
                    .filteredOn(Operation::writes)
                    .as("writes while the primary is away")
                    .allMatch(one -> !one.acknowledged() && one.millis() - one.lateMillis() < 2_500);
            assertThat(new Proof(stack, moves).problems(history)).isEmpty();
        }
    }
}
