package io.homebudget.migration.runs;

import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.migration.ledgers.LedgerAway;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;

/** Has the follower filled where it needs it, and watches. The ledger service itself goes on where an interrupted one stopped. */
@ApplicationScoped
class BackfillStep implements StepWork {

    /** The ledger service tells some of its state from a memory that is up to a second old. */
    static final Duration TOLD_LATE = Duration.ofMillis(2_500);

    private final Clock clock;

    BackfillStep(Clock clock) {
        this.clock = clock;
    }

    @Override
    public StepName name() {
        return StepName.BACKFILL;
    }

    @Override
    public Uni<StepResult> look(RunTask task, Step step) {
        return task.ledger().backfill().chain(backfill -> {
            boolean ofThisPhase = backfill.epoch() >= task.changedEpoch();
            if ("succeeded".equals(backfill.state()) && ofThisPhase) {
                return Uni.createFrom().item(StepResult.finished(report(backfill)));
            }
            if ("running".equals(backfill.state())) {
                return Uni.createFrom().item(watch(backfill));
            }
            if (task.run().forward() && !("failed".equals(backfill.state()) && ofThisPhase)) {
                return task.ledger().startBackfill().map(BackfillStep::watch);
            }
            String follower = String.valueOf(task.state().followerState());
            return switch (follower) {
                case "following" -> Uni.createFrom().item(spared(task, step));
                case "needs_backfill" ->
                    "failed".equals(backfill.state()) && ofThisPhase
                            ? restarted(task, backfill)
                            : task.ledger().startBackfill().map(BackfillStep::watch);
                case "backfilling" -> Uni.createFrom().item(watch(backfill));
                default ->
                    Uni.createFrom()
                            .failure(new LedgerAway(
                                    task.run().kindOf(), "its follower is " + follower.replace('_', ' '), null));
            };
        });
    }

    /**
     * A follower that is new is always filled. One that stood still at a known position is caught up by the log, if the ledger
     * service still says so after it had time to look.
     */
    private StepResult spared(RunTask task, Step step) {
        boolean toldLongEnough = step.startedAt.plus(TOLD_LATE).isBefore(clock.instant());
        return toldLongEnough && !task.run().forward()
                ? StepResult.skipped("the follower needs none: the log brings it up to date")
                : StepResult.again(0, 0, "looking whether the follower needs filling");
    }

    /** Goes on with the failed one, and has the driver wait before it looks again. */
    private static Uni<StepResult> restarted(RunTask task, BackfillState failed) {
        return task.ledger().startBackfill().chain(again -> Uni.createFrom()
                .failure(new LedgerAway(
                        task.run().kindOf(), "the backfill failed and goes on: " + failed.error(), null)));
    }

    private static StepResult watch(BackfillState backfill) {
        return StepResult.again(backfill.done(), backfill.total(), "filling " + backfill.target());
    }

    private static String report(BackfillState backfill) {
        return String.format(
                Locale.ROOT,
                "%d rows into %s in %.2f s: %d written, %d removed",
                backfill.total(),
                backfill.target(),
                backfill.seconds(),
                backfill.written(),
                backfill.removed());
    }
}
