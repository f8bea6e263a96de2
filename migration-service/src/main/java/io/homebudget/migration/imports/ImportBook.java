package io.homebudget.migration.imports;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.config.MigrationConfig;
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
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Imports in PostgreSQL. One process works at one, which its lease guarantees. Fails with DatabaseAway when that is away. */
@ApplicationScoped
class ImportBook implements PanacheRepositoryBase<ImportRow, UUID> {
    private static final String ACTIVE = "state in ('queued', 'running')";

    private final Database database;
    private final MigrationConfig config;

    ImportBook(Database database, MigrationConfig config) {
        this.database = database;
        this.config = config;
    }

    /** The item is the row's id, or that of the import that was ordered with the same key before. */
    Uni<UUID> open(ImportRow row, int most) {
        return database.transact(() -> count(ACTIVE).chain(active -> {
                    if (active >= most) {
                        throw Refused.of(
                                LedgerError.TOO_MANY_REQUESTS,
                                active + " imports wait already. Wait for the end of one.");
                    }
                    return persist(row).replaceWith(row.id);
                }))
                .onFailure(Database::duplicate)
                .recoverWithUni(() -> withKey(row.idempotencyKey).map(found -> found.orElseThrow().id));
    }

    Uni<Optional<ImportRow>> withKey(String key) {
        return database.transact(() -> find("idempotencyKey = ?1", key).<ImportRow>firstResult())
                .map(Optional::ofNullable);
    }

    Uni<Optional<ImportRow>> find(UUID id) {
        return database.transact(() -> findById(id)).map(Optional::ofNullable);
    }

    Uni<List<ImportRow>> newest(int limit, int skip) {
        return database.transact(() -> findAll(Sort.descending("createdAt", "id"))
                .range(skip, skip + limit - 1)
                .list());
    }

    /** Ids of all imports whose files may still be needed: the active ones, and those that ended after {@code since}. */
    Uni<List<UUID>> needed(Instant since) {
        return database.transact(
                        () -> find(ACTIVE + " or finishedAt > ?1", since).<ImportRow>list())
                .map(rows -> rows.stream().map(row -> row.id).toList());
    }

    /** Imports that this owner works at or may take over, oldest first. */
    Uni<List<UUID>> claimable(UUID owner) {
        return database.transact(() -> getSession().chain(session -> session.createNativeQuery(
                        "select id from migration.imports where " + ACTIVE
                                + " and (owner is null or owner = ?1 or lease_until < now()) order by created_at limit 20",
                        UUID.class)
                .setParameter(1, owner)
                .getResultList()));
    }

    /**
     * Takes or renews the lease; the item is the row, or empty where it is over or another owner's.
     *
     * @param waitingFor what keeps the owner from going on, for whoever looks; null where nothing does
     */
    Uni<Optional<ImportRow>> claim(UUID id, UUID owner, String waitingFor) {
        return database.transact(() -> getSession()
                .chain(session -> session.createNativeQuery(
                                "update migration.imports set owner = ?1, state = 'running',"
                                        + " started_at = coalesce(started_at, now()),"
                                        + " lease_until = now() + ?3 * interval '1 millisecond',"
                                        + " waiting_for = ?4 where id = ?2 and "
                                        + ACTIVE
                                        + " and (owner is null or owner = ?1 or lease_until < now())")
                        .setParameter(1, owner)
                        .setParameter(2, id)
                        .setParameter(3, config.lease().length().toMillis())
                        .setParameter(4, waitingFor)
                        .executeUpdate())
                .chain(rows -> rows == 0
                        ? Uni.createFrom().item(Optional.<ImportRow>empty())
                        : findById(id).map(Optional::ofNullable)));
    }

    /** The item is false where the row is no longer this owner's, or over. */
    Uni<Boolean> update(UUID id, UUID owner, Consumer<ImportRow> change) {
        return change(id, row -> row.active() && owner.equals(row.owner), change);
    }

    /** Whoever works at it ends it behind the batch under way. One that nobody works at is over at once. */
    Uni<Boolean> requestCancel(UUID id, Instant now) {
        return change(id, ImportRow::active, row -> {
            row.cancelRequested = true;
            // an owner whose lease lapsed by another clock finds at its next checkpoint that it is over
            if (row.owner == null || row.leaseUntil == null || row.leaseUntil.isBefore(now)) {
                row.state = "cancelled";
                row.waitingFor = null;
                row.finishedAt = now;
            }
        });
    }

    /** Has a failed one go on from its checkpoint. */
    Uni<Boolean> resume(UUID id) {
        return change(id, row -> "failed".equals(row.state) && row.total != null, row -> {
            row.state = "queued";
            row.error = null;
            row.cancelRequested = false;
            row.finishedAt = null;
            row.owner = null;
            row.leaseUntil = null;
        });
    }

    private Uni<Boolean> change(UUID id, Predicate<ImportRow> where, Consumer<ImportRow> change) {
        return database.transact(
                () -> findById(id, LockModeType.PESSIMISTIC_WRITE).map(row -> {
                    if (row == null || !where.test(row)) {
                        return false;
                    }
                    change.accept(row);
                    return true;
                }));
    }
}
