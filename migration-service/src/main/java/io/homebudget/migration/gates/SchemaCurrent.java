package io.homebudget.migration.gates;

/** The tables are there before anything is put into them. */
final class SchemaCurrent implements Gate {

    @Override
    public String name() {
        return "schema_current";
    }

    @Override
    public Check check(Situation situation) {
        if (!situation.tablesReady()) {
            return closed(
                    "The tables of migration-service are not there.",
                    "Start the service with AUTO_MIGRATE=true once, or apply its migrations.");
        }
        return open(
                situation.state().schemaVersion() == null
                        ? "The ledger service uses PostgreSQL only once its schema is current."
                        : "The schema is at version " + situation.state().schemaVersion() + ".");
    }
}
