package io.homebudget.migration.gates;

import io.homebudget.ledger.phase.Phase;

/**
 * One process owns the JSON files; where they are involved there is exactly one replica. Every step between phases involves
 * them, and only in {@code DATABASE_ONLY} there may have been more.
 */
final class OneReplica implements Gate {

    @Override
    public String name() {
        return "one_replica";
    }

    @Override
    public Check check(Situation situation) {
        if (!situation.forward() && situation.state().phase() != Phase.DATABASE_ONLY) {
            return open("The replica that owns the files serves already.");
        }
        return situation
                .around()
                .replicas()
                .fold(
                        count -> count <= 1
                                ? open("One replica answers.")
                                : closed(
                                        count + " replicas of "
                                                + situation.kind().word() + "-service answer.",
                                        "Scale it down to the one that owns the JSON files."),
                        why -> waiting(why, "Check the address of the ledger service."),
                        this::open);
    }
}
