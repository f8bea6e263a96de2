package io.homebudget.migration.runs;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.migration.ledgers.LedgerService;
import java.util.List;
import java.util.Optional;

/**
 * A run as its owner sees it in one look: its row, its steps and the ledger, all read a moment ago. What a step learns for the
 * run as a whole it notes here; the driver saves it together with the step's result.
 */
public final class RunTask {
    private final Run run;
    private final List<Step> steps;
    private final LedgerService ledger;
    private final LedgerState state;
    private Long changedEpoch;
    private String archive;

    RunTask(Run run, List<Step> steps, LedgerService ledger, LedgerState state) {
        this.run = run;
        this.steps = steps;
        this.ledger = ledger;
        this.state = state;
        this.changedEpoch = run.changedEpoch;
        this.archive = run.archive;
    }

    public Run run() {
        return run;
    }

    public LedgerService ledger() {
        return ledger;
    }

    public LedgerState state() {
        return state;
    }

    Optional<Step> current() {
        return steps.stream().filter(Step::open).findFirst();
    }

    /** The epoch of the phase that this run brought about; null before. */
    public Long changedEpoch() {
        return changedEpoch;
    }

    void changedIn(long epoch) {
        changedEpoch = epoch;
    }

    void archivedAt(String path) {
        archive = path;
    }

    /** Copies what was learnt into the row. */
    void noteIn(Run row) {
        row.changedEpoch = changedEpoch;
        row.archive = archive;
        row.rejected = state.rejected();
    }
}
