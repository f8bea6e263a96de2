package io.homebudget.ledger.storage.schema;

import io.smallrye.mutiny.Uni;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * The versioned schema of one service: its own schema, its own history. Nothing is changed except by {@link #migrate} and
 * {@link #undo}, each step in one transaction: whole or not at all. Flyway blocks, so every method works on the given worker
 * threads.
 */
public final class Schema {
    private final DataSource database;
    private final String name;
    private final String location;
    private final Scripts scripts;
    private final StepLimits limits;
    private final Executor workers;

    /**
     * @param name the schema in the database
     * @param location where the migrations lie, for example {@code classpath:db/expense}
     * @param limits of each step
     */
    public Schema(DataSource database, String name, String location, StepLimits limits, Executor workers) {
        this.database = database;
        this.name = name;
        this.location = location;
        this.scripts = new Scripts(location);
        this.limits = limits;
        this.workers = workers;
    }

    /**
     * One migration.
     *
     * @param installedAt null while pending; {@code millis} is how long it took, 0 while pending
     * @param sql the script of a pending one; null else
     */
    public record Step(
            String version,
            String description,
            String script,
            String state,
            Instant installedAt,
            long millis,
            String sql) {}

    /**
     * How the schema stands.
     *
     * @param current the version in the database; null for an empty one
     * @param target the newest version that this program knows
     * @param safe whether this program works correctly with {@code current}
     * @param undoable whether {@link #undo} could take the newest step back
     * @param tooNew true when the database is ahead of this program, which must not write to what it does not know
     */
    public record Status(
            String current,
            String target,
            boolean safe,
            boolean undoable,
            List<Step> applied,
            List<Step> pending,
            boolean tooNew) {
        public boolean needsUpdate() {
            return !pending.isEmpty();
        }
    }

    public Uni<Status> status() {
        return onWorker(() -> status(flyway().info()));
    }

    /** As {@link #migrate(String)} to the newest version. */
    public Uni<Status> migrate() {
        return migrate(null);
    }

    /**
     * Applies what is pending, each migration in a transaction of its own; the item is how it stands afterwards. Fails with
     * {@link StepFailed}: the steps before the failed one stay.
     *
     * @param target the version to stop at; null for the newest
     */
    public Uni<Status> migrate(String target) {
        return onWorker(() -> {
            try {
                FluentConfiguration configuration = configuration();
                if (target != null) {
                    configuration.target(MigrationVersion.fromVersion(target));
                }
                configuration.load().migrate();
            } catch (FlywayException e) {
                throw new StepFailed("The update of the schema", e);
            }
            return status(flyway().info());
        });
    }

    /**
     * Takes the newest step back by its undo script, together with its row of the history, in one transaction. Fails with
     * {@link StepFailed} where there is no such script, where this program does not work without the step, and where the script
     * fails; then nothing is changed.
     */
    public Uni<Status> undo() {
        return onWorker(() -> {
            Flyway flyway = flyway();
            MigrationInfo newest = flyway.info().current();
            if (newest == null || newest.getVersion() == null) {
                throw new StepFailed("There is no step that could be taken back.");
            }
            String version = newest.getVersion().getVersion();
            String script = scripts.undo(newest.getScript())
                    .orElseThrow(() -> new StepFailed("Step " + version + " has no undo script."));
            if (!scripts.worksWithout(newest.getScript())) {
                throw new StepFailed("This program does not work without step " + version
                        + ". Start the version that does, on the schema as it is, then take the step back.");
            }
            undo(version, script);
            return status(flyway.info());
        });
    }

    private void undo(String version, String script) {
        String step = "Taking back step " + version;
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute(limits.sql());
                statement.execute("SET LOCAL search_path = " + name);
                // nobody else adds or takes back a step meanwhile
                statement.execute("LOCK TABLE " + name + ".schema_history IN SHARE ROW EXCLUSIVE MODE");
                if (!version.equals(newest(statement).orElse(null))) {
                    throw new StepFailed("The schema was changed meanwhile; look again.");
                }
                statement.execute(script);
                forget(connection, version);
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new StepFailed(step, e);
        }
    }

    private Optional<String> newest(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT version FROM " + name
                + ".schema_history WHERE success AND version IS NOT NULL ORDER BY installed_rank DESC LIMIT 1")) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        }
    }

    private void forget(Connection connection, String version) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM " + name + ".schema_history WHERE version = ?")) {
            delete.setString(1, version);
            delete.executeUpdate();
        }
    }

    /** Compares the applied migrations with this program's files; fails with the reason where they differ. */
    public Uni<Void> validate() {
        return onWorker(() -> {
            flyway().validate();
            return null;
        });
    }

    private Flyway flyway() {
        return configuration().load();
    }

    private FluentConfiguration configuration() {
        return Flyway.configure()
                .dataSource(database)
                .schemas(name)
                .defaultSchema(name)
                .createSchemas(true)
                .locations(location)
                .table("schema_history")
                .cleanDisabled(true)
                // its free edition takes an undo script for a misnamed migration; a test looks at the names instead
                .validateMigrationNaming(false)
                .callbacks(limits)
                .connectRetries(0);
    }

    private Status status(MigrationInfoService info) {
        MigrationInfo current = info.current();
        List<Step> applied = new ArrayList<>();
        // the making of the schema itself is in the history as a step without a version
        Arrays.stream(info.applied()).filter(m -> m.getVersion() != null).forEach(m -> applied.add(step(m)));
        List<Step> pending = new ArrayList<>();
        Arrays.stream(info.pending()).forEach(m -> pending.add(step(m)));
        MigrationVersion newest = Arrays.stream(info.all())
                .filter(m -> m.getVersion() != null && m.getState().isResolved())
                .map(MigrationInfo::getVersion)
                .max(MigrationVersion::compareTo)
                .orElse(null);
        MigrationVersion is = current == null ? null : current.getVersion();
        boolean tooNew = is != null && (newest == null || is.compareTo(newest) > 0);
        boolean safe = is != null && !tooNew && pending.stream().allMatch(step -> scripts.worksWithout(step.script()));
        boolean undoable = is != null
                && !tooNew
                && scripts.undo(current.getScript()).isPresent()
                && scripts.worksWithout(current.getScript());
        return new Status(
                is == null ? null : is.getVersion(),
                newest == null ? null : newest.getVersion(),
                safe,
                undoable,
                applied,
                pending,
                tooNew);
    }

    private Step step(MigrationInfo migration) {
        boolean installed = migration.getInstalledOn() != null;
        return new Step(
                migration.getVersion() == null ? null : migration.getVersion().getVersion(),
                migration.getDescription(),
                migration.getScript(),
                migration.getState().getDisplayName(),
                installed ? migration.getInstalledOn().toInstant() : null,
                installed && migration.getExecutionTime() != null ? migration.getExecutionTime() : 0,
                installed ? null : scripts.text(migration.getScript()).orElse(null));
    }

    private <T> Uni<T> onWorker(Supplier<T> work) {
        return Uni.createFrom()
                .emitter(emitter -> workers.execute(() -> {
                    try {
                        emitter.complete(work.get());
                    } catch (Throwable failure) {
                        emitter.fail(failure);
                    }
                }));
    }
}
