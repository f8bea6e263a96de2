package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.internal.EntryRepair;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.following.Following;
import io.homebudget.ledger.storage.outbox.PublishLock;
import io.homebudget.ledger.storage.outbox.Publisher;
import io.homebudget.ledger.storage.outbox.PublisherConfig;
import io.homebudget.ledger.storage.repair.Repairs;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Restoration;
import io.smallrye.mutiny.Uni;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One kind's ledger with everything that works behind it. This is the one place where stores, router, phase changes, backfill
 * and publisher are put together; it knows nothing of HTTP or of the framework, so tests run the very same engine.
 */
public final class LedgerEngine implements AutoCloseable {

    /**
     * @param databaseConfigured false when no DATABASE_URL was given
     * @param pinned the phase that the environment pins; null where none
     * @param logHistory see {@link LogKeeper.Limits}
     * @param logLimit see {@link LogKeeper.Limits}
     * @param logRound see {@link LogKeeper.Limits}
     * @param tombstonesKept at least as long as the topics keep an event, see {@link TombstonePruner}
     */
    public record Settings(
            Kind kind,
            boolean databaseConfigured,
            NewStore newStore,
            Phase pinned,
            long logHistory,
            long logLimit,
            Duration logRound,
            Duration tombstonesKept,
            PublisherConfig publisher) {}

    private final Helm helm;
    private final JsonSide json;
    private final Attachment attachment;
    private final PhaseChanger changer;
    private final WayBack wayBack;
    private final Backfill backfill;
    private final Restore restore;
    private final Publisher publisher;
    private final PublishLock sharedLock;
    private final LogKeeper logKeeper;
    private final TombstonePruner pruner;
    private final Refill refill;
    private final StateReport report;
    private final LedgerRouter router;
    private final ScheduledExecutorService timer;

    public LedgerEngine(
            Settings settings,
            JsonSide json,
            LedgerStore postgres,
            Attachment.Database database,
            PublishLock sharedLock,
            Clock clock) {
        this.json = json;
        this.sharedLock = sharedLock;
        this.timer = timer("ledger-timer-" + settings.kind().word());
        this.helm = new Helm(json.store(), postgres, json.mark(), timer, clock);
        this.attachment = new Attachment(helm, database, json.identity(), json::ruledFrom, settings.newStore());
        this.changer = new PhaseChanger(helm, json.identity(), json::closed);
        this.wayBack = new WayBack(helm, json);
        this.backfill = new Backfill(helm);
        this.restore = new Restore(helm, json.identity());
        this.publisher = new Publisher(settings.kind(), settings.publisher(), this::toPublish, clock);
        this.logKeeper = new LogKeeper(
                helm,
                json,
                publisher::publishedUnder,
                backfill::running,
                new LogKeeper.Limits(settings.logHistory(), settings.logLimit(), settings.logRound()));
        this.pruner = new TombstonePruner(
                helm, publisher::publishedUnder, backfill::running, settings.tombstonesKept(), settings.logRound());
        this.refill = new Refill(helm, backfill, settings.logRound());
        this.report = new StateReport(
                settings.kind(),
                helm,
                json,
                backfill,
                () -> publisher,
                attachment::problem,
                settings.databaseConfigured(),
                settings.pinned());
        this.router = new LedgerRouter(settings.kind(), helm, report::now, publisher::nudge, attachment::lookAgain);
        helm.listen(course -> publisher.nudge());
    }

