package io.homebudget.ledger.storage.following;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.storage.store.ApplyReport;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.LogSlice;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Keeps one store, the follower, at the head of the other one's log for as long as one epoch rules.
 *
 * <p>Guarantees: sets are applied in the order of their positions, each at least once, none left out; what is not applied yet
 * is known, because the follower's durable position says so, and is tried again until it is applied or this following is
 * stopped (A7). A follower that is away costs nobody anything but the growing lag.
 *
 * <p>Sets come from the primary's log (pulled). A caller that has just committed one may {@link #offer} it to save the round
 * trip: when it is the next position, it is applied at once. Offered sets behind a gap wait a moment for their predecessor,
 * then the log is asked, which knows whether the gap will ever be filled. One operation runs at a time; what comes meanwhile
 * forms the next batch, so that batches grow with load as in a group commit.
 */
public final class Following {
    private static final Logger LOG = Logger.getLogger(Following.class);
    private static final int BATCH_CHANGES = 2_000;
    /** A set that a concurrent transaction is about to commit arrives within this; asking the log costs a query. */
    private static final long GAP_PATIENCE_MILLIS = 3;
    /** How often the log is looked at when nobody said that there is something new, for changes made by others. */
    private static final long IDLE_MILLIS = 500;

    private static final long FIRST_BACKOFF_MILLIS = 50;
    private static final long LAST_BACKOFF_MILLIS = 2_000;
    /** Offers kept in memory while the follower lags; beyond, they come from the log. */
    private static final int MAX_PENDING = 20_000;

    /** How the follower does. */
    public enum State {
        FOLLOWING,
        /** The last attempt failed; the next one comes after a pause. */
        AWAY,
        /** The follower knows a higher epoch: somebody else leads. */
        FENCED,
        STOPPED
    }

    private final LedgerStore primary;
    private final LedgerStore follower;
    private final long epoch;
    private final ScheduledExecutorService timer;
    private final Clock clock;
    private final Consumer<ApplyReport> reports;
    private final TreeMap<Long, ChangeSet> pending = new TreeMap<>();
    private final Waiters waiters = new Waiters();

    private State state = State.FOLLOWING;
    private long applied;
    private long head;
    private Instant oldestPending;
    private boolean busy;
    private boolean pullWanted = true;
    private boolean wakeScheduled;
    /** After a failure nothing is tried before the pause is over, however much comes meanwhile. */
    private boolean pausing;
    /** The last time the log was asked there was no answer: what is missing cannot be known. */
    private boolean primaryAway;

    private boolean asking;
    /** Of the question that is open. */
    private long askedAt;

    private long backoffMillis = FIRST_BACKOFF_MILLIS;
    private String lastFailure;

    /**
     * @param position the follower's durable position
     * @param head the primary's head as far as known
     * @param reports is told what became of each batch
     */
    public Following(
            LedgerStore primary,
            LedgerStore follower,
            long epoch,
            long position,
            long head,
            ScheduledExecutorService timer,
            Clock clock,
            Consumer<ApplyReport> reports) {
        this.primary = primary;
        this.follower = follower;
        this.epoch = epoch;
        this.applied = position;
        this.head = Math.max(head, position);
        this.timer = timer;
        this.clock = clock;
        this.reports = reports;
    }

    /** Begins; without it nothing is applied. */
    public void start() {
        timer.execute(this::turn);
        idleTick();
    }

    /** Ends it for good. An operation under way ends by itself; {@link #quiesced} tells when. Waiters fail. */
    public void stop() {
        List<CompletableFuture<Void>> left;
        synchronized (this) {
            state = State.STOPPED;
            pending.clear();
            left = waiters.leave();
        }
        fail(left, new IllegalStateException("the following has ended"));
    }

    /** Outside the lock: those who are told take locks of their own, under which they ask this one. */
    private static void fail(List<CompletableFuture<Void>> waiting, Throwable failure) {
        waiting.forEach(waiter -> waiter.completeExceptionally(failure));
    }

    /** Whether no operation is under way. */
    public synchronized boolean quiesced() {
        return !busy;
    }

