package io.homebudget.bench.baseline;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Single statements on a connection of their own, so that no session state is carried from one measurement to the next. */
public final class Sql {
    private Sql() {}

    public static long number(PostgresUrl database, String query) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    public static void run(PostgresUrl database, String statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    /** How long a query that answers one row takes, in seconds, without connecting. */
    public static double secondsOf(PostgresUrl database, String query) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            long start = System.nanoTime();
            try (ResultSet result = statement.executeQuery(query)) {
                result.next();
            }
            return (System.nanoTime() - start) / 1e9;
        }
    }
}
