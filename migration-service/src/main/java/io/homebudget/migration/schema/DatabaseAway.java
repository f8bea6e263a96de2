package io.homebudget.migration.schema;

/** PostgreSQL cannot be reached, or this service's tables are not there yet. */
public final class DatabaseAway extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DatabaseAway(String why, Throwable cause) {
        super(why, cause);
    }
}
