package io.homebudget.ledger.storage.postgres;

import static io.homebudget.ledger.storage.postgres.Synchronizing.execute;
import static io.homebudget.ledger.storage.postgres.Synchronizing.number;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A repeatable-read transaction that sees the tables at an exact position of the log: its snapshot is taken while no write is in
 * flight. The lock for that is given back at once, the snapshot stays until the transaction ends. Blocks.
 */
final class ExactSnapshot {
    private ExactSnapshot() {}

    /** @return the position; the connection is left within the transaction, without auto-commit */
    static long begin(Connection connection, Statements sql, PostgresSettings settings) throws SQLException {
        connection.setAutoCommit(false);
        execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        execute(connection, "SET LOCAL statement_timeout = " + settings.bulkMillis());
        // whoever never reads must not keep the server from cleaning up
        execute(connection, "SET LOCAL idle_in_transaction_session_timeout = '60s'");
        execute(connection, "SAVEPOINT still");
        Upkeep.end(connection, sql);
        execute(connection, "SET LOCAL lock_timeout = " + settings.fenceMillis());
        execute(connection, "LOCK TABLE " + sql.log + " IN SHARE MODE");
        long position = number(connection, "SELECT " + LogReading.head(sql));
        execute(connection, "ROLLBACK TO SAVEPOINT still");
        return position;
    }
}
