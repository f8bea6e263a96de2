package io.homebudget.migration.gates;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.schema.Database;
import io.homebudget.migration.schema.DatabaseAway;
import io.homebudget.migration.surroundings.Surveyor;
import io.homebudget.migration.verify.VerificationBook;
import io.quarkus.arc.All;
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
    private final Surveyor surveyor;
    private final ClosedWays closedWays;
    private final List<Interlock> interlocks;
    private final MigrationConfig config;
    private final Clock clock;

    GateKeeper(
            VerificationBook verifications,
            Database database,
            Surveyor surveyor,
            ClosedWays closedWays,
            @All List<Interlock> interlocks,
            MigrationConfig config,
            Clock clock) {
        this.verifications = verifications;
        this.database = database;
        this.surveyor = surveyor;
        this.closedWays = closedWays;
        this.interlocks = interlocks;
        this.config = config;
        this.clock = clock;
    }

    /** @param activeRun asks whether another run of the kind is active */
    public Uni<List<Check>> check(Kind kind, LedgerState state, Phase target, Supplier<Uni<Boolean>> activeRun) {
        return known(verifications.standing(kind)).chain(standing -> check(kind, state, target, standing, activeRun));
    }

    /** As above, for whoever has just asked for the standing. @param standing empty where PostgreSQL did not tell it */
    public Uni<List<Check>> check(
            Kind kind,
            LedgerState state,
            Phase target,
            Optional<VerificationBook.Standing> standing,
            Supplier<Uni<Boolean>> activeRun) {
        return known(activeRun.get()).chain(active -> Uni.combine()
                .all()
                .unis(surveyor.around(kind), closedWays.closed(state), interlock(kind))
                .with((around, closed, interlock) -> Gates.check(new Situation(
                        kind,
                        state,
                        target,
                        database.ready(),
                        database.connected(),
                        standing,
                        active,
                        interlock,
                        closed,
                        around,
                        rules(),
                        clock.instant()))));
    }

    private Situation.Rules rules() {
        return new Situation.Rules(
                config.requireExplicitConsent(),
                config.backupBeforeMigrate(),
                config.gates().soak(),
                config.gates().verificationAge(),
                config.gates().snapshotAge());
    }

    private Uni<Optional<String>> interlock(Kind kind) {
        Uni<Optional<String>> first = Uni.createFrom().item(Optional.empty());
        for (Interlock interlock : interlocks) {
            first = first.chain(found -> found.isPresent() ? Uni.createFrom().item(found) : interlock.holds(kind));
        }
        // while PostgreSQL is away other gates are closed already, and the way back must not be
        return first.onFailure(DatabaseAway.class).recoverWithItem(Optional.empty());
    }

    private static <T> Uni<Optional<T>> known(Uni<T> asked) {
        return asked.map(Optional::of).onFailure(DatabaseAway.class).recoverWithItem(Optional.empty());
    }
}
