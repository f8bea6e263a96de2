package io.homebudget.migration.runs;

import io.homebudget.migration.gates.Check;
import io.homebudget.migration.gates.GateKeeper;
import io.homebudget.migration.gates.Gates;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.stream.Collectors;

/** Asks the gates once more: between the order and now, minutes may have passed. */
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
                .map(checks -> {
                    List<Check> closed = Gates.closed(checks);
                    return closed.isEmpty()
                            ? StepResult.finished(checks.size() + " gates open")
                            : StepResult.failed(closed.stream()
                                    .map(check -> check.name() + ": " + check.reason() + " " + check.advice())
                                    .collect(Collectors.joining("; ")));
                });
    }
}
