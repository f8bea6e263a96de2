package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.storage.following.Following;
import io.homebudget.ledger.storage.store.InSyncMark;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Standing;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Decides when a write of {@code DATABASE_READS} may be acknowledged: committed in PostgreSQL and fsynced in the JSON journal,
 * or, where the journal cannot be written, after the in-sync mark was durably cleared.
 *
 * <p>Invariant (A34): while the mark is set, the journal holds every acknowledged write. So JSON may take over from a lost
 * PostgreSQL exactly when the mark is set.
 *
 * <p>{@code OUT -> JOINING}: from now on every acknowledgement waits for the journal. {@code JOINING -> IN}: the journal has
 * reached a head of the log that was read after that moment, so it holds everything acknowledged before it too; the ids that
 * PostgreSQL may have given out are durable in JSON; the mark is set. {@code -> OUT}: the mark is cleared first.
 */
final class Synchrony {
    private static final Logger LOG = Logger.getLogger(Synchrony.class);
    /** How long an acknowledgement waits for the journal before the mark is cleared: well below the client's patience. */
    private static final Duration PATIENCE = Duration.ofMillis(800);

    /** How much longer while PostgreSQL is being asked for what the journal lacks: whether it answers decides. */
    private static final Duration GRACE = Duration.ofMillis(400);

    /** Of GRACE, without an answer to one question: then it is PostgreSQL that is away, not the journal. */
    private static final Duration SILENCE = Duration.ofMillis(300);

    /** For the mark to be cleared too: where the disk takes neither, the client is told that the outcome is not known. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private static final long WATCH_MILLIS = 50;
    /** Joining makes writers wait for the journal, so it begins only when nearly everything is there. */
    private static final long JOIN_AT_LAG = 500;

    enum State {
        IN,
        JOINING,
        OUT
    }

    private final LedgerStore postgres;
    private final LedgerStore json;
    private final InSyncMark mark;
    private final Following following;
    private final ScheduledExecutorService timer;
    private final Clock clock;
    private State state;
    private CompletableFuture<Void> leaving = new CompletableFuture<>();
    private CompletableFuture<Void> markTail = CompletableFuture.completedFuture(null);
    private boolean clearing;
    /** The mark is not to be set any more, by a retirement or because another synchrony works in this one's place. */
    private boolean retired;

    private boolean stopped;
    /** The mark could not be cleared, so nobody knows what the disk says: cleared again until that works. */
    private boolean doubtful;

    private ScheduledFuture<?> watch;

    /** @param inSync whether the mark is set, and rightly so */
    Synchrony(
            LedgerStore postgres,
            LedgerStore json,
            InSyncMark mark,
            Following following,
            boolean inSync,
            ScheduledExecutorService timer,
            Clock clock) {
        this.postgres = postgres;
        this.json = json;
        this.mark = mark;
        this.following = following;
        this.timer = timer;
        this.clock = clock;
        this.state = inSync ? State.IN : State.OUT;
        if (!inSync) {
            leaving.complete(null);
        }
    }

