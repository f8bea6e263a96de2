package io.homebudget.migration.schema;

import java.net.ConnectException;

/** PostgreSQL cannot be reached, or this service's tables are not there yet. */
public final class DatabaseAway extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DatabaseAway(String why, Throwable cause) {
        super(why, cause);
    }

    /** Whether nothing can have been written: there was no connection to send it by. */
    public boolean beforeAnythingWasSent() {
        for (Throwable at = getCause(); at != null; at = at.getCause()) {
            if (at instanceof ConnectException) {
                return true;
            }
        }
        return getCause() == null;
    }
}