    /** A set that the primary has just committed; applied as soon as all before it are. */
    public void offer(ChangeSet set) {
        synchronized (this) {
            noteHead(set.position(), set.at());
            if (set.position() > applied && pending.size() < MAX_PENDING && state == State.FOLLOWING) {
                pending.put(set.position(), set);
            } else {
                pullWanted = true;
            }
        }
        turn();
    }

    /** There is something new in the log. */
    public void nudge(long newHead, Instant at) {
        synchronized (this) {
            noteHead(newHead, at);
            pullWanted = true;
        }
        turn();
    }

    /** Completes when the follower has durably applied everything up to the position. Fails only when stopped. */
    public synchronized CompletableFuture<Void> await(long position) {
        if (applied >= position) {
            return CompletableFuture.completedFuture(null);
        }
        return state == State.STOPPED
                ? CompletableFuture.failedFuture(new IllegalStateException("the following has ended"))
                : waiters.add(position);
    }

    public synchronized State state() {
        return state;
    }

    /**
     * Whether the follower itself cannot be written; where it is the primary's log that cannot be read, nothing is known against it.
     * A following that was stopped says nothing either: it ends with every orderly phase change.
     */
    public synchronized boolean followerFails() {
        return (state == State.AWAY || state == State.FENCED) && !primaryAway;
    }

    /** Whether it is the primary's log that cannot be read; the follower itself may be in best health. */
    public synchronized boolean primaryAway() {
        return primaryAway;
    }

    /** Whether the primary's log was asked and has not answered yet: what is missing may not be the follower's fault. */
    public synchronized boolean askingPrimary() {
        return asking;
    }

    /** Whether one and the same question to the primary's log is open for so long: a primary that only has much to do answers. */
    public synchronized boolean primarySilentFor(Duration time) {
        return asking && System.nanoTime() - askedAt >= time.toNanos();
    }

    /** Positions up to here are durable in the follower. */
    public synchronized long position() {
        return applied;
    }

    /** Positions that the follower has not applied. */
    public synchronized long lag() {
        return Math.max(0, head - applied);
    }

    /** How long the oldest change that is not applied has been waiting; zero when there is none. */
    public synchronized Duration oldestAge() {
        return oldestPending == null || head <= applied
                ? Duration.ZERO
                : Duration.between(oldestPending, clock.instant());
    }

    /** Why the follower is away; null while it is not. */
    public synchronized String lastFailure() {
        return state == State.AWAY ? lastFailure : null;
    }

    private void noteHead(long newHead, Instant at) {
        if (newHead > head) {
            if (head <= applied) {
                oldestPending = at;
            }
            head = newHead;
        }
    }

    /** Starts the next operation unless one is under way. Called whenever something may have become possible. */
    private void turn() {
        List<ChangeSet> run = null;
        long from;
        synchronized (this) {
            if (busy || pausing || state == State.STOPPED || state == State.FENCED) {
                return;
            }
            pending.headMap(applied, true).clear();
            from = applied;
            if (!pending.isEmpty() && pending.firstKey() == applied + 1) {
                run = takeRun();
            } else if (!pullWanted) {
                if (!pending.isEmpty()) {
                    wakeIn(GAP_PATIENCE_MILLIS);
                }
                return;
            }
            busy = true;
            if (run == null) {
                pullWanted = false;
            }
        }
        if (run != null) {
            apply(run, run.get(run.size() - 1).position());
        } else {
            pull(from);
        }
    }

    private List<ChangeSet> takeRun() {
        List<ChangeSet> run = new ArrayList<>();
        long next = applied + 1;
        int changes = 0;
        while (changes < BATCH_CHANGES) {
            ChangeSet set = pending.remove(next);
            if (set == null) {
                break;
            }
            run.add(set);
            changes += set.changes().size();
            next++;
        }
        return run;
    }

    private void pull(long from) {
        synchronized (this) {
            asking = true;
            askedAt = System.nanoTime();
        }
        primary.log(from, BATCH_CHANGES).subscribe().with(slice -> pulled(from, slice), failure -> {
            synchronized (this) {
                asking = false;
                primaryAway = true;
            }
            failed(failure);
        });
    }

