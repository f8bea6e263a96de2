package io.homebudget.migration.status;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.migration.gates.Check;
import io.homebudget.migration.gates.ClosedWays;
import io.homebudget.migration.gates.GateKeeper;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.reconcile.Reconciliation;
import io.homebudget.migration.runs.RunBook;
import io.homebudget.migration.schema.DatabaseAway;
import io.homebudget.migration.verify.VerificationBook;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Where both kinds stand. Answers with PostgreSQL, Kafka and either ledger service away. */
@ApplicationScoped
public class Status {
    private final Ledgers ledgers;
    private final VerificationBook verifications;
    private final RunBook runs;
    private final GateKeeper gates;
    private final Reconciliation reconciliation;
    private final ClosedWays closedWays;

    /** What was last known of comparisons, for the time in which PostgreSQL is away. */
    private final Map<Kind, VerificationBook.Standing> lastKnown = new ConcurrentHashMap<>(new EnumMap<>(Kind.class));

    Status(
            Ledgers ledgers,
            VerificationBook verifications,
            RunBook runs,
            GateKeeper gates,
            Reconciliation reconciliation,
            ClosedWays closedWays) {
        this.ledgers = ledgers;
        this.verifications = verifications;
        this.runs = runs;
        this.gates = gates;
        this.reconciliation = reconciliation;
        this.closedWays = closedWays;
    }

    public Uni<Map<String, Object>> both() {
        return Uni.combine().all().unis(of(Kind.EXPENSE), of(Kind.INCOME)).with((expense, income) -> {
            Map<String, Object> both = new LinkedHashMap<>();
            both.put(Kind.EXPENSE.word(), expense);
            both.put(Kind.INCOME.word(), income);
            return both;
        });
    }

    public Uni<Map<String, Object>> of(Kind kind) {
        return ledgers.of(kind)
                .state()
                .chain(state -> told(kind)
                        .chain(standing -> blocking(kind, state, standing).chain(checks -> closedWays
                                .closed(state)
                                .map(closed -> KindStatus.of(state, orRemembered(kind, standing), checks, closed)))))
                .invoke(view -> view.put("reconciliation", reconciliation.view(kind)))
                .onFailure()
                .recoverWithItem(failure -> KindStatus.away(failure.getMessage()));
    }

    /** What is known of comparisons, from memory while PostgreSQL is away. */
    public Uni<Optional<VerificationBook.Standing>> verified(Kind kind) {
        return told(kind).map(standing -> orRemembered(kind, standing));
    }

    /** Empty while PostgreSQL is away: gates do not open by what was remembered. */
    private Uni<Optional<VerificationBook.Standing>> told(Kind kind) {
        return verifications
                .standing(kind)
                .invoke(standing -> lastKnown.put(kind, standing))
                .map(Optional::of)
                .onFailure(DatabaseAway.class)
                .recoverWithItem(Optional::empty);
    }

    private Optional<VerificationBook.Standing> orRemembered(Kind kind, Optional<VerificationBook.Standing> standing) {
        return standing.or(() -> Optional.ofNullable(lastKnown.get(kind)));
    }

    private Uni<List<Check>> blocking(Kind kind, LedgerState state, Optional<VerificationBook.Standing> standing) {
        if (state.phase() == null || state.phase().next().isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return gates.check(kind, state, state.phase().next().get(), standing, () -> runs.anyActive(kind));
    }
}
