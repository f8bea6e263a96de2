package io.homebudget.local.postgres;

import io.homebudget.local.home.Credentials;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** What the services find: a role that owns its database, and a search path under which {@code select * from expenses} works. */
final class PostgresSetup {
    static final String SUPERUSER = "postgres";
    private static final String SEARCH_PATH = "expense, income, migration, public";
    private final int port;
    private final Credentials credentials;

    PostgresSetup(int port, Credentials credentials) {
        this.port = port;
        this.credentials = credentials;
    }

    /** Fails unless an acknowledged commit survives a loss of power. */
    void assertDurable() throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            for (String setting : new String[] {"fsync", "synchronous_commit", "full_page_writes"}) {
                try (ResultSet row = statement.executeQuery("SHOW " + setting)) {
                    row.next();
                    if (!"on".equals(row.getString(1))) {
                        throw new SQLException(setting + " is " + row.getString(1) + ", so commits are not durable");
                    }
                }
            }
        }
    }

    void ensureOwnerAndDatabase() throws SQLException {
        String owner = Credentials.OWNER;
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            // CREATE has no parameters; the password is of the URL-safe alphabet that Credentials makes, checked here
            // again
            String password = credentials.ownerPassword();
            if (!password.matches("[A-Za-z0-9_-]+")) {
                throw new SQLException("the password in postgres.url has other characters than A-Z a-z 0-9 _ -");
            }
            String verb = exists(connection, "select 1 from pg_roles where rolname = ?", owner) ? "ALTER" : "CREATE";
            // CREATEDB: drills restore into a scratch database
            statement.execute(verb + " ROLE " + owner + " LOGIN CREATEDB PASSWORD '" + password + "'");
            statement.execute("ALTER ROLE " + owner + " SET search_path = " + SEARCH_PATH);
            if (!exists(connection, "select 1 from pg_database where datname = ?", Credentials.DATABASE)) {
                statement.execute("CREATE DATABASE " + Credentials.DATABASE + " OWNER " + owner);
            }
            statement.execute("ALTER DATABASE " + Credentials.DATABASE + " SET search_path = " + SEARCH_PATH);
        }
    }

    private static boolean exists(Connection connection, String sql, String name) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                return row.next();
            }
        }
    }

    private Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", SUPERUSER);
        properties.setProperty("password", credentials.superuserPassword());
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "30");
        return DriverManager.getConnection("jdbc:postgresql://localhost:" + port + "/" + database, properties);
    }
}
