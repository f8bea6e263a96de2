package io.homebudget.migration.runs;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.schema.Database;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * The runs in PostgreSQL. At most one of a kind is active, which an index guarantees, and at most one replica drives it, which
 * its lease guarantees; leases are measured by the database's clock alone.
 *
 * <p>Every method fails with {@link io.homebudget.migration.schema.DatabaseAway} when PostgreSQL is away.
 */
@ApplicationScoped
public class RunBook implements PanacheRepositoryBase<Run, UUID> {
    private static final String ACTIVE = "state in ('queued', 'running')";

    private final Database database;
    private final MigrationConfig config;
    private final Clock clock;

    RunBook(Database database, MigrationConfig config, Clock clock) {
        this.database = database;
        this.config = config;
        this.clock = clock;
    }

    /** A run with its steps in their order. */
    public record Entry(Run run, List<Step> steps) {}

    /** Writes all of them or none; refused as a conflict where a kind has an active run. */
    public Uni<Void> open(List<Entry> entries) {
        return database.transact(() -> {
                    Uni<Void> all = Uni.createFrom().voidItem();
                    for (Entry entry : entries) {
                        all = all.chain(() -> persist(entry.run()))
                                .chain(() -> entry.steps().isEmpty()
                                        ? Uni.createFrom().voidItem()
                                        : Step.persist(entry.steps()));
                    }
                    return all;
                })
                .onFailure(Database::duplicate)
                .transform(duplicate -> Refused.of(
                        LedgerError.CONFLICT,
                        "A run of this kind is active. Wait for its end or cancel it: GET /api/v1/migration/runs."));
    }

    public Uni<Boolean> anyActive(Kind kind) {
        return database.transact(
                () -> count(ACTIVE + " and kind = ?1", kind.word()).map(n -> n > 0));
    }

    /** The run, or the runs of the batch, with this id; empty where there is none. */
    public Uni<List<Entry>> find(UUID id) {
        return database.transact(
                () -> list("id = ?1 or batchId = ?1", Sort.by("kind"), id).chain(this::withSteps));
    }

    /** Newest first. */
    public Uni<List<Entry>> newest(Optional<Kind> kind, int limit, int skip) {
        Sort order = Sort.descending("createdAt", "id");
        return database.transact(
                () -> (kind.isPresent() ? find("kind = ?1", order, kind.get().word()) : findAll(order))
                        .range(skip, skip + limit - 1)
                        .list()
                        .chain(this::withSteps));
    }

    /** The last succeeded run of the same way, whose pace a forecast goes by. */
    public Uni<Optional<Entry>> lastLike(Kind kind, String target) {
        return database.transact(() -> find(
                        "state = 'succeeded' and dryRun = false and kind = ?1 and target = ?2",
                        Sort.descending("finishedAt"),
                        kind.word(),
                        target)
                .page(Page.ofSize(1))
                .list()
                .chain(this::withSteps)
                .map(found -> found.stream().findFirst()));
    }

    private Uni<List<Entry>> withSteps(List<Run> runs) {
        if (runs.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        List<UUID> ids = runs.stream().map(run -> run.id).toList();
        return Step.<Step>list("runId in ?1", Sort.by("ordinal"), ids).map(steps -> runs.stream()
                .map(run -> new Entry(
                        run,
                        steps.stream().filter(step -> step.runId.equals(run.id)).toList()))
                .toList());
    }

    /** Ids of active runs that this owner drives or may take over. */
    public Uni<List<UUID>> claimable(UUID owner) {
        return database.transact(() -> getSession().chain(session -> session.createNativeQuery(
                        "select id from migration.runs where " + ACTIVE
                                + " and (owner is null or owner = ?1 or lease_until < now()) order by created_at",
                        UUID.class)
                .setParameter(1, owner)
                .getResultList()));
    }

    /** Takes or renews the lease and reads the run; empty where it is over or another owner's. */
    public Uni<Optional<Entry>> claim(UUID id, UUID owner) {
        return database.transact(() -> getSession()
                .chain(session -> session.createNativeQuery("update migration.runs set owner = ?1, state = 'running',"
                                + " started_at = coalesce(started_at, now()),"
                                + " lease_until = now() + ?3 * interval '1 millisecond'"
                                + " where id = ?2 and " + ACTIVE
                                + " and (owner is null or owner = ?1 or lease_until < now())")
                        .setParameter(1, owner)
                        .setParameter(2, id)
                        .setParameter(3, config.lease().length().toMillis())
                        .executeUpdate())
                .chain(rows -> rows == 0
                        ? Uni.createFrom().item(Optional.<Entry>empty())
                        : list("id = ?1", id).chain(this::withSteps).map(found -> Optional.of(found.get(0)))));
    }

    /** Changes a run and its steps in one transaction; the item is false where it is no longer this owner's. */
    public Uni<Boolean> update(UUID id, UUID owner, BiConsumer<Run, List<Step>> change) {
        return database.transact(
                () -> findById(id, LockModeType.PESSIMISTIC_WRITE).chain(run -> {
                    if (run == null
                            || !owner.equals(run.owner)
                            || !run.stateOf().active()) {
                        return Uni.createFrom().item(false);
                    }
                    return Step.<Step>list("runId = ?1", Sort.by("ordinal"), id).map(steps -> {
                        change.accept(run, steps);
                        return true;
                    });
                }));
    }

    /** Gives the owner's runs to whoever comes first. */
    public Uni<Void> release(UUID owner) {
        return database.transact(() -> update("owner = null, leaseUntil = null where owner = ?1 and " + ACTIVE, owner))
                .replaceWithVoid();
    }

    /** The item is false where the run is not active any more. */
    public Uni<Boolean> requestCancel(UUID id) {
        return database.transact(() ->
                update("cancelRequested = true where id = ?1 and " + ACTIVE, id).map(rows -> rows > 0));
    }

    Clock clock() {
        return clock;
    }
}
