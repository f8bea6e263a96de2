package io.homebudget.migration.runs;

import io.homebudget.migration.ledgers.LedgerRefused;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** Has the JSON files archived as the old backend reads them. */
@ApplicationScoped
class ArchiveStep implements StepWork {
    private static final int NOT_FOUND = 404;
    private static final int NOT_OFFERED = 501;

    @Override
    public StepName name() {
        return StepName.ARCHIVE;
    }

    @Override
    public Uni<StepResult> look(RunTask task, Step step) {
        return task.ledger()
                .archive()
                .map(path -> {
                    task.archivedAt(path);
                    return StepResult.finished(path);
                })
                .onFailure(LedgerRefused.class)
                .recoverWithItem(failure -> {
                    int status = ((LedgerRefused) failure).status();
                    return status == NOT_FOUND || status == NOT_OFFERED
                            ? StepResult.skipped("the ledger service makes no archives yet")
                            : StepResult.failed(failure.getMessage());
                });
    }
}
