package io.homebudget.migration.upgrade;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.snapshots.Backups;
import io.homebudget.migration.verify.VerificationRow;
import io.homebudget.migration.verify.Verifications;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Function;

/**
 * Verifies each kind that uses PostgreSQL, and takes damaged data back. A follower's store is rebuilt, which loses nothing. The
 * primary's store is taken back only where the order said so: what was acknowledged since the snapshot would be undone with it.
 */
final class DataCheckup implements Upgrade.Checkup {
    private static final Duration ASK_AGAIN = Duration.ofMillis(250);

    /** Stores that are away right after a step of their schema are usually back in a moment. */
    private static final int ATTEMPTS = 3;

    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Ledgers ledgers;
    private final Verifications verifications;
    private final Backups backups;
    private final boolean restorePrimary;
    private final String actor;
    private final Duration limit;
    private final Clock clock;

    DataCheckup(
            Ledgers ledgers,
            Verifications verifications,
            Backups backups,
            boolean restorePrimary,
            String actor,
            Duration limit,
            Clock clock) {
        this.ledgers = ledgers;
        this.verifications = verifications;
        this.backups = backups;
        this.restorePrimary = restorePrimary;
        this.actor = actor;
        this.limit = limit;
        this.clock = clock;
    }

    @Override
    public Uni<String> damage() {
        return kinds(kind -> ledgers.of(kind).state().chain(state -> damageOf(kind, state)));
    }

    private Uni<String> damageOf(Kind kind, LedgerState state) {
        if (state.phase() == null || state.phase() == Phase.JSON_ONLY) {
            return Uni.createFrom().item("");
        }
        return verified(kind, clock.instant().plus(limit), 1)
                .map(row ->
                        row.clean() ? "" : kind.word() + ": " + row.differences + " differences after the upgrade.");
    }

    /** One that could not be finished says nothing of the data, and nothing is restored for it. */
    private Uni<VerificationRow> verified(Kind kind, Instant end, int attempt) {
        return verifications
                .begin(kind, null, actor, "after an upgrade of the schema")
                .chain(begun -> ended(begun.id, end))
                .chain(row -> {
                    if (row.error == null) {
                        return Uni.createFrom().item(row);
                    }
                    return attempt < ATTEMPTS
                            ? Uni.createFrom()
                                    .voidItem()
                                    .onItem()
                                    .delayIt()
                                    .by(PAUSE)
                                    .chain(() -> verified(kind, end, attempt + 1))
                            : Uni.createFrom()
                                    .failure(new Upgrade.Broken(
                                            kind.word() + " could not be verified: " + row.error
                                                    + ". Nothing was restored. Verify it when that is mended: POST"
                                                    + " /api/v1/migration/verifications.",
                                            null));
                });
    }

    private Uni<VerificationRow> ended(UUID id, Instant end) {
        return verifications.find(id).chain(found -> {
            VerificationRow row = found.orElseThrow();
            if (!row.running()) {
                return Uni.createFrom().item(row);
            }
            if (clock.instant().isAfter(end)) {
                return Uni.createFrom()
                        .failure(new Upgrade.Broken(
                                "the verification did not end within " + limit.toSeconds() + " s", null));
            }
            return Uni.createFrom().voidItem().onItem().delayIt().by(ASK_AGAIN).chain(() -> ended(id, end));
        });
    }

    @Override
    public Uni<String> restore(String snapshot) {
        return kinds(kind -> ledgers.of(kind).state().chain(state -> restore(kind, state, snapshot)));
    }

    private Uni<String> restore(Kind kind, LedgerState state, String snapshot) {
        if (state.phase() == null || state.phase() == Phase.JSON_ONLY) {
            return Uni.createFrom().item("");
        }
        boolean follows = state.phase() == Phase.DUAL_WRITE;
        if (!follows && !restorePrimary) {
            return Uni.createFrom()
                    .item(kind.word()
                            + " was not taken back, because that undoes what was written since. To do it: POST"
                            + " /api/v1/backups/" + snapshot + "/restore.");
        }
        Instant end = clock.instant().plus(limit);
        return backups.restore(snapshot, "postgres", kind.word())
                .chain(job -> over(job, end))
                .map(job -> kind.word() + " was restored from the snapshot by job " + job.id() + ".");
    }

    private Uni<Backups.Job> over(Backups.Job job, Instant end) {
        if (job.succeeded()) {
            return Uni.createFrom().item(job);
        }
        if (job.over() || clock.instant().isAfter(end)) {
            return Uni.createFrom()
                    .failure(new Upgrade.Broken(
                            "The restore " + job.id() + " of backup-service is " + job.state() + " " + job.error()
                                    + ": look at /api/v1/backup-jobs/" + job.id() + ", then restore again.",
                            null));
        }
        return Uni.createFrom().voidItem().onItem().delayIt().by(ASK_AGAIN).chain(() -> backups.job(job.id())
                .onFailure(failure ->
                        failure instanceof Backups.Trouble trouble && trouble.kind() == Backups.Trouble.Kind.AWAY)
                .recoverWithItem(job)
                .chain(now -> over(now, end)));
    }

    private static Uni<String> kinds(Function<Kind, Uni<String>> work) {
        return Multi.createFrom()
                .items(Kind.values())
                .onItem()
                .transformToUniAndConcatenate(work::apply)
                .filter(text -> !text.isEmpty())
                .collect()
                .asList()
                .map(texts -> String.join(" ", texts));
    }
}
