package io.homebudget.backup.standin;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;

/** A real PostgreSQL, as {@code DATABASE_URL}. */
public class Postgres implements QuarkusTestResourceLifecycleManager {
    private EmbeddedPostgres server;

    /** One that has time to begin on a busy machine. */
    public static EmbeddedPostgres begin() throws IOException {
        return EmbeddedPostgres.builder()
                .setPGStartupWait(Duration.ofSeconds(60))
                .start();
    }

    @Override
    public Map<String, String> start() {
        try {
            server = begin();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.of("DATABASE_URL", "postgresql://postgres:postgres@localhost:" + server.getPort() + "/postgres");
    }

    @Override
    public void stop() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