    /** One thread for everything that waits; nothing blocks on it. After the end, what is still scheduled is dropped. */
    private static ScheduledExecutorService timer(String name) {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
                1,
                task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.DiscardPolicy());
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return timer;
    }

    /** Completes when the ledger serves as far as it can without PostgreSQL; that one is looked for from now on. */
    public Uni<Void> start() {
        return json.finishRestore().chain(attachment::start).invoke(() -> {
            publisher.start();
            logKeeper.start();
            pruner.start();
            refill.start();
        });
    }

    public Ledger ledger() {
        return router;
    }

    public LedgerState state() {
        return report.now();
    }

    /** Fails with {@link PhaseChangeRefused}. */
    public Uni<PhaseChange.Done> changePhase(PhaseChange request) {
        return changer.change(request);
    }

    /** As {@link JsonSide#giveUp}; fails with {@link PhaseChangeRefused}. */
    public Uni<WayBackClosing.Done> closeWayBack(WayBackClosing request) {
        return wayBack.close(request);
    }

    /** Fails with {@link PhaseChangeRefused}. */
    public BackfillState startBackfill() {
        return backfill.start();
    }

    public BackfillState backfill() {
        return backfill.state();
    }

    public BackfillState cancelBackfill() {
        return backfill.cancel();
    }

    /** See {@link Restore#changes}. */
    public Uni<Restore.Done> restore(Image target, Restoration restoration, Restore.Turn turn) {
        return restore.changes(target, restoration, turn);
    }

    /** See {@link Restore#everything}. */
    public Uni<Restore.Done> restoreEverything(Image image, RestoreOrder order, Restore.Turn turn) {
        return restore.everything(image, order, turn);
    }

    /** The follower alone, from the primary: it is filled anew while clients go on. Fails with {@link PhaseChangeRefused}. */
    public Uni<BackfillState> rebuildFollower() {
        return Uni.createFrom().deferred(restore::followerAnew).map(done -> backfill.start());
    }

    public LedgerStore store(StoreName name) {
        return helm.store(name);
    }

    /** The store whose log is the truth now; empty while it is not known. */
    public Optional<LedgerStore> primary() {
        return Optional.ofNullable(helm.course().rule()).map(helm::primary);
    }

    /**
     * Repairs one entry of a store that is in use in this phase; see {@link Repairs}. Fails with {@link PhaseChangeRefused} where
     * the store is not in use, or it is not known who rules.
     */
    public Uni<EntryRepair.Done> repair(EntryRepair repair) {
        Course course = helm.course();
        if (course.rule() == null) {
            throw new PhaseChangeRefused(LedgerError.NOT_WRITTEN, "It is not known who rules; repeat later.");
        }
        StoreName primary = course.rule().phase().primary();
        StoreName damaged = primary.word().equals(repair.store()) ? primary : primary.other();
        if (damaged != primary && !course.rule().phase().dual()) {
            throw new PhaseChangeRefused(
                    LedgerError.CONFLICT,
                    "The " + damaged.word() + " store is not in use in "
                            + course.rule().phase() + ": what it holds is brought up to date when it is used again.");
        }
        boolean bothAtHand = primary.other() == StoreName.JSON ? json.closed().isEmpty() : helm.postgresAttached();
        return new Repairs(helm.store(primary), bothAtHand ? helm.store(primary.other()) : null, course.epoch())
                .repair(helm.store(damaged), repair);
    }

    /** The rule that is in force; empty while it is not known. */
    public Optional<Rule> rule() {
        return Optional.ofNullable(helm.course().rule());
    }

    /** The follower while it follows; empty where there is none, or it is away. */
    public Optional<LedgerStore> follower() {
        Course course = helm.course();
        return course.following() != null && course.following().state() == Following.State.FOLLOWING
                ? course.rule().phase().follower().map(helm::store)
                : Optional.empty();
    }

    /** Completes when the follower has durably applied the position; fails without a follower, or at the limit. */
    public Uni<Long> awaitFollower(long position, Duration limit) {
        Following following = helm.course().following();
        if (following == null) {
            return Uni.createFrom().failure(new IllegalStateException("there is no follower within reach"));
        }
        following.nudge(position, helm.clock.instant());
        return Uni.createFrom()
                .completionStage(following.await(position))
                .map(done -> following.position())
                .ifNoItem()
                .after(limit)
                .fail();
    }

    /** Before PostgreSQL gives out ids up to {@code through}: the store that may take over must know them durably. */
    public Uni<Void> guardIds(long through) {
        Synchrony synchrony = helm.synchrony();
        return synchrony == null ? Uni.createFrom().voidItem() : synchrony.guardIds(through);
    }

    /** Whether writers are waiting for a phase change at this moment. */
    boolean holdsWriters() {
        return helm.gate.isShut();
    }

    public Uni<Path> archive() {
        return json.archive();
    }

    public Publisher publisher() {
        return publisher;
    }

    /** Why PostgreSQL is not attached; null when it is. */
    public String databaseProblem() {
        return attachment.problem();
    }

    @Override
    public void close() {
        publisher.close();
        helm.set(Course.closed("shutting down"));
        helm.gate.close();
        timer.shutdown();
        try {
            if (!timer.awaitTermination(2, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException e) {
            timer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Nothing is published that a takeover would take back: in sync, and from the moment on in which the JSON store begins to
     * join, only what it holds too.
     */
    private Optional<Publisher.Source> toPublish() {
        Course course = helm.course();
        if (course.rule() == null || !course.mayWrite()) {
            return Optional.empty();
        }
        Phase phase = course.rule().phase();
        Synchrony synchrony = helm.synchrony();
        boolean joined = helm.mark.isSet() || synchrony != null && synchrony.state() != Synchrony.State.OUT;
        boolean held = phase == Phase.DATABASE_READS && joined && course.following() != null;
        return Optional.of(new Publisher.Source(
                helm.primary(course.rule()),
                course.rule(),
                held ? course.following().position() : Long.MAX_VALUE,
                phase == Phase.DATABASE_ONLY ? sharedLock : PublishLock.ALONE));
    }
}
