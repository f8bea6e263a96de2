package io.homebudget.migration.gates;

/** The tables are there, as the services that run know them, before anything is put into them. */
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
        String pending = situation.state().schemaPending();
        if (pending != null) {
            return closed(
                    "The schema in PostgreSQL has version " + situation.state().schemaVersion()
                            + "; the ledger service knows " + pending + ".",
                    "Update it first: POST /api/database/update {\"confirm\":true}; GET /api/database/preview shows the SQL.");
        }
        return open(
                situation.state().schemaVersion() == null
                        ? "Which version the schema has is not known until PostgreSQL is reached."
                        : "The schema is at version " + situation.state().schemaVersion() + ".");
    }
}
