package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.following.Following;
import io.homebudget.ledger.storage.store.ApplyReport;
import io.homebudget.ledger.storage.store.InSyncMark;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Standing;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Holds the course and what belongs to it: both stores, the write gate, the following, the synchrony. Everything that steers
 * (start, attachment, phase changes) goes through {@link #enter}; everything that serves reads {@link #course}.
 */
final class Helm {
    private static final Logger LOG = Logger.getLogger(Helm.class);
    /** How long work in turn waits for a phase change or a reconnection to end. */
    static final Duration WAIT = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofMillis(20);

    final LedgerStore json;
    final LedgerStore postgres;
    final InSyncMark mark;
    final WriteGate gate;
    final ScheduledExecutorService timer;
    final Clock clock;
    /** Phase changes, attachment and the beginning of a backfill exclude each other. */
    final AtomicBoolean steering = new AtomicBoolean();

    final AtomicLong orphans = new AtomicLong();
    private final List<Consumer<Course>> listeners = new CopyOnWriteArrayList<>();
    private volatile Course course = Course.closed("starting");
    private volatile Synchrony synchrony;
    private volatile Instant ruleSince;
    private volatile boolean postgresAttached;
    private volatile boolean stateless;

    Helm(LedgerStore json, LedgerStore postgres, InSyncMark mark, ScheduledExecutorService timer, Clock clock) {
        this.json = json;
        this.postgres = postgres;
        this.mark = mark;
        this.timer = timer;
        this.clock = clock;
        this.gate = new WriteGate(timer);
        this.ruleSince = clock.instant();
    }

    Course course() {
        return course;
    }

    /** Null outside {@code DATABASE_READS}, and there while PostgreSQL has not been reached yet. */
    Synchrony synchrony() {
        return synchrony;
    }

    Instant ruleSince() {
        return ruleSince;
    }

    /** Whether PostgreSQL was reached, found to be ours, and told who rules. */
    boolean postgresAttached() {
        return postgresAttached;
    }

    void postgresAttached(boolean attached) {
        postgresAttached = attached;
    }

    /** Whether this process serves PostgreSQL's ledger without files of its own: a replica in {@code DATABASE_ONLY}. */
    boolean stateless() {
        return stateless;
    }

    void serveStateless(Rule rule) {
        if (!stateless || !rule.equals(course.rule())) {
            stateless = true;
            set(Course.serving(rule, null));
        }
    }

    LedgerStore store(StoreName name) {
        return name == StoreName.JSON ? json : postgres;
    }

    LedgerStore primary(Rule rule) {
        return store(rule.phase().primary());
    }

    /** Is told every new course. */
    void listen(Consumer<Course> listener) {
        listeners.add(listener);
    }

    /** Replaces the course; what served the old rule ends. */
    void set(Course next) {
        set(next, null);
    }

    /**
     * What ends, and who listens, is told outside the lock: they take locks of their own. That a course has ended is told before
     * the next one is, so whoever steers must be the only one to.
     *
     * @param joined the synchrony of the new following; in its place before anybody sees the course
     */
    private void set(Course next, Synchrony joined) {
        Following ended;
        Synchrony left;
        synchronized (this) {
            Course last = course;
            ended = last.following() != next.following() ? last.following() : null;
            left = next.following() == null || last.following() != next.following() ? synchrony : null;
            if (left != null || joined != null) {
                synchrony = joined;
            }
            if (next.rule() != null && !next.rule().equals(last.rule())) {
                ruleSince = clock.instant();
                LOG.infov(
                        "epoch {0}: {1} rules", next.rule().epoch(), next.rule().phase());
            }
            if (next.reason() != null && !next.reason().equals(last.reason()) && next.rule() != null) {
                LOG.warnv("{0}: {1}", next.ability(), next.reason());
            }
            course = next;
        }
        if (left != null) {
            left.stop();
        }
        if (ended != null) {
            ended.stop();
        }
        listeners.forEach(listener -> listener.accept(next));
    }

    /**
     * Enters a rule with both stores within reach: starts the following where there is a follower.
     *
     * @return completes when the course is set; fails when a store that is needed to know the positions is away
     */
    Uni<Course> enter(Rule rule) {
        if (!rule.phase().dual()) {
            return Uni.createFrom().item(() -> {
                Course next = Course.serving(rule, null);
                set(next);
                return next;
            });
        }
        LedgerStore primary = primary(rule);
        LedgerStore follower = store(rule.phase().primary().other());
        return Uni.combine()
                .all()
                .unis(follower.standing().map(Standing::position), primary.head())
                .asTuple()
                .map(positions -> {
                    Following following = new Following(
                            primary,
                            follower,
                            rule.epoch(),
                            positions.getItem1(),
                            positions.getItem2(),
                            timer,
                            clock,
                            this::note);
                    Course next = Course.serving(rule, following);
                    Synchrony joined = rule.phase() == Phase.DATABASE_READS
                            ? new Synchrony(postgres, json, mark, following, mark.isSet(), timer, clock)
                            : null;
                    set(next, joined);
                    if (joined != null) {
                        joined.start();
                    }
                    following.start();
                    return next;
                });
    }

    /**
     * Work that excludes phase changes and reconnections; it waits a little for its turn, then it is refused. Not to be cancelled:
     * the turn ends when the work does.
     *
     * @param keep asked at the end: whether nobody shall steer after this
     */
    <T> Uni<T> inTurn(Supplier<Uni<T>> work, BooleanSupplier keep) {
        return within(WAIT, () -> steering.compareAndSet(false, true))
                .chain(taken -> taken
                        ? Uni.createFrom()
                                .<T>deferred(work::get)
                                .onTermination()
                                .invoke(() -> steering.set(keep.getAsBoolean()))
                        : PhaseChangeRefused.refuse(
                                LedgerError.NOT_WRITTEN,
                                "A phase change or a reconnection is under way; repeat shortly."));
    }

    /** Asks again and again until it holds; false if it never did in that time. */
    static Uni<Boolean> within(Duration limit, BooleanSupplier holds) {
        return Uni.createFrom()
                .item(holds::getAsBoolean)
                .repeat()
                .withDelay(PAUSE)
                .atMost(limit.dividedBy(PAUSE))
                .select()
                .where(held -> held)
                .toUni()
                .map(Objects::nonNull);
    }

    private void note(ApplyReport report) {
        if (!report.orphans().isEmpty()) {
            orphans.addAndGet(report.orphans().size());
            report.orphans()
                    .forEach(orphan -> LOG.warnv(
                            "orphan: set {0} of epoch {1}, {2}",
                            orphan.set().id(), orphan.set().rule().epoch(), orphan.why()));
        }
    }
}
