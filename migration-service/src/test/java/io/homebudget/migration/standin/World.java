package io.homebudget.migration.standin;

import io.homebudget.ledger.testing.KafkaBroker;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Real PostgreSQL, real Kafka where wanted, and both stand-in ledger services, around one migration-service. */
public class World implements QuarkusTestResourceLifecycleManager {
    public static final String OPERATOR = "operator-of-the-tests-0123456789abcdef";
    public static final String VIEWER = "viewer-of-the-tests-0123456789abcdefgh";

    public LedgerServer expense;
    public LedgerServer income;
    public BackupServer backup;
    private EmbeddedPostgres postgres;
    private Path data;
    private int port;
    private boolean absent;

    /** Null unless the test asked for one with the argument {@code kafka}: {@code running} or {@code late}. */
    public KafkaBroker broker;

    private String kafka;
    private String automaticRepair;
    private String env;

    /** Field type that tests declare to get this world. */
    public interface Aware {
        void enter(World world);
    }

    @Override
    public void init(Map<String, String> args) {
        absent = Boolean.parseBoolean(args.get("absent"));
        kafka = args.get("kafka");
        automaticRepair = args.getOrDefault("automaticRepair", "false");
        env = args.getOrDefault("env", "dev");
    }

    @Override
    public Map<String, String> start() {
        port = freePort();
        if (!absent) {
            startPostgres();
        }
        expense = new LedgerServer("expense", 0);
        income = new LedgerServer("income", 0);
        Map<String, String> config = new HashMap<>();
        config.put("migration.ledgers.expense-url", "http://127.0.0.1:" + expense.start());
        config.put("migration.ledgers.income-url", "http://127.0.0.1:" + income.start());
        backup = new BackupServer();
        config.put("migration.ledgers.backup-url", "http://127.0.0.1:" + backup.start());
        config.put("quarkus.datasource.username", "postgres");
        config.put("quarkus.datasource.password", "postgres");
        config.put("quarkus.datasource.reactive.url", "postgresql://127.0.0.1:" + port + "/postgres");
        config.put("quarkus.datasource.jdbc.url", "jdbc:postgresql://127.0.0.1:" + port + "/postgres");
        config.put("access.operator", OPERATOR);
        config.put("access.viewer", VIEWER);
        config.put("access.service", "service-of-the-tests-0123456789abcdefg");
        config.put("ENV", env);
        if (kafka != null) {
            broker = new KafkaBroker();
            config.put("migration.reconcile.bootstrap-servers", broker.servers());
            config.put("migration.reconcile.proofs", "200ms");
            config.put("migration.repair.recheck", "300ms");
            config.put("migration.repair.automatic", automaticRepair);
        }
        if ("running".equals(kafka)) {
            broker.start();
        }
        config.put("imports.dir", data().resolveSibling("imports").toString());
        config.put("imports.tick", "50ms");
        config.put("imports.batch", "10");
        config.put("migration.rollback-window", "0s");
        config.put("migration.lease.length", "1500ms");
        config.put("migration.lease.tick", "50ms");
        config.put("migration.ledgers.attempts", "2");
        // a machine that stands still for a moment is not a PostgreSQL or a service that is away: those refuse at once
        config.put("migration.database-limit", "20s");
        config.put("migration.schema-limit", "20s");
        config.put("migration.ledgers.quick-timeout", "20s");
        config.put("migration.ledgers.connect-timeout", "20s");
        return config;
    }

    public void startPostgres() {
        try {
            postgres = EmbeddedPostgres.builder()
                    .setPort(port)
                    .setDataDirectory(data())
                    .setCleanDataDirectory(false)
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path data() {
        try {
            data = data == null ? Files.createTempDirectory("migration-it").resolve("pg") : data;
            return data;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** After {@link #stopPostgres}, on the same data. */
    public void startAgain() {
        startPostgres();
    }

    public void stopPostgres() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
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
        expense.stop();
        income.stop();
        if (broker != null) {
            broker.kill();
        }
        backup.stop();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
