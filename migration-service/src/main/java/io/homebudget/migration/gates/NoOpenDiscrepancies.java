package io.homebudget.migration.gates;

/** What is known to differ is settled first. */
final class NoOpenDiscrepancies implements Gate {

    @Override
    public String name() {
        return "no_open_discrepancies";
    }

    @Override
    public Check check(Situation situation) {
        if (situation.verification().isEmpty()) {
            return waiting("Open discrepancies are not known while PostgreSQL is away.", "Start PostgreSQL.");
        }
        long open = situation.verification().get().openCount();
        return open == 0
                ? open("There are no open discrepancies.")
                : closed(
                        open + " discrepancies are open.",
                        "Look at them: GET /api/v1/migration/discrepancies?state=open. Then POST"
                                + " /api/v1/migration/discrepancies/ID/repair or /dismiss, or all of a kind: POST"
                                + " /api/v1/migration/discrepancies/repair {\"kind\":\""
                                + situation.kind().word() + "\"}.");
    }
}
