package io.homebudget.migration.upgrade;

import io.homebudget.ledger.internal.SchemaState;
import io.homebudget.migration.ledgers.LedgerAway;
import io.homebudget.migration.snapshots.Backups;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * One upgrade on its way: snapshot, then each service, then a verification. Nothing was changed before the first service was
 * told to. Where a service fails, its own step was rolled back by it, and what others had applied before is undone, newest
 * first. After that, as after an upgrade that went well, everything is verified; where damage is found, the snapshot is the way
 * back, and the job ends when the restore has ended.
 */
final class Upgrade {
    private static final Duration ASK_AGAIN = Duration.ofMillis(500);

    private final Backups backups;
    private final Checkup checkup;
    private final boolean snapshotWanted;
    private final Duration limit;
    private final Clock clock;
    private final Supplier<Uni<Void>> saved;
    private final List<UpgradeStep> steps = new ArrayList<>();

    /** Services that were taken forward, newest first, with the version from which. */
    private final Deque<Taken> taken = new ArrayDeque<>();

    private String snapshot;

    private record Taken(SchemaService service, int steps) {}

    /** Compares the data after an upgrade. */
    interface Checkup {
        /** What is damaged, in one sentence; empty where all is well. */
        Uni<String> damage();

        /** Takes the data back where that loses nothing, or where the order said so; the item says what was done. */
        Uni<String> restore(String snapshot);
    }

