package io.homebudget.migration.gates;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;

/** The JSON side holds every acknowledged write, or can be brought there. */
final class JsonInSync implements Gate {

    @Override
    public String name() {
        return "json_in_sync";
    }

    @Override
    public Check check(Situation situation) {
        if (situation.state().phase().primary() == StoreName.JSON) {
            return open("JSON rules already.");
        }
        return situation.state().rollbackReady()
                ? open(reason(situation, "The JSON side is in sync."))
                : closed(
                        reason(situation, "The JSON side is not in sync."),
                        situation.target() == Phase.DATABASE_READS
                                ? "Bring PostgreSQL back: it rules alone, and only it has what must be replayed."
                                : "Wait until it is; POST /api/v1/migration/rollback with accept_loss takes back without.");
    }

    private static String reason(Situation situation, String otherwise) {
        String reason = situation.state().rollbackReason();
        return reason == null || reason.isBlank() ? otherwise : reason;
    }
}
