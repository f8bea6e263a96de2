package io.homebudget.ledger.storage.postgres;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/**
 * What the server does on the log by itself: autovacuum, and its ANALYZE. A fence cannot be had beside it, and whoever waits for
 * one makes all writers wait behind; so it is ended first, with a lock that writers do not notice. The server cancels its own
 * upkeep for whoever has waited for {@code deadlock_timeout}, 1 s unless configured, and begins again later by itself. A VACUUM or
 * CREATE INDEX CONCURRENTLY by hand is not ended: then the lock fails.
 */
final class Upkeep {
    /** Longer than the server's deadlock_timeout, shorter than its statement_timeout. */
    private static final long PATIENCE_MILLIS = 1_400;

    private Upkeep() {}

    /** None runs from here until the transaction or its savepoint ends. */
    static Future<Void> end(SqlConnection connection, Statements sql) {
        return Link.command(connection, "SET LOCAL lock_timeout = " + PATIENCE_MILLIS)
                .compose(set -> Link.command(connection, "LOCK TABLE " + sql.log + " IN SHARE UPDATE EXCLUSIVE MODE"));
    }
}
