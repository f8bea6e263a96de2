package io.homebudget.migration.runs;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.ledgers.Ledgers;
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
                .unis(book.lastLike(kind, target.name()), probe.measure(), held(), kept(), compared(kind))
                .with((before, measured, held, kept, compared) ->
                        Forecast.of(state, plan, new Evidence(before, measured, held, kept, compared)));
    }

    private boolean makesSnapshots() {
        return config.backupBeforeMigrate() && backups.configured();
    }

    /** A ledger that is away is left out. */
    private Uni<Optional<Evidence.Rows>> held() {
        if (!makesSnapshots()) {
            return Uni.createFrom().item(Optional.empty());
        }
        return Uni.combine()
                .all()
                .unis(held(Kind.EXPENSE), held(Kind.INCOME))
                .with((one, other) ->
                        Optional.of(new Evidence.Rows(one.json() + other.json(), one.postgres() + other.postgres())));
    }

    private Uni<Evidence.Rows> held(Kind kind) {
        return ledgers.of(kind)
                .state()
                .map(state -> new Evidence.Rows(entries(state, StoreName.JSON), entries(state, StoreName.POSTGRES)))
                .onFailure()
                .recoverWithItem(new Evidence.Rows(0, 0));
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
                .map(last -> last.map(made ->
                        new Evidence.Kept(new Evidence.Rows(made.jsonRows(), made.postgresRows()), made.seconds())))
                .onFailure(Backups.Trouble.class)
                .recoverWithItem(Optional.empty());
    }

    private Uni<Optional<Evidence.Compared>> compared(Kind kind) {
        return verifications.standing(kind).map(standing -> standing.last()
                .map(row -> new Evidence.Compared(row.total, row.seconds)));
    }
}
