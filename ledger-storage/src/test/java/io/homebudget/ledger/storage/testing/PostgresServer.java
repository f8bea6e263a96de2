package io.homebudget.ledger.storage.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** One real PostgreSQL server per JVM, with data safety on, and a fresh database for whoever asks. */
public final class PostgresServer {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static PostgresServer running;
    /** A start takes 3 s; on a machine that builds twice at once much longer. */
    static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final EmbeddedPostgres server;

    private PostgresServer(EmbeddedPostgres server) {
        this.server = server;
    }

    /** The JVM's server, started when first asked for, stopped when the JVM ends. */
    public static synchronized PostgresServer running() {
        if (running == null) {
            try {
                running = new PostgresServer(EmbeddedPostgres.builder()
                        .setPGStartupWait(START_LIMIT)
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("full_page_writes", "on")
                        .setServerConfig("max_connections", "200")
                        .setServerConfig("shared_buffers", "512MB")
                        .setServerConfig("max_wal_size", "4GB")
                        .start());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            running.assertSafe("fsync");
            running.assertSafe("synchronous_commit");
        }
        return running;
    }

    private void assertSafe(String setting) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW " + setting)) {
            row.next();
            if (!row.getString(1).equals("on")) {
                throw new IllegalStateException(setting + " is " + row.getString(1) + ": tests would prove nothing");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A new, empty database. */
    public Database createDatabase() {
        String name = "test_" + DATABASES.incrementAndGet();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + " ENCODING 'UTF8' TEMPLATE template0");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new Database(name, server.getPort());
    }

    /** A database by name. Connections from {@link #dataSource} are plain JDBC, not pooled. */
    public record Database(String name, int port) {

        /** {@code postgresql://...}, as the reactive client takes it. */
        public String url() {
            return "postgresql://postgres:postgres@localhost:" + port + "/" + name;
        }

        public DataSource dataSource() {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setServerNames(new String[] {"localhost"});
            source.setPortNumbers(new int[] {port});
            source.setDatabaseName(name);
            source.setUser("postgres");
            source.setPassword("postgres");
            return source;
        }
    }
}
