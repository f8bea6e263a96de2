package io.homebudget.migration.schema;

import java.net.ConnectException;

/** PostgreSQL cannot be reached, or this service's tables are not there yet. */
public final class DatabaseAway extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DatabaseAway(String why, Throwable cause) {
        super(why, cause);
    }

    /** Whether nothing can have been written: there was no connection to send it by, or PostgreSQL said no. */
    public boolean beforeAnythingWasSent() {
        String state = Database.sqlState(getCause());
        if (!state.isEmpty()) {
            return !endsConnections(state);
        }
        for (Throwable at = getCause(); at != null; at = at.getCause()) {
            if (at instanceof ConnectException) {
                return true;
            }
        }
        return getCause() == null;
    }

    /**
     * With these a connection can end around a commit, and they say nothing about it; not with the two that say that there never was
     * a connection.
     */
    private static boolean endsConnections(String state) {
        return state.startsWith("57P") || state.startsWith("08") && !state.equals("08001") && !state.equals("08004");
    }
}
