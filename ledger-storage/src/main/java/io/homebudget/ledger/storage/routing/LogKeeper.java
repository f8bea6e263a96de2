package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.storage.following.Following;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.smallrye.mutiny.Uni;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Bounds the logs (A43). A log keeps what its follower and its publisher still need and a history for the audit; beyond the
 * limit it is cut even so: the follower then needs a backfill and the publisher a baseline, and writes go on.
 */
final class LogKeeper {
    private static final Logger LOG = Logger.getLogger(LogKeeper.class);
    private static final long ROUND_SECONDS = 10;

    /**
     * @param history positions kept for the audit although nobody needs them for following or publishing
     * @param limit positions kept at most
     */
    record Limits(long history, long limit) {}

    private final Helm helm;
    private final LongSupplier published;
    private final Limits limits;
    private long cutThrough;

    LogKeeper(Helm helm, LongSupplier published, Limits limits) {
        this.helm = helm;
        this.published = published;
        this.limits = limits;
    }

    void start() {
        helm.timer.schedule(this::round, ROUND_SECONDS, TimeUnit.SECONDS);
    }

    private void round() {
        Course course = helm.course();
        Uni<Void> work = Uni.createFrom().voidItem();
        if (course.rule() != null && course.mayWrite()) {
            LedgerStore log = helm.primary(course.rule());
            work = log.head().chain(head -> cut(log, course.following(), head));
        }
        work.onTermination()
                .invoke(this::start)
                .subscribe()
                .with(done -> {}, failure -> LOG.debugv("the log was not cut this time: {0}", failure.getMessage()));
    }

    private Uni<Void> cut(LedgerStore log, Following following, long head) {
        long needed = Math.min(following == null ? head : following.position(), Math.max(0, published.getAsLong()));
        long through = Math.min(needed, head - limits.history());
        long forced = head - limits.limit();
        if (forced > through) {
            LOG.warnv(
                    "the {0} log is longer than its limit and is cut through position {1}",
                    log.name().word(), forced);
            through = forced;
        }
        if (through <= cutThrough) {
            return Uni.createFrom().voidItem();
        }
        cutThrough = through;
        return log.cutLog(through);
    }
}
