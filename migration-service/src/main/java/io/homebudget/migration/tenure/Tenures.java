package io.homebudget.migration.tenure;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.migration.schema.Database;
import io.homebudget.migration.schema.DatabaseAway;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Since when a phase rules, whatever was started again meanwhile. A ledger service tells it from its memory, so a restart would
 * begin a soak time and a rollback window anew, and take the ground from what was proven before. What is remembered is the
 * earliest moment that was told for the epoch of this ledger; one that was begun anew, with another identity, takes its place.
 *
 * <p>With PostgreSQL away it is what the ledger service tells: at worst too late, so a gate stays closed for longer.
 */
@ApplicationScoped
public class Tenures {
    private static final String NOTE = "insert into migration.tenures (kind, identity, epoch, since)"
            // without a type of its own a null could not be bound
            + " values (?1, cast(nullif(cast(?2 as text), '') as uuid), ?3, ?4)"
            + " on conflict (kind) do update set identity = excluded.identity, epoch = excluded.epoch,"
            + " since = case when tenures.identity is not distinct from excluded.identity"
            + " and tenures.epoch = excluded.epoch then least(tenures.since, excluded.since) else excluded.since end"
            // an answer that was overtaken must not bring its epoch back
            + " where tenures.identity is distinct from excluded.identity or tenures.epoch < excluded.epoch"
            + " or tenures.since > excluded.since and tenures.epoch = excluded.epoch";

    private final Database database;
    private final Map<String, Tenure> known = new ConcurrentHashMap<>();

    private record Tenure(UUID identity, long epoch, Instant since) {
        /** Whether the database has nothing to add: it would not take an epoch back. */
        boolean settles(LedgerState told) {
            return Objects.equals(identity, told.identity()) && epoch >= told.epoch();
        }

        LedgerState in(LedgerState told) {
            return epoch == told.epoch() && since.isBefore(told.phaseSince()) ? told.withPhaseSince(since) : told;
        }
    }

    Tenures(Database database) {
        this.database = database;
    }

    /** The same state with the remembered moment. Costs a transaction once per epoch, and nothing afterwards. */
    public Uni<LedgerState> remembered(LedgerState told) {
        if (told.phase() == null || told.phaseSince() == null) {
            return Uni.createFrom().item(told);
        }
        Tenure tenure = known.get(told.kind());
        if (tenure != null && tenure.settles(told)) {
            return Uni.createFrom().item(tenure.in(told));
        }
        if (database.pending() > 0 || !database.connected()) {
            // the table may be the one that waits for consent; and a PostgreSQL that is silent is waited for once, not
            // here again
            return Uni.createFrom().item(told);
        }
        return database.transact(() -> note(told))
                .map(row -> new Tenure(row.identity, row.epoch, row.since))
                .invoke(found -> known.put(told.kind(), found))
                .map(found -> found.in(told))
                .onFailure(DatabaseAway.class)
                .recoverWithItem(told);
    }

    private static Uni<TenureRow> note(LedgerState told) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(NOTE)
                        .setParameter(1, told.kind())
                        .setParameter(
                                2,
                                told.identity() == null ? "" : told.identity().toString())
                        .setParameter(3, told.epoch())
                        .setParameter(4, told.phaseSince().truncatedTo(ChronoUnit.MICROS))
                        .executeUpdate())
                .chain(() -> TenureRow.findById(told.kind()));
    }
}
