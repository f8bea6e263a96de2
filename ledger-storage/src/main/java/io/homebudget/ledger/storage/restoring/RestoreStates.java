package io.homebudget.ledger.storage.restoring;

import io.homebudget.ledger.internal.RestoreState;
import io.homebudget.ledger.storage.store.RestoreReport;

/** What a restore's state becomes. */
final class RestoreStates {
    private RestoreStates() {}

    static RestoreState staged(RestoreState of, long rows) {
        return new RestoreState(of.id(), of.state(), of.order(), rows, 0, 0, 0, 0, 0, of.at(), null);
    }

    static RestoreState inState(RestoreState of, String state, String error) {
        return new RestoreState(
                of.id(),
                state,
                of.order(),
                of.staged(),
                of.created(),
                of.updated(),
                of.deleted(),
                of.position(),
                of.heldMillis(),
                of.at(),
                error);
    }

    static RestoreState failed(RestoreState of, String error) {
        return inState(of, "failed", error);
    }

    static RestoreState succeeded(RestoreState of, RestoreReport report, long heldMillis) {
        return new RestoreState(
                of.id(),
                "succeeded",
                of.order(),
                of.staged(),
                report.created(),
                report.updated(),
                report.deleted(),
                report.position(),
                heldMillis,
                of.at(),
                null);
    }
}
