package io.homebudget.ledger.storage.postgres;

import static io.homebudget.ledger.storage.postgres.Synchronizing.execute;

import io.homebudget.ledger.storage.store.TextImage;
import io.homebudget.ledger.storage.store.TextImage.Part;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The full image as PostgreSQL's own COPY writes it, in one repeatable-read transaction: no row is made into an object. A part is
 * read when it is asked for, on a worker thread; the connection is given back at the end, at a failure, and when the reader leaves.
 */
final class Copying {
    private static final Logger LOG = Logger.getLogger(Copying.class);
    /** Of a part: enough that handing it over costs nothing beside its rows. */
    private static final int PART = 256 << 10;

    /** COPY is one statement, as long as its reader takes; an export may take half an hour. */
    static final String COPY_LIMIT = "31min";

    private final Statements sql;
    private final PostgresSettings settings;
    private final BulkConnections connections;
    private final Executor workers;
    private final String copy;

    Copying(Statements sql, PostgresSettings settings, BulkConnections connections, Executor workers) {
        this.sql = sql;
        this.settings = settings;
        this.connections = connections;
        this.workers = workers;
        String nulls = "NULL::date, " + "NULL, ".repeat(sql.business ? 6 : 5);
        // both halves come from their primary keys in order, so nothing is sorted; the first one names the types
        this.copy = "COPY (SELECT t.id, false AS deleted, " + sql.valueColumns("t.")
                + ", t.version, t.epoch, t.change_id, t.digest FROM " + sql.entries
                + " t UNION ALL SELECT t.id, true, " + nulls + "t.version, t.epoch, t.change_id, NULL::uuid FROM "
                + sql.tombstones + " t WHERE NOT EXISTS (SELECT FROM " + sql.entries
                + " x WHERE x.id = t.id) ORDER BY id) TO STDOUT";
    }

    Uni<TextImage> image() {
        return onWorker(this::begin);
    }

    private <T> Uni<T> onWorker(Work<T> work) {
        return Uni.createFrom()
                .emitter(emitter -> workers.execute(() -> {
                    try {
                        emitter.complete(work.run());
                    } catch (Throwable failure) {
                        emitter.fail(Link.away("export", failure));
                    }
                }));
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    private TextImage begin() throws SQLException {
        Reader reader = new Reader(connections.open());
        try {
            long[] facts = reader.snapshot();
            return new TextImage(
                    facts[0],
                    facts[1],
                    Multi.createBy()
                            .repeating()
                            .uni(() -> onWorker(reader::part))
                            .until(part -> part.lines().length == 0)
                            .onTermination()
                            .invoke(() -> workers.execute(reader::close)),
                    () -> workers.execute(reader::close));
        } catch (Throwable failure) {
            reader.close();
            throw failure;
        }
    }

    /** One COPY and its connection. Parts are read one after the other; closing may come at any moment. */
    private final class Reader {
        private final Connection connection;
        private final boolean autoCommit;
        private CopyOut running;
        private boolean ended;
        private boolean reading;
        private boolean closed;

        Reader(Connection connection) throws SQLException {
            this.connection = connection;
            this.autoCommit = connection.getAutoCommit();
        }

        /**
         * Begins the transaction that is read.
         *
         * @return the position and the number of rows
         */
        long[] snapshot() throws SQLException {
            long position = ExactSnapshot.begin(connection, sql, settings);
            String rows = "SELECT (SELECT count(*) FROM " + sql.entries
                    + ") + (SELECT count(*) FROM " + sql.tombstones + " t WHERE NOT EXISTS (SELECT FROM " + sql.entries
                    + " x WHERE x.id = t.id))";
            return new long[] {position, Synchronizing.number(connection, rows)};
        }

        /** The next part; one without lines is the end. */
        Part part() throws SQLException {
            synchronized (this) {
                if (closed) {
                    throw new CancellationException("the reader left");
                }
                reading = true;
            }
            try {
                return read();
            } finally {
                boolean left;
                synchronized (this) {
                    reading = false;
                    left = closed;
                }
                if (left) {
                    release();
                }
            }
        }

        private Part read() throws SQLException {
            if (running == null) {
                execute(connection, "SET LOCAL statement_timeout = '" + COPY_LIMIT + "'");
                // a client that is gone must not keep the snapshot
                execute(connection, "SET LOCAL client_connection_check_interval = '10s'");
                running = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(copy);
            }
            ByteArrayOutputStream lines = new ByteArrayOutputStream(PART + PART / 8);
            int rows = 0;
            int tombstones = 0;
            while (!ended && lines.size() < PART) {
                // the server sends one message per row
                byte[] row = running.readFromCopy();
                if (row == null) {
                    ended = true;
                    break;
                }
                lines.write(row, 0, row.length);
                rows++;
                tombstones += deleted(row) ? 1 : 0;
            }
            return new Part(lines.toByteArray(), rows - tombstones, tombstones);
        }

        private static boolean deleted(byte[] row) {
            int at = 0;
            while (row[at] != '\t') {
                at++;
            }
            return row[at + 1] == 't';
        }

        void close() {
            boolean busy;
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
                busy = reading;
            }
            if (!busy) {
                release();
            }
        }

        private void release() {
            try (Connection done = connection) {
                if (running != null && running.isActive()) {
                    // what is left of the COPY would be taken for the answer to the next question: the server sees the
                    // connection close and rolls back
                    done.abort(Runnable::run);
                } else {
                    connection.rollback();
                    connection.setAutoCommit(autoCommit);
                }
            } catch (SQLException failure) {
                LOG.warnf("a connection of an export could not be closed: %s", Link.reason(failure));
            }
        }
    }
}