    synchronized void start() {
        watch = timer.scheduleWithFixedDelay(this::watch, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Leaves the mark as it stands: what becomes of it is up to whoever stops this. */
    synchronized void stop() {
        retired = true;
        stopped = true;
        if (watch != null) {
            watch.cancel(false);
        }
    }

    /** Clears the mark and sets it no more: the JSON store is about to be left behind. Fails where it cannot be cleared. */
    CompletableFuture<Void> retire() {
        synchronized (this) {
            retired = true;
        }
        return leave("the JSON store is left behind", true);
    }

    /** The JSON store was not left behind after all. */
    synchronized void resume() {
        retired = stopped;
    }

    synchronized State state() {
        return state;
    }

    /** Completes when the set may be acknowledged; fails when neither the journal nor the mark could be written. */
    CompletableFuture<Void> acknowledge(ChangeSet set) {
        CompletableFuture<Void> left;
        boolean out;
        synchronized (this) {
            left = leaving;
            out = state == State.OUT;
        }
        if (out) {
            following.nudge(set.position(), set.at());
            return CompletableFuture.completedFuture(null);
        }
        following.offer(set);
        CompletableFuture<Void> journalled = following.await(set.position());
        if (journalled.isDone() && !journalled.isCompletedExceptionally()) {
            return journalled;
        }
        CompletableFuture<Void> result = new CompletableFuture<>();
        journalled.whenComplete((ok, failure) -> {
            if (failure == null) {
                result.complete(null);
            } else {
                follow(leave("the JSON journal cannot be written"), result);
            }
        });
        follow(left, result);
        limit(result, PATIENCE);
        result.orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        return result;
    }

    /** After so long a journal that does not answer is left, unless PostgreSQL is what does not answer. */
    private void limit(CompletableFuture<Void> result, Duration patience) {
        ScheduledFuture<?> limit = timer.schedule(
                () -> {
                    if (result.isDone()) {
                        return;
                    }
                    boolean last = patience.equals(GRACE);
                    if (following.primaryAway() || last && following.primarySilentFor(SILENCE)) {
                        // the journal waits for a set before this one that only a lost PostgreSQL has: not worth the
                        // mark, with which JSON can take over
                        result.completeExceptionally(new IllegalStateException(
                                "PostgreSQL was lost before the JSON journal had the change"));
                    } else if (!last && following.askingPrimary()) {
                        limit(result, GRACE);
                    } else {
                        follow(leave("the JSON journal did not answer in time"), result);
                    }
                },
                patience.toMillis(),
                TimeUnit.MILLISECONDS);
        result.whenComplete((ok, failure) -> limit.cancel(false));
    }

    /** As {@link #acknowledge}, for sets that the following reads from the log by itself. */
    CompletableFuture<Void> reached(long position) {
        following.nudge(position, clock.instant());
        synchronized (this) {
            if (state == State.OUT) {
                return leaving.copy();
            }
        }
        return following
                .await(position)
                .copy()
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .handle((ok, failure) -> failure == null
                        ? CompletableFuture.<Void>completedFuture(null)
                        : leave("the JSON journal takes longer to follow a restore")
                                .copy())
                .thenCompose(left -> left);
    }

    /** Before ids up to {@code through} are given out by PostgreSQL: JSON, which may take over, must know them durably. */
    Uni<Void> guardIds(long through) {
        synchronized (this) {
            if (state == State.OUT) {
                return Uni.createFrom().voidItem();
            }
        }
        return json.raiseIds(through).onFailure().recoverWithUni(failure -> Uni.createFrom()
                .completionStage(leave("the id lease cannot be journalled").copy()));
    }

    /** Clears the mark durably, once; completes when acknowledging without the journal is safe. */
    CompletableFuture<Void> leave(String why) {
        return leave(why, false);
    }

    private CompletableFuture<Void> leave(String why, boolean wanted) {
        CompletableFuture<Void> left;
        boolean marked;
        synchronized (this) {
            left = leaving;
            if (stopped && state == State.IN) {
                return CompletableFuture.failedFuture(new IllegalStateException("the phase is changing"));
            }
            if (state == State.OUT || clearing) {
                return left;
            }
            marked = state == State.IN;
            clearing = marked;
            if (!marked) {
                state = State.OUT;
            }
        }
        if (!marked) {
            // there is no mark yet to be cleared; told outside the lock, like everything that others wait for
            left.complete(null);
            return left;
        }
        LOG.logv(
                wanted ? Logger.Level.INFO : Logger.Level.WARN,
                "{0}: writes go on without it, JSON can take over only with consent to loss until it is back",
                why);
        inTurn(() -> mark.set(false)).whenComplete((done, failure) -> {
            CompletableFuture<Void> waiters;
            synchronized (this) {
                clearing = false;
                waiters = leaving;
                doubtful = failure != null;
                if (failure == null) {
                    state = State.OUT;
                } else {
                    leaving = new CompletableFuture<>();
                }
            }
            if (failure == null) {
                waiters.complete(null);
            } else {
                LOG.error("the in-sync mark cannot be cleared, so nothing is acknowledged", failure);
                waiters.completeExceptionally(failure);
            }
        });
        return left;
    }

    private void watch() {
        boolean join;
        boolean again;
        synchronized (this) {
            again = doubtful && !clearing && state == State.IN;
            join = state == State.OUT
                    && !retired
                    && following.state() == Following.State.FOLLOWING
                    && following.lag() <= JOIN_AT_LAG;
            if (join) {
                state = State.JOINING;
                leaving = new CompletableFuture<>();
            }
        }
        if (again) {
            leave("the in-sync mark could not be cleared before");
        } else if (join) {
            join();
        } else if (following.followerFails() && state() == State.IN) {
            leave("the JSON journal cannot be written: " + following.lastFailure());
        }
    }

    private void join() {
        postgres.head()
                .chain(head -> {
                    following.nudge(head, clock.instant());
                    return Uni.createFrom().completionStage(following.await(head));
                })
                .chain(json::standing)
                .invoke(standing -> {
                    if (standing.followerState() != Standing.FollowerState.FOLLOWING) {
                        throw new IllegalStateException("the JSON store needs a backfill first");
                    }
                })
                .chain(postgres::idsThrough)
                .chain(json::raiseIds)
                .chain(this::becomeIn)
                .ifNoItem()
                .after(Duration.ofSeconds(10))
                .fail()
                .subscribe()
                .with(joined -> LOG.debug("joined"), failure -> {
                    LOG.debug("not in sync yet", failure);
                    leave("the JSON store could not be brought in sync");
                });
    }

    /** From here on leaving clears the mark, and does so after it was set: mark operations run one after the other. */
    private Uni<Void> becomeIn() {
        synchronized (this) {
            if (state != State.JOINING || retired) {
                return Uni.createFrom().voidItem();
            }
            state = State.IN;
        }
        return Uni.createFrom()
                .completionStage(inTurn(() -> mark.set(true)))
                .invoke(() -> LOG.info("the JSON store is in sync: it can take over without loss"));
    }

    private synchronized CompletableFuture<Void> inTurn(Supplier<Uni<Void>> operation) {
        markTail = markTail.handle((ok, earlierFailure) -> null)
                .thenCompose(nothing -> operation.get().subscribeAsCompletionStage());
        return markTail;
    }

    private static void follow(CompletableFuture<Void> from, CompletableFuture<Void> to) {
        from.whenComplete((ok, failure) -> {
            if (failure == null) {
                to.complete(null);
            } else {
                to.completeExceptionally(failure);
            }
        });
    }
}
