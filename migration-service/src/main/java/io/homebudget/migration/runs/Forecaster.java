package io.homebudget.migration.runs;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.schema.DatabaseAway;
import io.homebudget.migration.snapshots.Backups;
import io.homebudget.migration.verify.VerificationBook;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gathers what a forecast goes by. What cannot be had is left out, and the forecast says what it rests on instead. */
@ApplicationScoped
class Forecaster {
    private final RunBook book;
    private final PaceProbe probe;
    private final Ledgers ledgers;
    private final Backups backups;
    private final VerificationBook verifications;
    private final MigrationConfig config;

    Forecaster(
            RunBook book,
            PaceProbe probe,
            Ledgers ledgers,
            Backups backups,
            VerificationBook verifications,
            MigrationConfig config) {
        this.book = book;
        this.probe = probe;
        this.ledgers = ledgers;
        this.backups = backups;
        this.verifications = verifications;
        this.config = config;
    }

    Uni<Map<String, Object>> forecast(LedgerState state, Phase target, List<StepName> plan) {
        Kind kind = Kind.ofWord(state.kind()).orElseThrow();
        return Uni.combine()
                .all()
                .unis(book.lastLike(kind, target.name()), probe.measure(), held(), kept(), compared(state))
                .with((before, measured, held, kept, compared) ->
                        Forecast.of(state, plan, new Evidence(before, measured, held, kept, compared)));
    }

    private boolean makesSnapshots() {
        return config.backupBeforeMigrate() && backups.configured();
    }

    /** A ledger that is away is left out. */
    private Uni<Optional<Evidence.Entries>> held() {
        if (!makesSnapshots()) {
            return Uni.createFrom().item(Optional.empty());
        }
        return Uni.combine()
                .all()
                .unis(held(Kind.EXPENSE), held(Kind.INCOME))
                .with((one, other) -> Optional.of(
                        new Evidence.Entries(one.json() + other.json(), one.postgres() + other.postgres())));
    }

    private Uni<Evidence.Entries> held(Kind kind) {
        return ledgers.of(kind)
                .state()
                .map(state -> new Evidence.Entries(entries(state, StoreName.JSON), entries(state, StoreName.POSTGRES)))
                .onFailure()
                .recoverWithItem(new Evidence.Entries(0, 0));
    }

    private static long entries(LedgerState state, StoreName store) {
        Long entries = state.entries() == null ? null : state.entries().get(store.word());
        return entries == null ? 0 : entries;
    }

    private Uni<Optional<Evidence.Kept>> kept() {
        if (!makesSnapshots()) {
            return Uni.createFrom().item(Optional.empty());
        }
        return backups.lastMade()
                .map(last -> last.map(made -> new Evidence.Kept(
                        new Evidence.Entries(made.json(), made.postgres()), made.seconds(), made.endedAt())))
                .onFailure(Backups.Trouble.class)
                .recoverWithItem(Optional.empty());
    }

    /** Only of the phase that rules now, in which both stores are in use: one of a single store takes less. */
    private Uni<Optional<Evidence.Compared>> compared(LedgerState state) {
        return verifications
                .standing(Kind.ofWord(state.kind()).orElseThrow())
                .map(standing -> standing.lastClean()
                        .filter(row -> state.phase().follower().isPresent()
                                && state.phaseSince() != null
                                && row.startedAt.isAfter(state.phaseSince()))
                        .map(row -> new Evidence.Compared(row.total, row.seconds, row.finishedAt)))
                .onFailure(DatabaseAway.class)
                .recoverWithItem(Optional.empty());
    }
}
