package io.homebudget.ledger.storage.postgres;

import static io.homebudget.ledger.storage.postgres.Synchronizing.execute;
import static io.homebudget.ledger.storage.postgres.Synchronizing.number;

import io.homebudget.ledger.rows.ByteScan;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.SyncReport;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * A full synchronisation of empty tables from lines in a file, in one transaction: COPY into the table without its indexes, which
 * are then built over all rows, a third of the time that keeping them up to date row by row takes. A kill leaves the tables
 * empty, with their indexes. Whoever reads the tables waits meanwhile; nobody does while a new installation takes everything.
 *
 * <p>The primary key stays, so that no id can be there twice, and so does what is unique or not this role's to build.
 */
final class Filling {
    private static final int PART = 1 << 18;

    private final Statements sql;
    private final Merging merging;

    Filling(Statements sql, Merging merging) {
        this.sql = sql;
        this.merging = merging;
    }

    private record Index(String name, String definition) {}

    /** @return empty where the tables are no longer empty: nothing was done */
    Optional<SyncReport> fill(Connection connection, Image image, long epoch) throws SQLException, IOException {
        merging.enter(connection, epoch);
        // a client that is gone must not keep the tables
        execute(connection, "SET LOCAL client_connection_check_interval = '1s'");
        execute(connection, "LOCK TABLE " + sql.entries + ", " + sql.tombstones + " IN ACCESS EXCLUSIVE MODE");
        if (!merging.isFree(connection, 0, Long.MAX_VALUE)) {
            connection.rollback();
            return Optional.empty();
        }
        List<Index> indexes = indexes(connection);
        for (Index index : indexes) {
            execute(connection, "DROP INDEX " + index.name());
        }
        long written = copy(connection, image, sql.entries + " (" + merging.columns("") + ")", new Live())
                + copy(connection, image, sql.tombstones + " (id, version, epoch, change_id)", new Deleted());
        if (written != image.rows()) {
            throw new IOException("the image has " + written + " rows, not " + image.rows() + " as it promised");
        }
        for (Index index : indexes) {
            execute(connection, index.definition());
        }
        long lastId = number(
                connection,
                "SELECT GREATEST((SELECT max(id) FROM " + sql.entries + "), (SELECT max(id) FROM " + sql.tombstones
                        + "), 0)");
        merging.moveMark(connection, Math.toIntExact(written), lastId);
        connection.commit();
        return Optional.of(new SyncReport(written, written, 0, 0));
    }

    private List<Index> indexes(Connection connection) throws SQLException {
        String query = "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
                + " JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = '" + sql.entries
                + "'::regclass AND NOT i.indisunique AND c.reltablespace = 0 AND pg_has_role(c.relowner, 'USAGE')"
                + " AND has_schema_privilege(c.relnamespace, 'CREATE')"
                + " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY 1";
        List<Index> indexes = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                indexes.add(new Index(rows.getString(1), rows.getString(2)));
            }
        }
        return indexes;
    }

    // ---- lines ---------------------------------------------------------------------------------------------------

    /** What becomes of a line for one of the tables. */
    private interface Columns {
        /** @param end behind the line feed; @return how many bytes were put to {@code out} */
        int take(byte[] line, int start, int end, byte[] out, int at);
    }

    private static int tab(byte[] line, int from) {
        int at = from;
        while (line[at] != '\t') {
            at++;
        }
        return at;
    }

    /** A live row without the mark that it is one: the columns of the table in their order. */
    private static final class Live implements Columns {
        @Override
        public int take(byte[] line, int start, int end, byte[] out, int at) {
            int tab = tab(line, start);
            if (line[tab + 1] != 'f') {
                return 0;
            }
            int id = tab + 1 - start;
            System.arraycopy(line, start, out, at, id);
            System.arraycopy(line, tab + 3, out, at + id, end - tab - 3);
            return end - start - 2;
        }
    }

    /** Of a deleted row id, version, epoch and change id: the first column, and the three before the last. */
    private static final class Deleted implements Columns {
        @Override
        public int take(byte[] line, int start, int end, byte[] out, int at) {
            int tab = tab(line, start);
            if (line[tab + 1] != 't') {
                return 0;
            }
            int last = end;
            int first = end;
            for (int tabs = 0; tabs < 4; ) {
                first--;
                if (line[first] == '\t') {
                    tabs++;
                    last = tabs == 1 ? first : last;
                }
            }
            int id = tab - start;
            System.arraycopy(line, start, out, at, id);
            System.arraycopy(line, first, out, at + id, last - first);
            out[at + id + last - first] = '\n';
            return id + last - first + 1;
        }
    }

    private static long copy(Connection connection, Image image, String target, Columns columns)
            throws SQLException, IOException {
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY " + target + " FROM STDIN");
        try (InputStream lines = image.lines().open()) {
            byte[] in = new byte[PART];
            byte[] out = new byte[PART];
            int held = 0;
            for (int read = lines.read(in, 0, in.length); read > 0; read = lines.read(in, held, in.length - held)) {
                int filled = held + read;
                int start = 0;
                int put = 0;
                for (int i = ByteScan.find(in, held, filled, '\n');
                        i < filled;
                        i = ByteScan.find(in, start, filled, '\n')) {
                    put += columns.take(in, start, i + 1, out, put);
                    start = i + 1;
                }
                copy.writeToCopy(out, 0, put);
                held = filled - start;
                System.arraycopy(in, start, in, 0, held);
                if (held == in.length) {
                    in = Arrays.copyOf(in, 2 * in.length);
                    out = new byte[in.length];
                }
            }
            if (held > 0) {
                throw new IOException("the image ends in the middle of a line");
            }
            return copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }
}
