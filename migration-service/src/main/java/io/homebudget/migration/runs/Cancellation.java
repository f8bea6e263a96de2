package io.homebudget.migration.runs;

import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.migration.ledgers.LedgerRefused;
import io.smallrye.mutiny.Uni;

/** Takes a run back to where the ledger stood before it, looking each time at where it stands now. */
final class Cancellation {
    private Cancellation() {}

    /** @param finished whether the run is over; {@code note} says how the ledger stands */
    record Outcome(boolean finished, String note) {}

    static Uni<Outcome> look(RunTask task) {
        Run run = task.run();
        if (task.state().phase() == run.from()) {
            return Uni.createFrom().item(new Outcome(true, "Cancelled; the ledger is back in " + run.fromPhase + "."));
        }
        if (task.state().phase() != run.to() || !Plan.mayUndo(run.from(), run.to())) {
            return Uni.createFrom()
                    .item(new Outcome(
                            true,
                            "Cancelled; the ledger stands in " + task.state().phase() + "."));
        }
        PhaseChange back =
                new PhaseChange(run.from(), task.state().epoch(), false, run.actor, "cancelled run " + run.id);
        return stopFilling(task)
                .chain(() -> task.ledger().changePhase(back))
                .map(done -> new Outcome(false, "going back"))
                .onFailure(LedgerRefused.class)
                .recoverWithItem(refused -> new Outcome(
                        true,
                        "Cancelled, but the ledger stands in " + task.state().phase() + ": " + refused.getMessage()));
    }

    private static Uni<Void> stopFilling(RunTask task) {
        return task.ledger()
                .backfill()
                .chain(backfill -> "running".equals(backfill.state())
                        ? task.ledger().cancelBackfill().replaceWithVoid()
                        : Uni.createFrom().voidItem());
    }
}
