package io.homebudget.bench.baseline;

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
import org.postgresql.PGConnection;

/**
 * The service's own table of expenses, found in the catalogue, and the raw limits measured on it: COPY of its rows into a
 * table with the same columns and indexes, and one scan that computes every entry's digest.
 */
public record RealTable(PostgresUrl database, String name, String columns) {

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
        Sql.run(
                database,
                "DROP SCHEMA IF EXISTS bench_copy CASCADE; CREATE SCHEMA bench_copy; CREATE TABLE bench_copy.expenses (LIKE "
                        + name + " INCLUDING ALL)");
        try (Connection connection = database.connect();
                InputStream in = new BufferedInputStream(Files.newInputStream(dump), 1 << 20)) {
            long start = System.nanoTime();
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY bench_copy.expenses (" + columns + ") FROM STDIN", in, 1 << 16);
            return (System.nanoTime() - start) / 1e9;
        } finally {
            Sql.run(database, "DROP SCHEMA bench_copy CASCADE");
        }
    }

    /** Seconds of one scan that computes the MD5 of every entry's columns. */
    public double secondsToScan() throws SQLException {
        return Sql.secondsOf(
                database, "SELECT count(" + EntryDigest.sqlExpression("e", true) + ") FROM " + name + " e");
    }
}
