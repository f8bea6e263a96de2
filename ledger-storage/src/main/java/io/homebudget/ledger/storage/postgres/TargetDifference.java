package io.homebudget.ledger.storage.postgres;

import static io.homebudget.ledger.storage.postgres.Synchronizing.execute;

import io.homebudget.ledger.storage.store.Image;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * Finds the rows of a restore's target that are not as the tables are, while clients go on writing: both are read once, in the
 * order of their ids, the tables at an exact position of the log. What is found is written as lines of the staging table; an entry
 * that the target does not have is written as deleted.
 *
 * <p>Lines are compared as bytes, with the digest that the last change recorded. One that is only written differently is found too, so
 * whoever acts on what was found compares values; what is not found has the target's values, recorded by its last change, or is in neither.
 * (An entry that was dropped past the log and is not in the target lives on in log and follower: a verification reports it, and a
 * repair would bring it back.) Memory does not depend on the number of rows. Blocks.
 */
final class TargetDifference {
    private static final int PART = 1 << 18;
    /** For the moment at which no write is in flight; writers are let through in between. */
    private static final int ATTEMPTS = 5;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Statements sql;
    private final PostgresSettings settings;
    private final BulkConnections connections;
    private final String copy;
    /** What follows the id of an entry that the target does not have. */
    private final byte[] absent;

    TargetDifference(Statements sql, PostgresSettings settings, BulkConnections connections) {
        this.sql = sql;
        this.settings = settings;
        this.connections = connections;
        this.copy = "COPY (SELECT t.id, false, " + sql.valueColumns("t.") + ", t.digest FROM " + sql.entries
                + " t ORDER BY t.id) TO STDOUT";
        this.absent = ("\tt" + "\t\\N".repeat(sql.business ? 7 : 6) + "\t0\t0\t\\N\t\\N\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * What was compared.
     *
     * @param position of the log, of which the tables were read
     * @param rows of the target
     * @param lastId of the target; 0 where it is empty
     */
    record Compared(long position, long rows, long lastId) {}

    /** Writes all that differs. */
    Compared find(Image target, CopyIn found) throws SQLException, IOException {
        Parts parts = new Parts(found);
        try (TargetLines lines = new TargetLines(target, sql.business)) {
            lines.next();
            long position = compare(lines, parts);
            while (lines.present()) {
                parts.wanted(lines);
                lines.next();
            }
            parts.end();
            return new Compared(position, lines.rows(), lines.id());
        }
    }

    /** Up to the last row of the tables. @return the position of the log */
    private long compare(TargetLines lines, Parts found) throws SQLException, IOException {
        try (Connection connection = connections.open()) {
            boolean autoCommit = connection.getAutoCommit();
            CopyOut rows = null;
            try {
                long position = begin(connection);
                execute(connection, "SET LOCAL statement_timeout = '" + Copying.COPY_LIMIT + "'");
                rows = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(copy);
                for (byte[] held = rows.readFromCopy(); held != null; held = rows.readFromCopy()) {
                    compare(held, lines, found);
                }
                return position;
            } finally {
                if (rows != null && rows.isActive()) {
                    // what is left of the COPY would be taken for the answer to the next question
                    connection.abort(Runnable::run);
                } else {
                    connection.rollback();
                    connection.setAutoCommit(autoCommit);
                }
            }
        }
    }

    private static void compare(byte[] held, TargetLines lines, Parts found) throws SQLException, IOException {
        long there = id(held);
        while (lines.present() && lines.id() < there) {
            found.wanted(lines);
            lines.next();
        }
        if (!lines.present() || lines.id() > there) {
            found.absent(there);
            return;
        }
        if (lines.deleted() || !lines.holds(held)) {
            found.line(lines);
        }
        lines.next();
    }

    /** A write that takes long is no reason to give a restore up. */
    private long begin(Connection connection) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return ExactSnapshot.begin(connection, sql, settings);
            } catch (SQLException failure) {
                if (attempt == ATTEMPTS || !LOCK_NOT_AVAILABLE.equals(failure.getSQLState())) {
                    throw failure;
                }
            }
            connection.rollback();
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /**
     * Writes what the target has for some entries.
     *
     * @param ids ascending
     */
    void rowsOf(long[] ids, Image target, CopyIn found) throws SQLException, IOException {
        Parts parts = new Parts(found);
        int next = 0;
        try (TargetLines lines = new TargetLines(target, sql.business)) {
            while (next < ids.length && lines.next()) {
                while (next < ids.length && ids[next] < lines.id()) {
                    parts.absent(ids[next++]);
                }
                if (next < ids.length && ids[next] == lines.id()) {
                    parts.line(lines);
                    next++;
                }
            }
        }
        while (next < ids.length) {
            parts.absent(ids[next++]);
        }
        parts.end();
    }

    private static long id(byte[] line) {
        long id = 0;
        for (int i = 0; line[i] != '\t'; i++) {
            id = id * 10 + line[i] - '0';
        }
        return id;
    }

    /** Lines on their way to the server, many at a time. */
    private final class Parts {
        private final CopyIn to;
        private final ByteArrayOutputStream part = new ByteArrayOutputStream(PART);

        Parts(CopyIn to) {
            this.to = to;
        }

        void absent(long id) throws SQLException {
            part.writeBytes(Long.toString(id).getBytes(StandardCharsets.US_ASCII));
            part.writeBytes(absent);
            added();
        }

        /** An entry that is not there. */
        void wanted(TargetLines lines) throws SQLException {
            if (!lines.deleted()) {
                line(lines);
            }
        }

        void line(TargetLines lines) throws SQLException {
            part.write(lines.buffer(), lines.start(), lines.length());
            added();
        }

        private void added() throws SQLException {
            if (part.size() >= PART) {
                end();
            }
        }

        void end() throws SQLException {
            to.writeToCopy(part.toByteArray(), 0, part.size());
            part.reset();
        }
    }
}
