package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.following.Following;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Standing;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import org.jboss.logging.Logger;

/**
 * Bounds the logs of both stores (A43). The primary's keeps what its follower and its publisher still need, and a history for the
 * audit; a follower that is away is waited for. The follower's own log, which nobody reads until it takes over, keeps what the
 * publisher would then need, and the history. Beyond the limit each is cut even so, and writes go on.
 *
 * <p>Whoever lost its place finds the log cut behind it, and that is durable with the cut: the follower then records that it needs
 * a backfill, the publisher that it needs a baseline. A crash between the cut and that record changes nothing, because the log
 * still says so.
 */
final class LogKeeper {
    private static final Logger LOG = Logger.getLogger(LogKeeper.class);
    /** A cut costs work that does not depend on how much goes, so it waits until this part of what is kept has gathered. */
    private static final int STEP = 20;

    /**
     * @param history positions kept for the audit although nobody needs them for following or publishing
     * @param limit positions kept at most, give or take a twentieth
     * @param every how often is looked
     */
    record Limits(long history, long limit, Duration every) {}

    private final Helm helm;
    private final JsonSide json;
    private final ToLongFunction<Rule> published;
    private final BooleanSupplier backfilling;
    private final Limits limits;
    private final Map<StoreName, Long> cutThrough = new EnumMap<>(StoreName.class);
    private long epoch;

    /**
     * @param published the position through which the log of a rule is published; negative while that is not known
     * @param backfilling while a follower is being filled its own log is left alone: where it begins tells what was skipped
     */
    LogKeeper(Helm helm, JsonSide json, ToLongFunction<Rule> published, BooleanSupplier backfilling, Limits limits) {
        this.helm = helm;
        this.json = json;
        this.published = published;
        this.backfilling = backfilling;
        this.limits = limits;
    }

    void start() {
        helm.timer.schedule(this::round, limits.every().toMillis(), TimeUnit.MILLISECONDS);
    }

    private void round() {
        Uni.createFrom()
                .deferred(this::look)
                .onTermination()
                .invoke(this::start)
                .subscribe()
                .with(done -> {}, failure -> LOG.debugv("a log was not cut this time: {0}", failure.getMessage()));
    }

    /** Looks once; one look ends before the next begins. */
    Uni<Void> look() {
        Course course = helm.course();
        if (course.rule() == null || !course.mayWrite()) {
            return Uni.createFrom().voidItem();
        }
        Rule rule = course.rule();
        forgetOtherEpochs(rule.epoch());
        LedgerStore primary = helm.primary(rule);
        Uni<Void> cut = Uni.combine()
                .all()
                .unis(primary.head(), neededByOther(course))
                .asTuple()
                .chain(known -> cut(primary, known.getItem1(), Math.min(known.getItem2(), published(rule))));
        Following following = course.following();
        if (following == null || following.state() != Following.State.FOLLOWING || backfilling.getAsBoolean()) {
            return cut;
        }
        LedgerStore follower = helm.store(rule.phase().primary().other());
        return cut.chain(() -> cut(follower, following.position(), published(rule)));
    }

    /** Cuts are counted per store, and anew in every epoch: a takeover may have put a log back. */
    private synchronized void forgetOtherEpochs(long now) {
        if (epoch != now) {
            epoch = now;
            cutThrough.clear();
        }
    }

    private long published(Rule rule) {
        return Math.max(0, published.applyAsLong(rule));
    }

    /** The position from which the other store will read on; 0 where that cannot be known now. */
    private Uni<Long> neededByOther(Course course) {
        Phase phase = course.rule().phase();
        if (phase == Phase.JSON_ONLY) {
            // PostgreSQL is filled anew when it comes in
            return Uni.createFrom().item(Long.MAX_VALUE);
        }
        if (phase == Phase.DATABASE_ONLY && json.closed().isPresent()) {
            // nobody comes back by the log
            return Uni.createFrom().item(Long.MAX_VALUE);
        }
        if (phase == Phase.DATABASE_ONLY) {
            return helm.stateless()
                    ? Uni.createFrom().item(0L)
                    : helm.json.standing().map(Standing::position);
        }
        return Uni.createFrom()
                .item(course.following() == null ? 0L : course.following().position());
    }

    private Uni<Void> cut(LedgerStore log, long head, long needed) {
        long wanted = Math.min(needed, head - limits.history());
        long tooLong = Math.max(0, head - limits.limit());
        long tooLarge = log.name() == StoreName.JSON ? json.logOverLimit().orElse(0L) : 0;
        long forced = Math.max(tooLong, tooLarge);
        long through = Math.max(wanted, forced);
        long last = lastCut(log);
        boolean enough = tooLarge > last || through > last + limits.history() / STEP;
        if (through <= last || !enough) {
            return Uni.createFrom().voidItem();
        }
        if (forced > wanted) {
            LOG.warnv(
                    "the {0} log is longer than its limit and is cut through position {1}: who still needed it starts anew",
                    log.name().word(), through);
        }
        return log.cutLog(through).invoke(() -> remember(log, through));
    }

    private synchronized long lastCut(LedgerStore log) {
        return cutThrough.getOrDefault(log.name(), 0L);
    }

    private synchronized void remember(LedgerStore log, long through) {
        cutThrough.put(log.name(), through);
    }
}
