package io.homebudget.bench.baseline;

import com.github.luben.zstd.ZstdOutputStream;
import io.homebudget.ledger.digest.EntryDigest;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * The service's own table of expenses, found in the catalogue, and the raw limits measured on it: COPY of its rows into a
 * table with the same columns and indexes or into a packed file, and one scan that computes every entry's digest.
 */
public record RealTable(PostgresUrl database, String name, String columns) {
    /** The level that backup-service packs its snapshots with. */
    private static final int ZSTD_LEVEL = 1;

    private static final int BUFFER = 1 << 16;
    private static final String COPY = "bench_copy.expenses";

    public static RealTable find(PostgresUrl database) throws SQLException {
        String query = """
                SELECT quote_ident(table_schema) || '.' || quote_ident(table_name),
                       string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
                FROM information_schema.columns
                JOIN information_schema.tables USING (table_schema, table_name)
                WHERE table_name = 'expenses' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
                  AND table_schema NOT LIKE 'bench%'
                GROUP BY table_schema, table_name
                """;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            if (!result.next()) {
                throw new IllegalStateException("the database has no table expenses");
            }
            return new RealTable(database, result.getString(1), result.getString(2));
        }
    }

    public long rows() throws SQLException {
        return Sql.number(database, "SELECT count(*) FROM " + name);
    }

    /** Writes all rows in COPY's text format. */
    public void dump(Path file) throws SQLException, IOException {
        try (Connection connection = database.connect();
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("COPY (SELECT " + columns + " FROM " + name + " ORDER BY id) TO STDOUT", out);
        }
    }

    /** Seconds that COPY of such a dump takes into an empty copy of the table with all its indexes. */
    public double secondsToCopy(Path dump) throws SQLException, IOException {
        return secondsToCopy(dump, "INCLUDING ALL", List.of());
    }

    /**
     * Seconds that the fastest way to fill an empty table takes: COPY of such a dump into one without indexes, which are then built
     * one after the other.
     */
    public double secondsToCopyThenIndex(Path dump) throws SQLException, IOException {
        return secondsToCopy(dump, "INCLUDING ALL EXCLUDING INDEXES", indexesOfTheCopy());
    }

    private double secondsToCopy(Path dump, String like, List<String> thenIndexes) throws SQLException, IOException {
        Sql.run(
                database,
                "DROP SCHEMA IF EXISTS bench_copy CASCADE; CREATE SCHEMA bench_copy; CREATE TABLE " + COPY + " (LIKE "
                        + name + " " + like + ")");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                InputStream in = new BufferedInputStream(Files.newInputStream(dump), 1 << 20)) {
            long start = System.nanoTime();
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY " + COPY + " (" + columns + ") FROM STDIN", in, BUFFER);
            for (String index : thenIndexes) {
                statement.execute(index);
            }
            return (System.nanoTime() - start) / 1e9;
        } finally {
            Sql.run(database, "DROP SCHEMA bench_copy CASCADE");
        }
    }

    /** The statements that give the copy every index of the table, the primary key's as a unique one. */
    public List<String> indexesOfTheCopy() throws SQLException {
        String query = "SELECT 'CREATE ' || CASE WHEN indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ON " + COPY
                + "' || substring(pg_get_indexdef(indexrelid) FROM ' USING .*') FROM pg_index WHERE indrelid = '" + name
                + "'::regclass ORDER BY indexrelid";
        List<String> statements = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                statements.add(result.getString(1));
            }
        }
        return statements;
    }

    /**
     * Seconds of COPY TO STDOUT of the tables that a snapshot holds, entries and tombstones, in one repeatable-read transaction, packed
     * as backup-service packs them, into a file. The order is the table's own and nothing is forced to the disk: this is a limit.
     */
    public double secondsToPack(Path file) throws SQLException, IOException {
        String tombstones = name.substring(0, name.lastIndexOf('.')) + ".tombstones";
        try (Connection connection = database.connect()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            long start = System.nanoTime();
            ZstdOutputStream packed =
                    new ZstdOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER), ZSTD_LEVEL);
            packed.setChecksum(true);
            // rows reach the packer in pieces of this size, not one by one
            try (OutputStream out = new BufferedOutputStream(packed, BUFFER)) {
                copy.copyOut("COPY " + name + " (" + columns + ") TO STDOUT", out);
                copy.copyOut("COPY " + tombstones + " TO STDOUT", out);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            connection.rollback();
            return seconds;
        }
    }

    /** Seconds of one scan that computes the MD5 of every entry's columns. */
    public double secondsToScan() throws SQLException {
        return Sql.secondsOf(
                database, "SELECT count(" + EntryDigest.sqlExpression("e", true) + ") FROM " + name + " e");
    }
}