    /** An end other than a good one; what it says is for a person. */
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(String why, Throwable cause) {
            super(why, cause);
        }
    }

    /** @param saved writes the progress down; called after each step */
    Upgrade(
            Backups backups,
            Checkup checkup,
            boolean snapshotWanted,
            Duration limit,
            Clock clock,
            Supplier<Uni<Void>> saved) {
        this.backups = backups;
        this.checkup = checkup;
        this.snapshotWanted = snapshotWanted;
        this.limit = limit;
        this.clock = clock;
        this.saved = saved;
    }

    List<UpgradeStep> steps() {
        return List.copyOf(steps);
    }

    String snapshot() {
        return snapshot;
    }

    /** Fails with {@link Broken}. */
    Uni<Void> run(List<SchemaServices.Told> pending) {
        return step("snapshot", this::makeSnapshot)
                .chain(() -> Multi.createFrom()
                        .iterable(pending)
                        .onItem()
                        .transformToUniAndConcatenate(
                                told -> step("update " + told.service().name(), () -> update(told))
                                        .onFailure()
                                        .call(failure -> takeBack().chain(this::mend)))
                        .collect()
                        .asList())
                .chain(() -> step("verification", this::verify));
    }

    private Uni<Void> step(String name, Supplier<Uni<String>> work) {
        steps.add(new UpgradeStep(name, "running", null, clock.instant(), null));
        int at = steps.size() - 1;
        return saved.get()
                .chain(() -> work.get())
                .onItemOrFailure()
                .invoke((detail, failure) -> steps.set(
                        at,
                        steps.get(at)
                                .ended(
                                        failure != null ? "failed" : detail.startsWith("skipped") ? "skipped" : "done",
                                        failure != null ? failure.getMessage() : detail,
                                        clock.instant())))
                .onFailure(failure -> !(failure instanceof Broken))
                .transform(failure -> new Broken(name + ": " + failure.getMessage(), failure))
                .onItemOrFailure()
                .call((detail, failure) -> saved.get())
                .replaceWithVoid();
    }

    private Uni<String> makeSnapshot() {
        if (!snapshotWanted) {
            return Uni.createFrom().item("skipped: BACKUP_BEFORE_MIGRATE is false");
        }
        if (!backups.configured()) {
            return Uni.createFrom().item("skipped: BACKUP_URL is not set");
        }
        Instant end = clock.instant().plus(limit);
        return backups.create("pre_migration").onItemOrFailure().transformToUni((job, failure) -> {
            if (failure == null) {
                return proven(job, end);
            }
            return notOffered(failure)
                    ? Uni.createFrom().item("skipped: " + failure.getMessage())
                    : Uni.createFrom().failure(failure);
        });
    }

    /** Whoever began to make a snapshot offers them: from there on anything but a verified one is a failure. */
    private Uni<String> proven(Backups.Job begun, Instant end) {
        return over(begun, end)
                .chain(made -> backups.verify(made.backupId())
                        .chain(job -> job.isEmpty() ? Uni.createFrom().item(made) : over(job.get(), end))
                        .map(verified -> made.backupId()))
                .onFailure(Upgrade::notOffered)
                .transform(gone -> new Broken("backup-service does not know the snapshot that it began to make", gone))
                .invoke(id -> snapshot = id)
                .map(id -> "snapshot " + id + ", verified");
    }

    private static boolean notOffered(Throwable failure) {
        return failure instanceof Backups.Trouble trouble && trouble.kind() == Backups.Trouble.Kind.NOT_OFFERED;
    }

    private Uni<Backups.Job> over(Backups.Job job, Instant end) {
        if (job.over()) {
            return job.succeeded() && job.ok()
                    ? Uni.createFrom().item(job)
                    : Uni.createFrom().failure(new Broken("backup-service: " + job.state() + " " + job.error(), null));
        }
        return later(end, "the job of backup-service")
                .chain(() -> backups.job(job.id()))
                .chain(now -> over(now, end));
    }

    private Uni<String> update(SchemaServices.Told told) {
        int before = told.state().pending().size();
        Instant end = clock.instant().plus(limit);
        return told.service()
                .update()
                // no answer is no failure: the service goes on, and its history tells
                .onFailure(LedgerAway.class)
                .recoverWithUni(away -> settled(told.service(), end))
                .invoke(state -> taken.push(new Taken(told.service(), before)))
                .map(state -> "at version " + state.current());
    }

    private Uni<SchemaState> settled(SchemaService service, Instant end) {
        return later(end, service.name() + "-service")
                .chain(service::state)
                .onFailure(LedgerAway.class)
                .recoverWithNull()
                .chain(state -> state != null && state.pending().isEmpty()
                        ? Uni.createFrom().item(state)
                        : settled(service, end));
    }

    private Uni<Void> later(Instant end, String what) {
        if (clock.instant().isAfter(end)) {
            return Uni.createFrom()
                    .failure(new Broken(
                            what + " was not done within " + limit.toSeconds() + " s (MIGRATION_TIMEOUT_SECONDS)",
                            null));
        }
        return Uni.createFrom().voidItem().onItem().delayIt().by(ASK_AGAIN);
    }

    /** Undoes what was applied before the failure; what cannot be undone stays, which the step says. */
    private Uni<Void> takeBack() {
        if (taken.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Taken last = taken.pop();
        return step("undo " + last.service().name(), () -> undo(last.service(), last.steps()))
                .onFailure()
                .recoverWithNull()
                .chain(this::takeBack);
    }

    /** A step that failed may have done harm all the same; the failure that is told stays that of the step. */
    private Uni<Void> mend() {
        return step("verification", this::verify).onFailure().recoverWithNull();
    }

    private static Uni<String> undo(SchemaService service, int steps) {
        return service.undo()
                .chain(state -> steps > 1
                        ? undo(service, steps - 1)
                        : Uni.createFrom().item("back at version " + state.current()));
    }

    private Uni<String> verify() {
        return checkup.damage().chain(damage -> {
            if (damage.isEmpty()) {
                return Uni.createFrom().item("no damage");
            }
            if (snapshot == null) {
                return Uni.createFrom().failure(new Broken(damage + " There is no snapshot to go back to.", null));
            }
            return step("restore", () -> checkup.restore(snapshot))
                    .onItem()
                    .failWith(() -> new Broken(damage + " See the step restore.", null))
                    .replaceWith("");
        });
    }
}
