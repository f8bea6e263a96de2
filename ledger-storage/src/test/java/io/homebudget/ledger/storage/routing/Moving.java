package io.homebudget.ledger.storage.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.store.Standing;
import io.homebudget.ledger.storage.store.StoreAway;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ConditionFactory;

/**
 * Moves an engine as a run does: what a slow moment of the machine ended before its decision is asked for again. For tests that
 * want to be in a phase; those of the change itself ask once and look at the answer.
 */
final class Moving {
    /** Only ends what hangs. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Moving() {}

    /** A phase is reached in milliseconds, and on the way to most tests' subject are several: so the first look is at once. */
    static ConditionFactory soon(String what) {
        return await(what).atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10));
    }

    static boolean connected(LedgerEngine engine) {
        return "connected".equals(engine.state().stores().get("postgres"));
    }

    static PhaseChange.Done ask(LedgerEngine engine, Phase target, boolean acceptLoss) {
        return engine.changePhase(new PhaseChange(target, null, acceptLoss, "test", "a test moves it"))
                .await()
                .atMost(LIMIT);
    }

    /**
     * To a neighbour, until both stores serve it.
     *
     * @return what was said of the change; nothing where one without an answer turned out to have been decided
     */
    static List<PhaseChange.Done> step(LedgerEngine engine, Phase next) {
        List<PhaseChange.Done> done = new ArrayList<>();
        List<String> refusals = new CopyOnWriteArrayList<>();
        soon("in " + next).untilAsserted(() -> {
            try {
                if (engine.state().phase() != next) {
                    done.add(ask(engine, next, false));
                }
            } catch (PhaseChangeRefused refused) {
                refusals.add(refused.getMessage());
                LedgerError error = refused.refusal().error();
                boolean perhapsLater = error == LedgerError.NOT_WRITTEN || error == LedgerError.OUTCOME_UNKNOWN;
                if (!perhapsLater && engine.state().phase() != next) {
                    throw refused;
                }
            }
            assertThat(engine.state().phase()).as("%s", refusals).isEqualTo(next);
        });
        soon("PostgreSQL attached").until(() -> connected(engine));
        return done;
    }

    /** Fills the follower. One that PostgreSQL's return is still to bring is waited for. */
    static void backfill(LedgerEngine engine) {
        soon("a follower to fill")
                .ignoreExceptionsInstanceOf(PhaseChangeRefused.class)
                .until(() -> engine.startBackfill() != null);
        soon("backfill").until(() -> !engine.backfill().state().equals("running"));
        if (!engine.backfill().state().equals("succeeded")) {
            throw new AssertionError("backfill " + engine.backfill());
        }
    }

    /** Asked of the follower itself: the state may tell what was read a second ago. */
    static boolean follows(LedgerEngine engine) {
        return engine.follower()
                .map(follower -> follower.standing()
                        .onFailure(StoreAway.class)
                        .recoverWithNull()
                        .await()
                        .atMost(LIMIT))
                .filter(standing -> standing.followerState() == Standing.FollowerState.FOLLOWING)
                .isPresent();
    }
}
