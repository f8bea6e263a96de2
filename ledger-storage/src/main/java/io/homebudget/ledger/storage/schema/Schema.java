package io.homebudget.ledger.storage.schema;

import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;

/**
 * The versioned schema of one service: its own schema, its own history. Nothing is changed except by {@link #migrate}. Flyway blocks,
 * so every method works on the given worker threads.
 */
public final class Schema {
    private final DataSource database;
    private final String name;
    private final String location;
    private final Executor workers;

    /**
     * @param name the schema in the database
     * @param location where the migrations lie, for example {@code classpath:db/expense}
     */
    public Schema(DataSource database, String name, String location, Executor workers) {
        this.database = database;
        this.name = name;
        this.location = location;
        this.workers = workers;
    }

    /** One migration. @param installedAt null while pending; {@code millis} is how long it took, 0 while pending */
    public record Step(
            String version, String description, String script, String state, Instant installedAt, long millis) {}

    /**
     * How the schema stands.
     *
     * @param current the version in the database; null for an empty one
     * @param target the newest version that this program knows
     * @param tooNew true when the database is ahead of this program, which must not write to what it does not know
     */
    public record Status(String current, String target, List<Step> applied, List<Step> pending, boolean tooNew) {
        public boolean needsUpdate() {
            return !pending.isEmpty();
        }
    }

    public Uni<Status> status() {
        return onWorker(() -> status(flyway().info()));
    }

    /** Applies what is pending, each migration in a transaction of its own; the item is how it stands afterwards. */
    public Uni<Status> migrate() {
        return onWorker(() -> {
            Flyway flyway = flyway();
            flyway.migrate();
            return status(flyway.info());
        });
    }

    /** Compares the applied migrations with this program's files; fails with the reason where they differ. */
    public Uni<Void> validate() {
        return onWorker(() -> {
            flyway().validate();
            return null;
        });
    }

    private Flyway flyway() {
        return Flyway.configure()
                .dataSource(database)
                .schemas(name)
                .defaultSchema(name)
                .createSchemas(true)
                .locations(location)
                .table("schema_history")
                .cleanDisabled(true)
                .validateMigrationNaming(true)
                .connectRetries(0)
                .load();
    }

    private static Status status(MigrationInfoService info) {
        MigrationInfo current = info.current();
        List<Step> applied = new ArrayList<>();
        Arrays.stream(info.applied()).forEach(m -> applied.add(step(m)));
        List<Step> pending = new ArrayList<>();
        Arrays.stream(info.pending()).forEach(m -> pending.add(step(m)));
        MigrationVersion newest = Arrays.stream(info.all())
                .filter(m -> m.getVersion() != null && m.getState().isResolved())
                .map(MigrationInfo::getVersion)
                .max(MigrationVersion::compareTo)
                .orElse(null);
        MigrationVersion is = current == null ? null : current.getVersion();
        return new Status(
                is == null ? null : is.getVersion(),
                newest == null ? null : newest.getVersion(),
                applied,
                pending,
                is != null && (newest == null || is.compareTo(newest) > 0));
    }

    private static Step step(MigrationInfo migration) {
        boolean installed = migration.getInstalledOn() != null;
        return new Step(
                migration.getVersion() == null ? null : migration.getVersion().getVersion(),
                migration.getDescription(),
                migration.getScript(),
                migration.getState().getDisplayName(),
                installed ? migration.getInstalledOn().toInstant() : null,
                installed && migration.getExecutionTime() != null ? migration.getExecutionTime() : 0);
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
