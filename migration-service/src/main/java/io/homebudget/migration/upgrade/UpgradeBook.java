package io.homebudget.migration.upgrade;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.gates.Interlock;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.schema.Database;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Upgrades in PostgreSQL; at most one is running, which an index guarantees. Fails with DatabaseAway when that is away. */
@ApplicationScoped
class UpgradeBook implements PanacheRepositoryBase<UpgradeRow, UUID>, Interlock {
    private static final String RUNNING = "running";

    private final Database database;

    UpgradeBook(Database database) {
        this.database = database;
    }

    @Override
    public Uni<Optional<String>> holds(Kind kind) {
        return database.transact(() -> count("state = 'running'"))
                .map(running -> running > 0 ? Optional.of("The schema is being upgraded.") : Optional.empty());
    }

    Uni<Void> open(UpgradeRow row) {
        return database.transact(() -> persist(row))
                .onFailure(Database::duplicate)
                .transform(second -> Refused.of(
                        LedgerError.CONFLICT, "An upgrade is running. Wait for its end: GET /api/database/history."))
                .replaceWithVoid();
    }

    /**
     * An end is final: what comes after it and tells of the running upgrade, like a save that was given up and is carried out all
     * the same, changes nothing.
     */
    Uni<Void> save(UpgradeRow row) {
        return database.transact(() -> findById(row.id, LockModeType.PESSIMISTIC_WRITE)
                .chain(stored -> stored != null && !RUNNING.equals(stored.state) && RUNNING.equals(row.state)
                        ? Uni.createFrom().voidItem()
                        : getSession().chain(session -> session.merge(row)).replaceWithVoid()));
    }

    /** The one who carries it out is alive; nothing for one that has ended. */
    Uni<Void> heartbeat(UUID id, Instant now) {
        return database.transact(() -> update("heartbeatAt = ?1 where id = ?2 and state = 'running'", now, id))
                .replaceWithVoid();
    }

    Uni<Optional<UpgradeRow>> find(UUID id) {
        return database.transact(() -> findById(id)).map(Optional::ofNullable);
    }

    Uni<List<UpgradeRow>> newest(int limit) {
        return database.transact(
                () -> findAll(Sort.descending("startedAt")).range(0, limit - 1).list());
    }

    /** Ends upgrades whose service died in the middle: what was applied stays and is seen in the status. */
    Uni<Integer> sweep(Instant silentSince, Instant now) {
        return database.transact(() -> update(
                "state = 'failed', finishedAt = ?1, error = 'migration-service stopped in the middle of it. Each step is whole"
                        + " or not there: look at GET /api/database/status and order the update again.'"
                        + " where state = 'running' and heartbeatAt < ?2",
                now,
                silentSince));
    }
}
