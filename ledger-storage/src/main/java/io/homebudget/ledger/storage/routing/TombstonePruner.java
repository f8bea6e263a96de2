package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.following.Following;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.LogSlice;
import io.homebudget.ledger.storage.store.Standing;
import io.homebudget.ledger.storage.store.Tombstone;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import org.jboss.logging.Logger;

/**
 * Forgets tombstones that can no longer keep anything deleted, so that a store does not grow with all that ever was in it. One
 * goes when its deletion is
 *
 * <ul>
 *   <li>older than the events are kept: nobody replays a topic that still tells of the entry without telling of its deletion;
 *   <li>published;
 *   <li>in a dual phase applied by a follower that is complete. In the other phases no follower needs it: PostgreSQL comes in, and
 *       JSON comes back, by the log, which tells of the deletion, or by a full synchronisation, which removes what its image has
 *       not (A40).
 * </ul>
 *
 * And never while a backfill is at work. Walks along the log from its beginning, a bounded piece at a time; in a new process it
 * walks again, and finds little left to do. What the log was cut of before it was old enough stays: that is safe.
 */
final class TombstonePruner {
    private static final Logger LOG = Logger.getLogger(TombstonePruner.class);
    /** Changes looked at in one go; ten pieces a round of 10 s walk a log of a million in a quarter of an hour. */
    private static final int PIECE = 1_000;

    private static final int PIECES_A_ROUND = 10;

    private final Helm helm;
    private final ToLongFunction<Rule> published;
    private final BooleanSupplier backfilling;
    private final Duration kept;
    private final Duration every;
    private volatile long epoch;
    private volatile long at;

    /**
     * @param published the position through which the log of a rule is published; negative while that is not known
     * @param kept for how long a deletion can come again from the topics
     * @param every how often is looked whether there is something to do
     */
    TombstonePruner(
            Helm helm, ToLongFunction<Rule> published, BooleanSupplier backfilling, Duration kept, Duration every) {
        this.helm = helm;
        this.published = published;
        this.backfilling = backfilling;
        this.kept = kept;
        this.every = every;
    }

    void start() {
        after(every);
    }

    private void after(Duration pause) {
        helm.timer.schedule(
                () -> Uni.createFrom()
                        .deferred(this::look)
                        .subscribe()
                        .with(more -> after(more ? every.dividedBy(PIECES_A_ROUND) : every), failure -> {
                            LOG.debugv("no tombstone was pruned this time: {0}", failure.getMessage());
                            after(every);
                        }),
                pause.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Walks one piece. @return whether there is more that may be walked at once */
    Uni<Boolean> look() {
        Course course = helm.course();
        if (course.rule() == null || !course.mayWrite() || backfilling.getAsBoolean()) {
            return Uni.createFrom().item(false);
        }
        LedgerStore primary = helm.primary(course.rule());
        long through = Math.min(published.applyAsLong(course.rule()), applied(course));
        return begin(course.rule(), primary)
                .chain(from -> from >= through
                        ? Uni.createFrom().item(false)
                        : primary.log(from, PIECE).chain(slice -> walk(course, primary, from, slice, through)));
    }

    private static long applied(Course course) {
        if (!course.rule().phase().dual()) {
            return Long.MAX_VALUE;
        }
        Following following = course.following();
        return following == null || following.state() != Following.State.FOLLOWING ? 0 : following.position();
    }

    /** Where to walk on; in a new epoch from the log's beginning, which a takeover may have put back. */
    private Uni<Long> begin(Rule rule, LedgerStore log) {
        if (epoch == rule.epoch()) {
            return Uni.createFrom().item(at);
        }
        return log.logFrom().invoke(from -> {
            epoch = rule.epoch();
            at = from;
        });
    }

    private Uni<Boolean> walk(Course course, LedgerStore primary, long from, LogSlice slice, long through) {
        if (slice.cut()) {
            return primary.logFrom().invoke(begins -> at = begins).replaceWith(true);
        }
        Instant old = helm.clock.instant().minus(kept);
        List<Tombstone> gone = new ArrayList<>();
        long walked = from;
        boolean stopped = false;
        for (ChangeSet set : slice.sets()) {
            if (set.position() > through || set.at().isAfter(old)) {
                stopped = true;
                break;
            }
            for (Change change : set.changes()) {
                if (change.after() == null) {
                    gone.add(Tombstone.after(change, set.rule().epoch()));
                }
            }
            walked = set.position();
        }
        long to = stopped ? walked : Math.min(slice.through(), through);
        boolean more = !stopped && !slice.sets().isEmpty() && to < through;
        return prune(course, primary, gone).invoke(done -> at = to).replaceWith(more);
    }

    /** The follower first: were it the other way round, a crash in between would leave one that nobody looks at again soon. */
    private Uni<Void> prune(Course course, LedgerStore primary, List<Tombstone> gone) {
        if (gone.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Uni<Integer> pruned =
                course.rule().phase().dual() ? fromBoth(course, primary, gone) : primary.prune(gone, course.epoch());
        return pruned.invoke(count -> {
                    if (count > 0) {
                        LOG.infov("{0} tombstones are old enough to be forgotten", count);
                    }
                })
                .replaceWithVoid();
    }

    private Uni<Integer> fromBoth(Course course, LedgerStore primary, List<Tombstone> gone) {
        LedgerStore follower = helm.store(course.rule().phase().primary().other());
        return follower.standing().chain(standing -> {
            if (standing.followerState() != Standing.FollowerState.FOLLOWING) {
                return Uni.createFrom().failure(new IllegalStateException("the follower needs a backfill first"));
            }
            return follower.prune(gone, course.epoch()).chain(() -> primary.prune(gone, course.epoch()));
        });
    }
}
