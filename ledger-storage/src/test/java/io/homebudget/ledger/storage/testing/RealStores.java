package io.homebudget.ledger.storage.testing;

import io.homebudget.ledger.config.DatabaseUrlConfigSource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** An empty folder for the JSON store and a real PostgreSQL with data safety on, around one ledger service. */
public class RealStores implements QuarkusTestResourceLifecycleManager {
    private Path home;
    private EmbeddedPostgres postgres;

    /** A test that wants to do something to its stores. */
    public interface Aware {
        void enter(RealStores stores);
    }

    @Override
    public Map<String, String> start() {
        try {
            home = Files.createTempDirectory("ledger-it");
            startPostgres(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String url = "postgresql://postgres:postgres@localhost:" + postgres.getPort() + "/postgres";
        Map<String, String> config = new HashMap<>(new DatabaseUrlConfigSource(url).getProperties());
        config.put(DatabaseUrlConfigSource.SETTING, url);
        // every read of a test is also one of the follower
        config.put("SHADOW_READS_SHARE", "1");
        config.put("LEDGER_DATA_DIR", home.resolve("data").toString());
        return config;
    }

    private void startPostgres(int port) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setPGStartupWait(PostgresServer.START_LIMIT)
                .setDataDirectory(home.resolve("postgres"))
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on");
        postgres = (port > 0 ? builder.setPort(port) : builder).start();
    }

    /** Stops PostgreSQL; its data stays. */
    public void stopPostgres() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Brings it back on the same port and data. */
    public void startPostgresAgain() {
        try {
            startPostgres(postgres.getPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void inject(Object test) {
        if (test instanceof Aware aware) {
            aware.enter(this);
        }
    }

    @Override
    public void stop() {
        if (postgres != null) {
            stopPostgres();
        }
        try (Stream<Path> files = Files.walk(home)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
