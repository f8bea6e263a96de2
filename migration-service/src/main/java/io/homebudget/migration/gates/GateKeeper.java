package io.homebudget.migration.gates;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.schema.Database;
import io.homebudget.migration.schema.DatabaseAway;
import io.homebudget.migration.verify.VerificationBook;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Gathers the situation and asks the gates. Works with PostgreSQL away: what is not known then closes a gate. */
@ApplicationScoped
public class GateKeeper {
    private final VerificationBook verifications;
    private final Database database;
    private final MigrationConfig config;
    private final Clock clock;

    GateKeeper(VerificationBook verifications, Database database, MigrationConfig config, Clock clock) {
        this.verifications = verifications;
        this.database = database;
        this.config = config;
        this.clock = clock;
    }

    /** @param activeRun asks whether another run of the kind is active */
    public Uni<List<Check>> check(Kind kind, LedgerState state, Phase target, Supplier<Uni<Boolean>> activeRun) {
        return known(verifications.standing(kind)).chain(standing -> known(activeRun.get())
                .map(active -> Gates.check(new Situation(
                        kind,
                        state,
                        target,
                        database.ready(),
                        database.connected(),
                        standing,
                        active,
                        config.requireExplicitConsent(),
                        config.gates().soak(),
                        config.gates().verificationAge(),
                        clock.instant()))));
    }

    private static <T> Uni<Optional<T>> known(Uni<T> asked) {
        return asked.map(Optional::of).onFailure(DatabaseAway.class).recoverWithItem(Optional.empty());
    }
}
