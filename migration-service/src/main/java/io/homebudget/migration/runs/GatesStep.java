package io.homebudget.migration.runs;

import io.homebudget.migration.gates.Check;
import io.homebudget.migration.gates.GateKeeper;
import io.homebudget.migration.gates.Gates;
import io.homebudget.migration.ledgers.LedgerAway;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.stream.Collectors;

/** Asks the gates once more: between the order and now, minutes may have passed. Nothing was changed yet. */
@ApplicationScoped
class GatesStep implements StepWork {
    private final GateKeeper keeper;

    GatesStep(GateKeeper keeper) {
        this.keeper = keeper;
    }

    @Override
    public StepName name() {
        return StepName.GATES;
    }

    @Override
    public Uni<StepResult> look(RunTask task, Step step) {
        if (task.state().phase() == task.run().to()) {
            return Uni.createFrom().item(StepResult.skipped("the ledger is in " + task.run().target + " already"));
        }
        return keeper.check(task.run().kindOf(), task.state(), task.run().to(), () -> Uni.createFrom()
                        .item(false))
                .map(checks -> judge(task, checks));
    }

    /** A gate that closed for a moment is waited for; the driver ends that where nothing moves for the configured time. */
    private static StepResult judge(RunTask task, List<Check> checks) {
        List<Check> closed = Gates.closed(checks);
        if (closed.isEmpty()) {
            return StepResult.finished(checks.size() + " gates open");
        }
        String why = closed.stream()
                .map(check -> check.name() + ": " + check.reason() + " " + check.advice())
                .collect(Collectors.joining("; "));
        if (Gates.onlyPassing(checks)) {
            throw new LedgerAway(task.run().kindOf(), "a gate is closed. " + why, null);
        }
        return StepResult.failed(why);
    }
}
