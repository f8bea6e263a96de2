package io.homebudget.ledger.storage.postgres;

import java.sql.Connection;
import java.sql.SQLException;

/** Where connections for bulk loading come from; the reactive client has no COPY. Called on worker threads only, may block. */
@FunctionalInterface
public interface BulkConnections {
    /** A connection that {@link Connection#unwrap unwraps} to {@code org.postgresql.PGConnection}; the caller closes it. */
    Connection open() throws SQLException;
}
