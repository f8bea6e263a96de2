package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Standing;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.testing.Sample;
import io.homebudget.ledger.storage.testing.TcpRelay;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A decision whose server hangs in the middle of it. What is said of it afterwards stays true: else the old rule would be served
 * again, and overtaken by the new one later, with writes in between that only one store has.
 */
@Tag("A36")
class PostgresDecisionIT {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Rule RULE = new Rule(1, Phase.DATABASE_READS);
    private static final Rule NEXT = new Rule(2, Phase.DUAL_WRITE);
    private static PostgresFixture postgres;
    private TcpRelay relay;
    private PostgresStore store;
    private PostgresStore relayed;

    @BeforeAll
    static void start() {
        postgres = new PostgresFixture(Kind.EXPENSE);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @BeforeEach
    void open() {
        postgres.reset();
        store = postgres.openPrimary(RULE, PostgresFixture.PATIENT);
        relay = new TcpRelay(postgres.database.port());
        relayed = postgres.openThrough(relay);
    }

    @AfterEach
    void close() {
        relayed.close();
        relay.close();
        store.close();
    }

    @Test
    void a_decision_that_was_given_up_does_not_happen_when_the_server_goes_on() throws Exception {
        CompletableFuture<Void> hangs = relay.freezeAfter("SHARE ROW EXCLUSIVE");
        CompletableFuture<Long> decision = relayed.decide(RULE, NEXT).subscribeAsCompletionStage();
        assertThat(hangs).succeedsWithin(LIMIT);
        assertThat(decision).failsWithin(LIMIT).withThrowableThat().withCauseInstanceOf(StoreAway.class);

        relay.pass();
        Awaitility.await().atMost(LIMIT).until(PostgresDecisionIT::nobodyIsInATransaction);

        assertThat(store.standing().await().atMost(LIMIT).decided()).contains(RULE);
        assertThat(store.write(Sample.create(1), RULE.epoch()).await().atMost(LIMIT))
                .isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    void who_rules_is_not_said_before_a_decision_on_its_way_has_ended() throws Exception {
        CompletableFuture<Void> hangs = relay.freezeBefore("COMMIT");
        CompletableFuture<Long> decision = relayed.decide(RULE, NEXT).subscribeAsCompletionStage();
        assertThat(hangs).succeedsWithin(LIMIT);

        CompletableFuture<Standing> asked = store.standing().subscribeAsCompletionStage();
        Awaitility.await()
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> asked.isDone() || postgres.waiting() == 1);
        relay.pass();

        assertThat(decision).succeedsWithin(LIMIT);
        assertThat(asked).succeedsWithin(LIMIT).satisfies(standing -> assertThat(standing.decided())
                .contains(NEXT));
    }

    private static boolean nobodyIsInATransaction() throws Exception {
        return postgres.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND xact_start IS NOT NULL AND pid <> pg_backend_pid()")
                .equals("0");
    }
}
