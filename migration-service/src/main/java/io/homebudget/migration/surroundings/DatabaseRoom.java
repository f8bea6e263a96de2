package io.homebudget.migration.surroundings;

import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.gates.Known;
import io.homebudget.migration.gates.Surroundings;
import io.homebudget.migration.schema.Database;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The size of the database, and the room that is left on its disk where that disk can be seen from here. */
@ApplicationScoped
class DatabaseRoom {
    private final Database database;
    private final MigrationConfig config;

    DatabaseRoom(Database database, MigrationConfig config) {
        this.database = database;
        this.config = config;
    }

    Uni<Known<Surroundings.Room>> look() {
        return Uni.createFrom()
                .deferred(() -> database.transact(() -> Panache.getSession().chain(session -> session.createNativeQuery(
                                "select pg_database_size(current_database())", Long.class)
                        .getSingleResult())))
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .map(size -> Known.of(new Surroundings.Room(size, freeOnWorker())))
                .onFailure()
                .recoverWithItem(
                        away -> Known.unknown("The size of the database is not known: " + away.getMessage() + "."));
    }

    /** PostgreSQL itself cannot tell how full its disk is. */
    private Known<Long> freeOnWorker() {
        Path disk = config.gates()
                .databaseDisk()
                .filter(text -> !text.isBlank())
                .map(Path::of)
                .orElse(null);
        if (disk == null) {
            return Known.notUsed(
                    "what is free cannot be seen from here: set DATABASE_DISK_PATH to a folder on that disk.");
        }
        try {
            return Known.of(Files.getFileStore(disk).getUsableSpace());
        } catch (IOException | UncheckedIOException e) {
            return Known.unknown("The disk of " + disk + " cannot be read: " + e.getMessage() + ".");
        }
    }
}
