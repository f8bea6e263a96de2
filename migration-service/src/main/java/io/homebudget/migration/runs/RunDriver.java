package io.homebudget.migration.runs;

import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.ledgers.LedgerAway;
import io.homebudget.migration.ledgers.LedgerRefused;
import io.homebudget.migration.ledgers.LedgerService;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.live.Live;
import io.homebudget.migration.schema.DatabaseAway;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Takes active runs through their steps. A run is looked at by one owner at a time, which its lease guarantees; whoever holds
 * the lease goes on from the step that the row names.
 *
 * <p>What is away is waited for with growing pauses. Waiting for PostgreSQL, where the runs themselves are, does not count
 * against a run; waiting for anything else ends when nothing moved for the configured time.
 */
@ApplicationScoped
public class RunDriver {
    private static final Logger LOG = Logger.getLogger(RunDriver.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** 2^5 ticks is longer than the longest pause already. */
    private static final int MOST_DOUBLINGS = 5;

    private final RunBook book;
    private final Ledgers ledgers;
    private final MigrationConfig config;
    private final Clock clock;
    private final Live live;
    private final Vertx vertx;
    private final Map<StepName, StepWork> works = new EnumMap<>(StepName.class);
    private final Map<UUID, Drive> drives = new ConcurrentHashMap<>();
    private volatile UUID owner;
    private volatile long timer = -1;
    private volatile boolean looking;

    RunDriver(
            RunBook book,
            Ledgers ledgers,
            MigrationConfig config,
            Clock clock,
            Live live,
            Vertx vertx,
            @All List<StepWork> works) {
        this.book = book;
        this.ledgers = ledgers;
        this.config = config;
        this.clock = clock;
        this.live = live;
        this.vertx = vertx;
        works.forEach(work -> this.works.put(work.name(), work));
    }

    /** How one run fares in this process. */
    private static final class Drive {
        private boolean busy;
        private int failures;
        private Instant due;
        private Instant moved;
        private Instant stepSeen;
        private long stepDoneAtFirst;
        private int stepOrdinal = -1;
        private String lastSign = "";

        Drive(Instant now) {
            due = now;
            moved = now;
        }
    }

    void onStart(@Observes StartupEvent started) {
        begin();
    }

    void onStop(@Observes ShutdownEvent stopping) {
        halt();
    }

    /** Starts driving as a new owner. */
    void begin() {
        owner = UUID.randomUUID();
        timer = vertx.setPeriodic(config.lease().tick().toMillis(), tick -> tick());
    }

    /** Stops driving as a killed process would: leases stay until they lapse. */
    void halt() {
        vertx.cancelTimer(timer);
        owner = null;
        drives.clear();
    }

    private void tick() {
        UUID me = owner;
        if (me == null) {
            return;
        }
        if (!looking) {
            looking = true;
            book.claimable(me)
                    .onTermination()
                    .invoke(() -> looking = false)
                    .subscribe()
                    .with(
                            ids -> ids.forEach(id -> drives.computeIfAbsent(id, fresh -> new Drive(clock.instant()))),
                            away -> LOG.debugf("runs cannot be looked for: reason=%s", away.getMessage()));
        }
        drives.forEach((id, drive) -> drive(id, drive, me));
    }

    private void drive(UUID id, Drive drive, UUID me) {
        Instant now = clock.instant();
        synchronized (drive) {
            if (drive.busy || now.isBefore(drive.due) || !me.equals(owner)) {
                return;
            }
            drive.busy = true;
        }
        book.claim(id, me)
                .chain(entry -> entry.isEmpty() ? over(id) : look(entry.get(), drive, me))
                .subscribe()
                .with(again -> ended(id, drive, me, again), failure -> failed(drive, failure));
    }

    private Uni<Boolean> over(UUID id) {
        drives.remove(id);
        return Uni.createFrom().item(false);
    }

    /** The next look: at once where a step ended, at the next tick else. */
    private void ended(UUID id, Drive drive, UUID me, boolean again) {
        synchronized (drive) {
            drive.busy = false;
            drive.due = clock.instant();
        }
        if (again) {
            drive(id, drive, me);
        }
    }

    private void failed(Drive drive, Throwable failure) {
        Instant now = clock.instant();
        synchronized (drive) {
            drive.busy = false;
            drive.failures++;
            drive.due = now.plus(pause(drive.failures));
            if (failure instanceof DatabaseAway) {
                // the run cannot be blamed for the time in which its own row was out of reach
                drive.moved = now;
                LOG.debugf("a run waits for PostgreSQL: reason=%s", failure.getMessage());
            } else {
                LOG.error("a look at a run failed unexpectedly", failure);
            }
        }
    }

    private Duration pause(int failures) {
        Duration pause = config.lease().tick().multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    private Uni<Boolean> look(RunBook.Entry entry, Drive drive, UUID me) {
        Run run = entry.run();
        LedgerService ledger = ledgers.of(run.kindOf());
        return ledger.state()
                .chain(state -> {
                    if (state.phase() == null) {
                        return Uni.createFrom()
                                .<Boolean>failure(new LedgerAway(run.kindOf(), "it does not know its phase now", null));
                    }
                    RunTask task = new RunTask(run, entry.steps(), ledger, state);
                    return run.cancelRequested ? cancel(task, me) : step(task, drive, me);
                })
                .onFailure(failure -> !(failure instanceof DatabaseAway))
                .recoverWithUni(failure -> waitFor(entry, drive, me, failure));
    }

    // ---- steps ---------------------------------------------------------------------------------------------------

    private Uni<Boolean> step(RunTask task, Drive drive, UUID me) {
        Optional<Step> current = task.current();
        if (current.isEmpty()) {
            return finish(task, me, RunState.SUCCEEDED, null);
        }
        Long changed = task.changedEpoch();
        if (changed != null && task.state().phase() != task.run().to()) {
            return finish(task, me, RunState.FAILED, "Somebody else changed the phase during the run.");
        }
        if (changed != null && task.state().epoch() > changed) {
            // the same phase under a later rule: what was filled before it does not count any more
            task.changedIn(task.state().epoch());
        }
        Step step = current.get();
        return started(task, step, me)
                .chain(() -> works.get(step.nameOf()).look(task, step))
                .chain(result -> record(task, step, result, drive, me));
    }

    private Uni<Boolean> started(RunTask task, Step step, UUID me) {
        if (step.startedAt != null) {
            return Uni.createFrom().item(true);
        }
        step.startedAt = clock.instant();
        return book.update(task.run().id, me, (run, steps) -> {
            Step row = steps.get(step.ordinal);
            row.state = Step.RUNNING;
            row.startedAt = step.startedAt;
        });
    }

    private Uni<Boolean> record(RunTask task, Step step, StepResult result, Drive drive, UUID me) {
        if (result instanceof StepResult.Failed failure) {
            return finish(task, me, RunState.FAILED, step.name + ": " + failure.why());
        }
        if (result instanceof StepResult.Again again) {
            return goOn(task, step, again, drive, me);
        }
        String how = result instanceof StepResult.Skipped ? Step.SKIPPED : Step.DONE;
        String detail =
                result instanceof StepResult.Skipped skipped ? skipped.why() : ((StepResult.Finished) result).detail();
        moved(drive);
        return book.update(task.run().id, me, (run, steps) -> {
                    Step row = steps.get(step.ordinal);
                    row.done = row.total;
                    row.end(how, detail, clock.instant());
                    task.noteIn(run);
                    run.waitingFor = null;
                })
                .invoke(() -> LOG.infof(
                        "step ended: run=%s kind=%s step=%s result=%s detail=%s",
                        task.run().id, task.run().kind, step.name, how, detail))
                .call(() -> tell(task.run().id, false));
    }

    private Uni<Boolean> goOn(RunTask task, Step step, StepResult.Again again, Drive drive, UUID me) {
        String sign = step.ordinal + " " + again.done() + " " + again.note();
        Instant now = clock.instant();
        synchronized (drive) {
            if (drive.stepOrdinal != step.ordinal) {
                drive.stepOrdinal = step.ordinal;
                drive.stepSeen = now;
                drive.stepDoneAtFirst = again.done();
            }
        }
        if (sign.equals(drive.lastSign)) {
            return stuck(drive)
                    ? finish(task, me, RunState.FAILED, step.name + ": " + noProgress(again.note()))
                    : Uni.createFrom().item(false);
        }
        drive.lastSign = sign;
        moved(drive);
        double seconds = Math.max(0.001, Duration.between(drive.stepSeen, now).toMillis() / 1e3);
        double rate = Math.max(0, again.done() - drive.stepDoneAtFirst) / seconds;
        return book.update(task.run().id, me, (run, steps) -> {
                    Step row = steps.get(step.ordinal);
                    row.done = Math.max(again.done(), Math.min(row.done, again.total()));
                    row.total = again.total();
                    row.detail = again.note();
                    run.done = row.done;
                    run.total = row.total;
                    run.ratePerSecond = rate;
                    task.noteIn(run);
                    run.waitingFor = null;
                })
                .call(() -> tell(task.run().id, false))
                .replaceWith(false);
    }

    // ---- waiting -------------------------------------------------------------------------------------------------

    private Uni<Boolean> waitFor(RunBook.Entry entry, Drive drive, UUID me, Throwable failure) {
        boolean transientFailure = failure instanceof LedgerAway || failure instanceof LedgerRefused;
        String why = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        if (!transientFailure) {
            LOG.error("a step failed unexpectedly", failure);
        }
        synchronized (drive) {
            drive.failures++;
            drive.due = clock.instant().plus(pause(drive.failures));
        }
        RunTask task =
                new RunTask(entry.run(), entry.steps(), ledgers.of(entry.run().kindOf()), null);
        String step = task.current().map(open -> open.name).orElse("end");
        if (stuck(drive)) {
            return end(entry.run(), me, RunState.FAILED, step + ": " + noProgress(why), run -> {});
        }
        if (why.equals(entry.run().waitingFor)) {
            return pausing(drive);
        }
        LOG.infof("a run waits: run=%s kind=%s step=%s for=%s", entry.run().id, entry.run().kind, step, why);
        return book.update(entry.run().id, me, (run, steps) -> run.waitingFor = why)
                .call(() -> tell(entry.run().id, false))
                .chain(() -> pausing(drive));
    }

    /** Keeps the pause: an item would let {@link #ended} look again at the next tick. */
    private Uni<Boolean> pausing(Drive drive) {
        Instant due = drive.due;
        long millis = Math.max(1, Duration.between(clock.instant(), due).toMillis());
        return Uni.createFrom().item(false).onItem().delayIt().by(Duration.ofMillis(millis));
    }

    private boolean stuck(Drive drive) {
        return drive.moved.plus(config.timeout()).isBefore(clock.instant());
    }

    private String noProgress(String why) {
        return "no progress for " + config.timeout().toSeconds() + " s (MIGRATION_TIMEOUT_SECONDS): " + why;
    }

    private void moved(Drive drive) {
        synchronized (drive) {
            drive.failures = 0;
            drive.moved = clock.instant();
        }
    }

    // ---- ends ----------------------------------------------------------------------------------------------------

    private Uni<Boolean> cancel(RunTask task, UUID me) {
        return Cancellation.look(task)
                .chain(outcome -> outcome.finished()
                        ? end(task.run(), me, RunState.CANCELLED, outcome.note(), task::noteIn)
                        : Uni.createFrom().item(false));
    }

    private Uni<Boolean> finish(RunTask task, UUID me, RunState how, String why) {
        String error = why == null
                ? null
                : why + " The ledger stands in " + task.state().phase() + ".";
        return end(task.run(), me, how, error, task::noteIn);
    }

    private Uni<Boolean> end(Run task, UUID me, RunState how, String why, Consumer<Run> notes) {
        Instant now = clock.instant();
        return book.update(task.id, me, (run, steps) -> {
                    notes.accept(run);
                    run.state = how.word();
                    run.error = why;
                    run.waitingFor = null;
                    run.finishedAt = now;
                    steps.stream().filter(Step::open).findFirst().ifPresent(open -> {
                        if (how == RunState.FAILED || how == RunState.CANCELLED) {
                            open.end(how == RunState.FAILED ? Step.FAILED : Step.CANCELLED, why, now);
                        }
                    });
                })
                .invoke(() -> {
                    drives.remove(task.id);
                    LOG.infof(
                            "run ended: run=%s kind=%s target=%s state=%s error=%s",
                            task.id, task.kind, task.target, how.word(), why);
                })
                .call(() -> tell(task.id, true))
                .replaceWith(false);
    }

    /** Tells listeners; that nobody could be told never fails a run. */
    private Uni<Void> tell(UUID id, boolean complete) {
        return book.find(id)
                .invoke(found -> found.forEach(entry -> {
                    Object view = RunView.of(entry, clock.instant());
                    if (complete) {
                        live.complete("run", entry.run().kind, view);
                    } else {
                        live.progress("run", entry.run().kind, view);
                    }
                }))
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
    }
}
