package io.homebudget.migration.runs;

import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.ledgers.LedgerAway;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;

/** Waits until the follower has passed a position at which the primary stood a moment ago. */
@ApplicationScoped
class CatchUpStep implements StepWork {
    /** One look lasts at most this long, so that a cancellation is noticed. */
    private static final long LOOK_MILLIS = 1_500;

    private final Clock clock;

    CatchUpStep(Clock clock) {
        this.clock = clock;
    }

    @Override
    public StepName name() {
        return StepName.CATCH_UP;
    }

    @Override
    public Uni<StepResult> look(RunTask task, Step step) {
        String follower = String.valueOf(task.state().followerState());
        boolean toldLongEnough = step.startedAt.plus(BackfillStep.TOLD_LATE).isBefore(clock.instant());
        if ("needs_backfill".equals(follower) && !toldLongEnough) {
            // right after a filling its state may still be the one before
            return Uni.createFrom().item(StepResult.again(0, 0, "looking whether the follower needs filling"));
        }
        if ("needs_backfill".equals(follower)) {
            // its log was cut while it was away
            return task.ledger()
                    .startBackfill()
                    .map(filling -> StepResult.again(filling.done(), filling.total(), "filling"));
        }
        if (!"following".equals(follower)) {
            return Uni.createFrom()
                    .failure(
                            new LedgerAway(task.run().kindOf(), "its follower is " + follower.replace('_', ' '), null));
        }
        StoreName primary = task.state().phase().primary();
        long stands = task.state().followerPosition();
        return task.ledger().head(primary).chain(head -> task.ledger()
                .awaitFollower(head, LOOK_MILLIS)
                .map(passed -> StepResult.finished("the follower passed position " + head))
                .onFailure(LedgerAway.class)
                .recoverWithItem(() -> StepResult.again(stands, head, "the follower is at " + stands + " of " + head)));
    }
}
