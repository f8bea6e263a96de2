package io.homebudget.migration.wayback;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.gates.ClosedWays;
import io.homebudget.migration.schema.Database;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which ways back are closed: what is recorded here, and else what the ledger service says, which closes them.
 */
@ApplicationScoped
public class ClosureBook implements PanacheRepositoryBase<Closure, UUID>, ClosedWays {
    private static final String HOLDS = "kind = ?1 and overriddenAt is null";

    private final Database database;
    private final Clock clock;
    private final Map<String, Optional<Closure>> known = new ConcurrentHashMap<>();

    ClosureBook(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    @Override
    public Uni<Optional<String>> closed(LedgerState state) {
        if (state.phase() != null && state.phase() != Phase.DATABASE_ONLY) {
            return overridden(state.kind());
        }
        return database.transact(() -> find(HOLDS, state.kind()).<Closure>firstResult())
                .invoke(row -> known.put(state.kind(), Optional.ofNullable(row)))
                .map(Optional::ofNullable)
                .onFailure()
                .recoverWithItem(() -> known.getOrDefault(state.kind(), Optional.empty()))
                .map(found -> found.map(Closure::sentence).or(() -> told(state)));
    }

    /** The ledger service closed it, and it is not recorded here: killed in between, or the record cannot be read now. */
    private static Optional<String> told(LedgerState state) {
        boolean closed =
                state.stores() != null && "closed".equals(state.stores().get("json"));
        return closed ? Optional.of(state.rollbackReason()) : Optional.empty();
    }

    /**
     * Somebody took the ledger back by break-glass: what was closed is open, and the record says so. It may have been done while
     * this service was down, so what is not known yet is looked for.
     */
    private Uni<Optional<String>> overridden(String kind) {
        Optional<Closure> row = known.get(kind);
        if (row != null && row.isEmpty()) {
            return Uni.createFrom().item(Optional.empty());
        }
        return database.transact(() ->
                        update("overriddenAt = ?2 where kind = ?1 and overriddenAt is null", kind, clock.instant()))
                .invoke(() -> known.put(kind, Optional.empty()))
                .onFailure()
                .recoverWithItem(0)
                .replaceWith(Optional.empty());
    }

    /** Records a closure; refused by an index where one holds already. */
    Uni<Void> close(Closure row) {
        return database.transact(() -> persist(row))
                .invoke(() -> known.put(row.kind, Optional.of(row)))
                .replaceWithVoid();
    }

    Uni<Optional<Closure>> holding(Kind kind) {
        return database.transact(() -> find(HOLDS, kind.word()).<Closure>firstResult())
                .map(Optional::ofNullable);
    }
}
