package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.storage.following.Following;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Standing;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Has a follower filled that needs it, when nobody else does: one that was away for longer than the log is kept (A43), or whose
 * store was replaced. Without this a JSON store that lost its place in {@code DATABASE_READS} would stay behind, and with it the
 * way back and the way forward.
 *
 * <p>A run fills the follower of the phase it enters itself; it has a while to begin with that. A backfill that somebody cancelled
 * is not begun again in the same epoch; one that failed is, each time after the same while. That a follower needs it is durable in
 * its store, so a crash at any moment changes nothing: the next process finds it again.
 */
final class Refill {
    private static final Logger LOG = Logger.getLogger(Refill.class);
    /** How long a run, or whoever steers, has to begin. A run's driver looks every second or so. */
    static final Duration GRACE = Duration.ofSeconds(30);

    private final Helm helm;
    private final Backfill backfill;
    private final Duration every;
    private volatile Lack lack;

    /** @param since when it was first seen, or last tried to be ended */
    private record Lack(long epoch, Instant since) {}

    /** @param every how often is looked */
    Refill(Helm helm, Backfill backfill, Duration every) {
        this.helm = helm;
        this.backfill = backfill;
        this.every = every;
    }

    void start() {
        helm.timer.schedule(
                () -> Uni.createFrom()
                        .deferred(this::look)
                        .onTermination()
                        .invoke(this::start)
                        .subscribe()
                        .with(
                                done -> {},
                                failure -> LOG.infov("the follower is not filled yet: {0}", failure.getMessage())),
                every.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Looks once; fails where the follower could not be asked, or the backfill could not begin. */
    Uni<Void> look() {
        Course course = helm.course();
        Following following = course.following();
        if (course.rule() == null || following == null || following.state() != Following.State.FOLLOWING || settled()) {
            lack = null;
            return Uni.createFrom().voidItem();
        }
        LedgerStore follower = helm.store(course.rule().phase().primary().other());
        return follower.standing()
                .invoke(standing -> seen(course.epoch(), standing))
                .replaceWithVoid();
    }

    /** One is at work, or somebody wanted none. */
    private boolean settled() {
        BackfillState state = backfill.state();
        return state.state().equals("running")
                || state.state().equals("cancelled")
                        && state.epoch() == helm.course().epoch();
    }

    private void seen(long epoch, Standing standing) {
        if (standing.followerState() != Standing.FollowerState.NEEDS_BACKFILL) {
            lack = null;
            return;
        }
        Instant now = helm.clock.instant();
        Lack before = lack;
        if (before == null || before.epoch() != epoch) {
            lack = new Lack(epoch, now);
        } else if (!now.isBefore(before.since().plus(GRACE))) {
            lack = new Lack(epoch, now);
            LOG.warnv("the follower lost its place and nobody fills it: a backfill begins at epoch {0}", epoch);
            backfill.start();
        }
    }
}
