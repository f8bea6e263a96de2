package io.homebudget.migration.runs;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.ledgers.LedgerAway;
import io.homebudget.migration.verify.VerificationRow;
import io.homebudget.migration.verify.Verifications;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Compares both stores (or the one in use with its log); the run goes on only where nothing differs. */
@ApplicationScoped
class VerificationStep implements StepWork {
    private final Verifications verifications;

    /** Verifications begun in this process, by run and step; one of a killed process is begun anew. */
    private final Map<String, UUID> begun = new ConcurrentHashMap<>();

    VerificationStep(Verifications verifications) {
        this.verifications = verifications;
    }

    @Override
    public StepName name() {
        return StepName.VERIFICATION;
    }

    @Override
    public Uni<StepResult> look(RunTask task, Step step) {
        String key = task.run().id + " " + step.ordinal;
        UUID id = begun.get(key);
        VerificationRow row = id == null ? null : verifications.here(id).orElse(null);
        if (row == null) {
            Kind kind = task.run().kindOf();
            return verifications
                    .begin(kind, task.run().id, task.run().actor, task.run().reason)
                    .invoke(started -> begun.put(key, started.id))
                    .map(started -> StepResult.again(0, started.total, "comparing"));
        }
        if (row.running()) {
            return Uni.createFrom().item(StepResult.again(row.done, row.total, "comparing"));
        }
        begun.remove(key);
        if (row.error != null) {
            return Uni.createFrom()
                    .failure(new LedgerAway(
                            task.run().kindOf(), "the verification could not be finished: " + row.error, null));
        }
        String found = row.compared + " compared, " + row.differences + " differences, " + row.falseAlarmsDropped
                + " false alarms dropped";
        return Uni.createFrom()
                .item(
                        row.clean()
                                ? StepResult.finished(found)
                                : StepResult.failed(
                                        found + ": see GET /api/v1/migration/discrepancies?kind=" + row.kind));
    }
}
