package io.homebudget.migration.schema;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.SchemaState;
import io.homebudget.migration.problems.Refused;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;

/**
 * This service's own tables: what is installed, what is pending, and one step back. Fails with {@link DatabaseAway} while
 * PostgreSQL is away. Flyway and undo scripts block, so all of it works on worker threads.
 */
@ApplicationScoped
public class OwnSchema {
    private static final String STEPS = "db/migration/";
    private static final String UNDO = "db/undo/";

    private final Instance<Flyway> flyway;
    private final Instance<DataSource> dataSource;
    private final Database database;

    OwnSchema(Instance<Flyway> flyway, Instance<DataSource> dataSource, Database database) {
        this.flyway = flyway;
        this.dataSource = dataSource;
        this.database = database;
    }

    public Uni<SchemaState> state() {
        return onWorker(() -> told(flyway.get().info()));
    }

    public Uni<SchemaState> update() {
        return onWorker(() -> {
            flyway.get().migrate();
            database.found(true, true);
            return told(flyway.get().info());
        });
    }

    /** Takes the newest step back: its undo script and its line in the history, both or none. */
    public Uni<SchemaState> undo() {
        return onWorker(() -> {
            MigrationInfo newest = flyway.get().info().current();
            String script = newest == null ? null : undoScript(newest);
            if (script == null) {
                throw Refused.of(LedgerError.CONFLICT, "The newest step of migration-service has no undo script.");
            }
            undoOnWorker(newest, script);
            return told(flyway.get().info());
        });
    }

    private void undoOnWorker(MigrationInfo newest, String script) {
        try (Connection connection = dataSource.get().getConnection()) {
            connection.setAutoCommit(false);
            try (Statement sql = connection.createStatement();
                    PreparedStatement history = connection.prepareStatement(
                            "delete from migration.flyway_schema_history where version = ?")) {
                sql.execute("set local search_path to migration");
                sql.execute(script);
                history.setString(1, newest.getVersion().getVersion());
                history.executeUpdate();
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            }
        } catch (SQLException e) {
            throw new DatabaseAway("the step could not be undone: " + e.getMessage(), e);
        }
    }

    private SchemaState told(MigrationInfoService info) {
        List<SchemaState.Step> pending = new ArrayList<>();
        for (MigrationInfo step : info.pending()) {
            pending.add(step(step, resource(STEPS + file(step))));
        }
        List<SchemaState.Step> history = Arrays.stream(info.applied())
                .filter(step -> step.getVersion() != null)
                .map(step -> step(step, null))
                .toList();
        database.pending(pending.size());
        MigrationInfo current = info.current();
        boolean installed = current != null && current.getVersion() != null;
        MigrationInfo[] all = info.all();
        String target =
                all.length == 0 ? null : all[all.length - 1].getVersion().getVersion();
        return new SchemaState(
                installed ? current.getVersion().getVersion() : null,
                target,
                // every later version only adds: what is missing is refused where it is asked for
                installed,
                installed && undoScript(current) != null,
                pending,
                history);
    }

    private static SchemaState.Step step(MigrationInfo step, String sql) {
        return new SchemaState.Step(
                step.getVersion().getVersion(),
                step.getDescription(),
                step.getState().getDisplayName().toLowerCase(Locale.ROOT),
                step.getInstalledOn() == null ? null : step.getInstalledOn().toInstant(),
                step.getExecutionTime() == null ? null : step.getExecutionTime().longValue(),
                sql);
    }

    private static String undoScript(MigrationInfo step) {
        return resource(UNDO + "U" + file(step).substring(1));
    }

    /** The script's name, with or without the folder in which it lies. */
    private static String file(MigrationInfo step) {
        return step.getScript().substring(step.getScript().lastIndexOf('/') + 1);
    }

    /** Null where there is none. */
    private static String resource(String name) {
        try (InputStream in = Thread.currentThread().getContextClassLoader().getResourceAsStream(name)) {
            return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> Uni<T> onWorker(Supplier<T> work) {
        return Uni.createFrom()
                .item(work)
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .onFailure(FlywayException.class)
                .transform(failure -> new DatabaseAway(failure.getMessage(), failure));
    }
}
