package io.homebudget.bench.baseline;

import io.homebudget.bench.stack.Http;
import io.homebudget.bench.stack.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The bare endpoint as a process of its own beside the services, on the same database server, with an empty table. */
public final class BareEndpoint implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Process process;
    private final int port;

    private BareEndpoint(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it and returns when it answers.
     *
     * @param app the folder {@code quarkus-app} of the bare module
     */
    public static BareEndpoint start(Path app, PostgresUrl database, int port, Path log)
            throws IOException, SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(LedgerTable.ddl());
        }
        Path jar = app.resolve("quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new IOException("the bare endpoint is not built: " + jar + " is missing");
        }
        ProcessBuilder builder = new ProcessBuilder(java(), "-Xmx256m", "-jar", jar.toString());
        builder.environment()
                .putAll(Map.of(
                        "QUARKUS_HTTP_PORT", String.valueOf(port),
                        "QUARKUS_DATASOURCE_REACTIVE_URL", database.reactive(),
                        "QUARKUS_DATASOURCE_USERNAME", database.user(),
                        "QUARKUS_DATASOURCE_PASSWORD", database.password()));
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        BareEndpoint endpoint = new BareEndpoint(builder.start(), port);
        try {
            endpoint.awaitReady(log);
        } catch (RuntimeException e) {
            endpoint.close();
            throw e;
        }
        return endpoint;
    }

    public int port() {
        return port;
    }

    /** Rows inserted so far. */
    public static long rows(PostgresUrl database) throws SQLException {
        return Sql.number(database, "SELECT count(*) FROM bench_bare.expenses");
    }

    private void awaitReady(Path log) {
        Http http = new Http("http://127.0.0.1:" + port, null);
        Patience.until("the bare endpoint answers (its log: " + log + ")", START_LIMIT, () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("the bare endpoint ended at once; its log: " + log);
            }
            return http.answers("/api/v1/expense/ready");
        });
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
