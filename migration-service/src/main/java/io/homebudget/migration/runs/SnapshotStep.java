package io.homebudget.migration.runs;

import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.ledgers.LedgerAway;
import io.homebudget.migration.snapshots.Backups;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Has backup-service make a snapshot and read it again before anything is changed; goes on without where it does not offer them
 * yet. A restarted service makes another one: snapshots are cheap, and one that nobody waited for may be half done.
 *
 * <p>A way back never fails for want of a snapshot and waits for it a minute at most: the step is skipped then, and says why.
 */
@ApplicationScoped
class SnapshotStep implements StepWork {
    /** A million entries take about ten seconds to be kept and read again. */
    private static final Duration BEFORE_GOING_BACK = Duration.ofMinutes(1);

    private final MigrationConfig config;
    private final Backups backups;
    private final Clock clock;
    private final Map<UUID, Underway> jobs = new ConcurrentHashMap<>();

    SnapshotStep(MigrationConfig config, Backups backups, Clock clock) {
        this.clock = clock;
        this.config = config;
        this.backups = backups;
    }

    /** @param snapshot empty while it is being made; else the one that is being verified */
    private record Underway(String job, String snapshot) {}

    @Override
    public StepName name() {
        return StepName.SNAPSHOT;
    }

    @Override
    public Uni<StepResult> look(RunTask task, Step step) {
        Uni<StepResult> made = make(task);
        return Plan.backwards(task.run().from(), task.run().to())
                ? made.onFailure()
                        .recoverWithItem(failure -> StepResult.failed(String.valueOf(failure.getMessage())))
                        .map(result -> orGoWithout(task, step, result))
                : made;
    }

    private StepResult orGoWithout(RunTask task, Step step, StepResult result) {
        String why = null;
        if (result instanceof StepResult.Failed failed) {
            why = failed.why();
        } else if (result instanceof StepResult.Again && clock.instant().isAfter(step.startedAt.plus(patience()))) {
            why = "it was not done within " + patience().toSeconds() + " s";
        }
        if (why == null) {
            return result;
        }
        jobs.remove(task.run().id);
        return StepResult.skipped("going back without a snapshot: " + why);
    }

    /** Well before the run itself counts as stuck. */
    private Duration patience() {
        Duration most = config.timeout().dividedBy(2);
        return most.compareTo(BEFORE_GOING_BACK) < 0 ? most : BEFORE_GOING_BACK;
    }

    private Uni<StepResult> make(RunTask task) {
        if (!config.backupBeforeMigrate()) {
            return Uni.createFrom().item(StepResult.skipped("BACKUP_BEFORE_MIGRATE is false"));
        }
        if (!backups.configured()) {
            return Uni.createFrom().item(StepResult.skipped("BACKUP_URL is not set"));
        }
        UUID run = task.run().id;
        Underway underway = jobs.get(run);
        Uni<StepResult> looked = underway == null
                ? backups.create("pre_migration").map(made -> {
                    jobs.put(run, new Underway(made.id(), ""));
                    return StepResult.again(0, 100, "the snapshot is being made");
                })
                : backups.job(underway.job()).chain(job -> judge(run, underway, job));
        return looked.onFailure(Backups.Trouble.class)
                .recoverWithUni(trouble -> explain(task, (Backups.Trouble) trouble));
    }

    private Uni<StepResult> judge(UUID run, Underway underway, Backups.Job job) {
        boolean verifying = !underway.snapshot().isEmpty();
        if (!job.over()) {
            String note = verifying ? "the snapshot is being verified" : "the snapshot is being made";
            return Uni.createFrom().item(StepResult.again(job.percent(), 100, note));
        }
        if (!job.succeeded() || !job.ok()) {
            jobs.remove(run);
            return Uni.createFrom()
                    .item(StepResult.failed(
                            verifying
                                    ? "snapshot " + underway.snapshot() + " is damaged: " + job.error()
                                    : "the snapshot " + job.state() + ": " + job.error()));
        }
        if (verifying) {
            jobs.remove(run);
            return Uni.createFrom().item(StepResult.finished("snapshot " + underway.snapshot() + ", verified"));
        }
        return backups.verify(job.backupId()).map(begun -> {
            if (begun.isEmpty()) {
                jobs.remove(run);
                return StepResult.finished("snapshot " + job.backupId() + ", verified");
            }
            jobs.put(run, new Underway(begun.get().id(), job.backupId()));
            return StepResult.again(0, 100, "the snapshot is being verified");
        });
    }

    private Uni<StepResult> explain(RunTask task, Backups.Trouble trouble) {
        Underway underway = jobs.get(task.run().id);
        switch (trouble.kind()) {
            case NOT_OFFERED:
                if (underway == null) {
                    return Uni.createFrom().item(StepResult.skipped(trouble.getMessage()));
                }
                // the job is unknown to a backup-service that was started anew: begin again
                jobs.remove(task.run().id);
                return Uni.createFrom().failure(away(task, trouble));
            case REFUSED:
                return Uni.createFrom().item(StepResult.failed(trouble.getMessage()));
            default:
                return Uni.createFrom().failure(away(task, trouble));
        }
    }

    private static LedgerAway away(RunTask task, Backups.Trouble trouble) {
        return new LedgerAway(
                task.run().kindOf(),
                trouble.getMessage() + " for a snapshot; start it, or set BACKUP_BEFORE_MIGRATE=false",
                trouble);
    }
}