    private void pulled(long from, LogSlice slice) {
        synchronized (this) {
            asking = false;
            if (primaryAway) {
                // it was never the follower that failed; what it does now must not look as if it had been
                primaryAway = false;
                recovered();
            }
        }
        if (slice.cut()) {
            cutOff();
            return;
        }
        if (slice.through() <= from) {
            synchronized (this) {
                busy = false;
                recovered();
                // the log stands still before the head we know of: a commit is in flight, look again shortly
                if (head > applied) {
                    pullWanted = true;
                    wakeIn(GAP_PATIENCE_MILLIS);
                    return;
                }
            }
            turn();
            return;
        }
        synchronized (this) {
            // perhaps there is more behind a full batch
            pullWanted = pullWanted || !slice.sets().isEmpty();
        }
        apply(slice.sets(), slice.through());
    }

    private void apply(List<ChangeSet> sets, long through) {
        Uni<ApplyReport> report;
        try {
            report = follower.apply(sets, through, epoch);
        } catch (RuntimeException e) {
            failed(e);
            return;
        }
        report.subscribe()
                .with(
                        done -> {
                            applied(sets, through, done);
                            turn();
                        },
                        this::failed);
    }

    private void applied(List<ChangeSet> sets, long through, ApplyReport report) {
        List<CompletableFuture<Void>> ready;
        synchronized (this) {
            busy = false;
            applied = Math.max(applied, through);
            head = Math.max(head, applied);
            // what is still missing came after the last set that was applied
            if (!sets.isEmpty()) {
                oldestPending = sets.get(sets.size() - 1).at();
            }
            recovered();
            ready = waiters.reached(applied);
        }
        reports.accept(report);
        ready.forEach(waiter -> waiter.complete(null));
    }

    private void recovered() {
        if (state == State.AWAY) {
            LOG.infov("{0} follower is back at position {1}", follower.name().word(), applied);
            state = State.FOLLOWING;
        }
        backoffMillis = FIRST_BACKOFF_MILLIS;
    }

    /** The log no longer reaches back to the follower's position (A43): it needs a backfill, and follows from the head on. */
    private void cutOff() {
        LOG.warnv(
                "{0} follower needs a backfill: the log begins behind position {1}",
                follower.name().word(), position());
        primary.head()
                .chain(newest -> follower.skipTo(newest, epoch).replaceWith(newest))
                .subscribe()
                .with(
                        newest -> {
                            applied(List.of(), newest, new ApplyReport(0, 0, List.of()));
                            turn();
                        },
                        this::failed);
    }

    private void failed(Throwable failure) {
        if (failure instanceof StoreFenced) {
            fenced(failure);
            return;
        }
        synchronized (this) {
            busy = false;
            if (state == State.STOPPED) {
                return;
            }
            if (state != State.AWAY) {
                LOG.warnv(
                        "{0} follower cannot be brought up to date, trying again: {1}",
                        follower.name().word(), failure);
            }
            state = State.AWAY;
            lastFailure = String.valueOf(failure.getMessage());
            pending.clear();
            pullWanted = true;
            pause(backoffMillis);
            backoffMillis = Math.min(LAST_BACKOFF_MILLIS, backoffMillis * 2);
        }
    }

    private void fenced(Throwable failure) {
        List<CompletableFuture<Void>> left;
        synchronized (this) {
            busy = false;
            if (state == State.STOPPED) {
                return;
            }
            state = State.FENCED;
            lastFailure = failure.getMessage();
            left = waiters.leave();
        }
        LOG.warn("following ends: " + failure.getMessage());
        fail(left, failure);
    }

    private void pause(long millis) {
        pausing = true;
        timer.schedule(
                () -> {
                    synchronized (this) {
                        pausing = false;
                    }
                    turn();
                },
                millis,
                TimeUnit.MILLISECONDS);
    }

    private void wakeIn(long millis) {
        if (!wakeScheduled) {
            wakeScheduled = true;
            timer.schedule(
                    () -> {
                        synchronized (this) {
                            wakeScheduled = false;
                            pullWanted = pullWanted || head > applied;
                        }
                        turn();
                    },
                    millis,
                    TimeUnit.MILLISECONDS);
        }
    }

    private void idleTick() {
        timer.schedule(
                () -> {
                    synchronized (this) {
                        if (state == State.STOPPED || state == State.FENCED) {
                            return;
                        }
                        pullWanted = true;
                    }
                    turn();
                    idleTick();
                },
                IDLE_MILLIS,
                TimeUnit.MILLISECONDS);
    }
}
