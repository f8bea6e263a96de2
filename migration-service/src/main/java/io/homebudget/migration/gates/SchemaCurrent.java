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
        if (situation.state().schemaVersion() == null && situation.state().phase().dual()) {
            return closed(
                    "The ledger service does not know the version of its schema.",
                    "Wait until it reaches PostgreSQL; start it with AUTO_MIGRATE=true if its schema is missing.");
        }
        return open(
                situation.state().schemaVersion() == null
                        ? "The ledger tables are made when PostgreSQL is taken into use."
                        : "The schema is at version " + situation.state().schemaVersion() + ".");
    }
}
