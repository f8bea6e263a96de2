package io.homebudget.migration.repair;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.discrepancies.DiscrepancyBook;
import io.homebudget.migration.discrepancies.DiscrepancyRow;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.schema.Database;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Orders to repair all that is open of a kind, one at a time per kind, which an index guarantees. An order whose service died
 * fails when the next one is asked for; repeating it is harmless.
 */
@ApplicationScoped
class RepairOrders implements PanacheRepositoryBase<RepairRow, UUID> {
    private static final Logger LOG = Logger.getLogger(RepairOrders.class);

    /** Repaired and looked at again together. */
    private static final int PAGE = 100;

    /** A page takes seconds; an order that is silent for so long has no service any more. */
    private static final Duration SILENT = Duration.ofMinutes(3);

    /** About half a minute; a longer absence ends in being swept. */
    private static final int END_ATTEMPTS = 10;

    private final Database database;
    private final DiscrepancyBook book;
    private final Repairer repairer;
    private final Clock clock;

    RepairOrders(Database database, DiscrepancyBook book, Repairer repairer, Clock clock) {
        this.database = database;
        this.book = book;
        this.repairer = repairer;
        this.clock = clock;
    }

    /** Starts one and answers at once. */
    Uni<RepairRow> begin(Kind kind, String actor, String reason) {
        RepairRow row = new RepairRow();
        row.id = UUID.randomUUID();
        row.kind = kind.word();
        row.state = "running";
        row.actor = actor;
        row.reason = reason;
        row.startedAt = clock.instant();
        row.heartbeatAt = row.startedAt;
        return sweep().chain(() -> book.openCount(kind))
                .invoke(open -> row.total = open)
                .chain(() -> database.transact(() -> persist(row)))
                .onFailure(Database::duplicate)
                .transform(twice ->
                        Refused.of(LedgerError.CONFLICT, "A repair of this kind is running; wait for its end."))
                .invoke(() -> page(kind, row.id, 0, actor, reason)
                        .subscribe()
                        .with(done -> ended(row.id, null), failure -> ended(row.id, failure)))
                .replaceWith(row);
    }

    private Uni<Void> page(Kind kind, UUID order, long after, String actor, String reason) {
        return book.open(kind, after, PAGE)
                .chain(rows -> rows.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : repairer.repair(kind, rows, actor, reason)
                                .chain(results -> update(order, row -> {
                                    row.done += rows.size();
                                    row.total = Math.max(row.total, row.done);
                                    row.repaired += results.values().stream()
                                            .filter("repaired"::equals)
                                            .count();
                                    row.heartbeatAt = clock.instant();
                                }))
                                .chain(() -> page(kind, order, last(rows), actor, reason)));
    }

    private static long last(List<DiscrepancyRow> rows) {
        return rows.get(rows.size() - 1).id;
    }

    private void ended(UUID order, Throwable failure) {
        Instant now = clock.instant();
        Uni<Void> end = update(order, row -> {
            row.state = failure == null ? "succeeded" : "failed";
            row.error = failure == null ? null : String.valueOf(failure.getMessage());
            row.finishedAt = now;
        });
        // until it is written down, no other order of the kind is taken
        Database.patiently(() -> end, END_ATTEMPTS)
                .subscribe()
                .with(
                        done -> LOG.infof("repair ended: id=%s error=%s", order, failure),
                        // it stays running until it is swept as silent
                        away -> LOG.warnf("a repair's end could not be recorded: id=%s", order));
    }

    private Uni<Void> update(UUID id, Consumer<RepairRow> change) {
        return database.transact(() -> findById(id).invoke(change)).replaceWithVoid();
    }

    private Uni<Integer> sweep() {
        Instant now = clock.instant();
        return database.transact(() -> update(
                "state = 'failed', error = 'migration-service stopped in the middle of it; repeat it', finishedAt = ?1"
                        + " where state = 'running' and heartbeatAt < ?2",
                now,
                now.minus(SILENT)));
    }

    Uni<Optional<RepairRow>> find(UUID id) {
        return sweep().chain(() -> database.transact(() -> findById(id).map(Optional::ofNullable)));
    }
}
