package io.homebudget.migration.schema;

import io.homebudget.migration.config.MigrationConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jboss.logging.Logger;

/**
 * Makes this service's tables as soon as PostgreSQL can be reached, and never gives up (A32). The service starts and answers
 * without them.
 */
@ApplicationScoped
class SchemaKeeper {
    private static final Logger LOG = Logger.getLogger(SchemaKeeper.class);

    /** A person who starts PostgreSQL sees it noticed at once; two probes a second cost nothing. */
    private static final long PROBE_MILLIS = 500;

    private static final int VALID_WITHIN_SECONDS = 1;

    private final Database database;
    private final MigrationConfig config;
    private final Instance<Flyway> flyway;
    private final Instance<DataSource> dataSource;
    private final Vertx vertx;
    private final AtomicBoolean probing = new AtomicBoolean();
    private final AtomicBoolean toldToWait = new AtomicBoolean();
    private long timer = -1;

    SchemaKeeper(
            Database database,
            MigrationConfig config,
            Instance<Flyway> flyway,
            Instance<DataSource> dataSource,
            Vertx vertx) {
        this.database = database;
        this.config = config;
        this.flyway = flyway;
        this.dataSource = dataSource;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent started) {
        probe();
        timer = vertx.setPeriodic(PROBE_MILLIS, tick -> probe());
    }

    void stop(@Observes ShutdownEvent stopping) {
        vertx.cancelTimer(timer);
    }

    private void probe() {
        if (!probing.compareAndSet(false, true)) {
            return;
        }
        Uni.createFrom()
                .voidItem()
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .invoke(this::lookOnWorker)
                .onTermination()
                .invoke(() -> probing.set(false))
                .subscribe()
                .with(done -> {}, failure -> {
                    if (database.connected()) {
                        LOG.warnf("PostgreSQL cannot be used: reason=%s", failure.getMessage());
                    }
                    database.found(false, false);
                });
    }

    private void lookOnWorker() {
        try (Connection connection = dataSource.get().getConnection()) {
            if (!connection.isValid(VALID_WITHIN_SECONDS)) {
                throw new SQLException("the connection is not valid");
            }
        } catch (SQLException away) {
            throw new DatabaseAway(away.getMessage(), away);
        }
        if (!database.ready()) {
            migrateOnWorker();
        }
        database.found(true, database.ready());
    }

    private void migrateOnWorker() {
        Flyway tables = flyway.get();
        if (config.autoMigrate()) {
            int applied = tables.migrate().migrationsExecuted;
            LOG.infof("tables of migration-service are current: applied=%d", applied);
            database.found(true, true);
            return;
        }
        int pending = tables.info().pending().length;
        database.pending(pending);
        boolean never = tables.info().applied().length == 0;
        if (pending > 0 && toldToWait.compareAndSet(false, true)) {
            LOG.warnf("the schema of migration-service waits for consent: pending=%d setting=AUTO_MIGRATE", pending);
        }
        // an outdated schema still serves: every later version only adds
        database.found(true, !never);
    }
}
