package io.homebudget.migration.gates;

import java.util.List;

/** Both stores answer; one that is not in use yet has not to. */
final class StoresReachable implements Gate {
    /** What was given up is told by another gate. */
    private static final List<String> WELL = List.of("connected", "unused", "closed");

    @Override
    public String name() {
        return "stores_reachable";
    }

    @Override
    public Check check(Situation situation) {
        for (String store : List.of("json", "postgres")) {
            String how = situation.store(store);
            if (!WELL.contains(how)) {
                String reason = "The " + store + " store is " + how + ".";
                String advice = store.equals("postgres")
                        ? "Start PostgreSQL and check DATABASE_URL of the ledger service."
                        : "Look at /ready of the ledger service; it names file, place and advice.";
                // one slow answer makes a store "disconnected" until the next; damage and missing settings stay
                return how.equals("disconnected") ? waiting(reason, advice) : closed(reason, advice);
            }
        }
        return situation.databaseConnected()
                ? open("Both stores can be reached.")
                : waiting("PostgreSQL does not answer migration-service.", "Start PostgreSQL and check DATABASE_URL.");
    }
}
