package io.homebudget.migration.runs;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.migration.ledgers.LedgerRefused;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** Lets the ledger service change the phase. What came of an earlier, unanswered attempt is read from its state first. */
@ApplicationScoped
class PhaseChangeStep implements StepWork {

    @Override
    public StepName name() {
        return StepName.PHASE_CHANGE;
    }

    @Override
    public Uni<StepResult> look(RunTask task, Step step) {
        Run run = task.run();
        LedgerState state = task.state();
        if (state.phase() == run.to()) {
            task.changedIn(state.epoch());
            return Uni.createFrom().item(StepResult.finished("in " + run.target + " since epoch " + state.epoch()));
        }
        if (state.phase() != run.from()) {
            return Uni.createFrom()
                    .item(StepResult.failed("somebody else took the ledger to " + state.phase() + " meanwhile"));
        }
        PhaseChange change = new PhaseChange(run.to(), state.epoch(), run.acceptLoss, run.actor, run.reason);
        return task.ledger()
                .changePhase(change)
                .map(done -> {
                    task.changedIn(done.epoch());
                    return StepResult.finished("epoch " + done.epoch() + " from position " + done.position()
                            + ", writers held " + done.heldMillis() + " ms"
                            + (done.warning() == null ? "" : "; " + done.warning()));
                })
                .onFailure(LedgerRefused.class)
                .recoverWithItem(refused -> StepResult.failed(refused.getMessage()));
    }
}
