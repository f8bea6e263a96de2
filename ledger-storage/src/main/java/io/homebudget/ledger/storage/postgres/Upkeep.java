package io.homebudget.ledger.storage.postgres;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * What the server does on the log by itself: autovacuum, and its ANALYZE. A fence cannot be had beside it, and whoever waits for
 * one makes all writers wait behind; so it is ended first, with a lock that writers do not notice. The server cancels its own
 * upkeep for whoever has waited for {@code deadlock_timeout}, 1 s unless configured, and begins again later by itself. A VACUUM or
 * CREATE INDEX CONCURRENTLY by hand is not ended, nor an autovacuum against transaction id wraparound: then the lock fails. Nobody
 * is held meanwhile.
 */
final class Upkeep {
    /** In which it ends or has failed: the server's patience below, and a little for what is around it. */
    static final long LIMIT_MILLIS = 5_000;

    /** Much longer than deadlock_timeout: a server that is busy is slow to cancel, and its workers to end. */
    private static final String PATIENCE = "SET LOCAL lock_timeout = 4000; SET LOCAL statement_timeout = 4500";

    private Upkeep() {}

    /** None runs from here until the transaction or its savepoint ends. */
    static Future<Void> end(SqlConnection connection, Statements sql) {
        return Link.command(connection, PATIENCE).compose(set -> Link.command(connection, lock(sql)));
    }

    /** As {@link #end(SqlConnection, Statements)}; blocks. */
    static void end(Connection connection, Statements sql) throws SQLException {
        Synchronizing.execute(connection, PATIENCE);
        Synchronizing.execute(connection, lock(sql));
    }

    private static String lock(Statements sql) {
        return "LOCK TABLE " + sql.log + " IN SHARE UPDATE EXCLUSIVE MODE";
    }
}
