package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.PhaseChangeRefused.reasonOf;
import static io.homebudget.ledger.storage.routing.PhaseChangeRefused.refuse;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.following.Following;
import io.homebudget.ledger.storage.store.Handover;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Standing;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Takes the ledger to a neighbouring phase.
 *
 * <p>Before anybody is held, PostgreSQL makes way (a fence could not be had beside its autovacuum), and where it becomes the primary,
 * the first writes are rehearsed. Then, in this order, and with this left behind by a crash between two steps:
 *
 * <ol>
 *   <li>writers are held, the follower is brought to the head: nothing changed;
 *   <li>the other store is prepared at epoch + 1: at start a preparation without a decision is forgotten;
 *   <li>the old primary decides, one record: from here on the new epoch rules, at start the highest decided one is served;
 *   <li>the other store adopts the decision: repeated at start;
 *   <li>the course is replaced, writers go on.
 * </ol>
 *
 * <p>Writers are held for at most {@link #HOLD}. What comes before the decision has {@link #PREPARE} of it; else they are
 * let go in the old phase, and the change is tried once more before it is abandoned. A decision that has no answer by then is read back; until its outcome is known nobody
 * writes (A36), and those who were held are told that nothing was written.
 */
final class PhaseChanger {
    private static final Logger LOG = Logger.getLogger(PhaseChanger.class);
    /** How long writers are held at most. */
    static final Duration HOLD = Duration.ofMillis(1_000);
    /** How much of it may pass before the decision: about as much as the decision and what follows it need on a slow machine. */
    private static final Duration PREPARE = Duration.ofMillis(450);
    /** When the decision must have been answered; the rest is for the stores to learn it. */
    private static final Duration DECIDE = Duration.ofMillis(900);
    /** One slow moment must not end a run. */
    private static final int ATTEMPTS = 2;
    /** For those who were held to get through in between. */
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(200);
    /** A follower further behind than this is not at the head within {@link #PREPARE}. */
    private static final long NEARLY_THERE = 2_000;
    /** How long the first writes are rehearsed at most; nobody is held meanwhile. */
    private static final Duration REHEARSAL = Duration.ofSeconds(3);

    private final Helm helm;
    private final UUID identity;
    private final Supplier<Optional<WayBackClosing.Done>> closed;
    private final ReadBack readBack;
    private final Takeover takeover;

    /** @param closed how the JSON store was given up; empty while it was not */
    PhaseChanger(Helm helm, UUID identity, Supplier<Optional<WayBackClosing.Done>> closed) {
        this.helm = helm;
        this.closed = closed;
        this.identity = identity;
        this.readBack = new ReadBack(helm);
        this.takeover = new Takeover(helm);
    }

    /** Fails with {@link PhaseChangeRefused}. Runs to its end even if nobody waits for the result any more. */
    Uni<PhaseChange.Done> change(PhaseChange request) {
        return Uni.createFrom().emitter(emitter -> Helm.within(Helm.WAIT, () -> !lacksPostgres(request))
                .chain(() -> helm.inTurn(() -> begin(request), () -> false))
                .onFailure(failure -> !(failure instanceof PhaseChangeRefused))
                .transform(failure -> new PhaseChangeRefused(
                        LedgerError.NOT_WRITTEN, "The phase did not change: " + reasonOf(failure)))
                .subscribe()
                .with(emitter::complete, emitter::fail));
    }

    /** Only a store that answers can be moved to; one that is being attached at this moment will in a moment. */
    private boolean lacksPostgres(PhaseChange request) {
        Rule from = helm.course().rule();
        Phase target = request.target();
        return !helm.postgresAttached()
                && from != null
                && target != null
                && from.phase().isNeighbourOf(target)
                && (target.primary() == StoreName.POSTGRES || from.phase() == Phase.JSON_ONLY);
    }

    private Uni<PhaseChange.Done> begin(PhaseChange request) {
        Course course = helm.course();
        if (course.rule() == null) {
            return refuse(LedgerError.NOT_WRITTEN, "It is not known who rules: " + course.reason());
        }
        if (helm.stateless()) {
            return refuse(
                    LedgerError.CONFLICT,
                    "This replica has no files of its own. Scale down to the one that owns the JSON store, then repeat.");
        }
        Rule from = course.rule();
        Phase target = request.target();
        if (target == null || !from.phase().isNeighbourOf(target)) {
            return refuse(
                    LedgerError.CONFLICT,
                    "From " + from.phase() + " only a neighbouring phase can be reached in one step, not " + target
                            + ".");
        }
        if (closed.get().isPresent()) {
            return refuse(LedgerError.CONFLICT, closed.get().get().sentence());
        }
        if (request.expectedEpoch() != null && request.expectedEpoch() != from.epoch()) {
            return refuse(
                    LedgerError.CONFLICT,
                    "Epoch " + from.epoch() + " rules, not " + request.expectedEpoch()
                            + ": look again before asking again.");
        }
        LOG.infov("{0} -> {1} asked for by {2}: {3}", from.phase(), target, request.actor(), request.reason());
        Rule to = new Rule(from.epoch() + 1, target);
        switch (target) {
            case DUAL_WRITE:
                return from.phase() == Phase.JSON_ONLY
                        ? withPostgres(() -> changeOver(course, to, false))
                        : backToJson(course, to, request.acceptLoss());
            case DATABASE_READS:
                return from.phase() == Phase.DUAL_WRITE
                        ? rehearsed().chain(() -> withPostgres(() -> swapToPostgres(course, to)))
                        : withPostgres(() -> changeOver(course, to, false));
            case DATABASE_ONLY:
                return withPostgres(() -> leaveJsonBehind(course, to));
            default:
                return changeOver(course, to, false);
        }
    }

    private Uni<PhaseChange.Done> withPostgres(Supplier<Uni<PhaseChange.Done>> change) {
        if (!helm.postgresAttached() || !helm.course().mayWrite()) {
            return refuse(
                    LedgerError.NOT_WRITTEN,
                    "PostgreSQL is out of reach: bring it back and repeat. The old phase goes on.");
        }
        return wayMade().chain(change::get);
    }

    /** It may fail, or take too long on a machine that is busy: then the first writers pay for it, as they would have. */
    private Uni<Void> rehearsed() {
        return !helm.postgresAttached()
                ? Uni.createFrom().voidItem()
                : helm.postgres
                        .rehearse()
                        .ifNoItem()
                        .after(REHEARSAL)
                        .fail()
                        .onFailure()
                        .invoke(failure -> LOG.infov("the first writes were not rehearsed: {0}", reasonOf(failure)))
                        .onFailure()
                        .recoverWithNull();
    }

    private Uni<Void> wayMade() {
        return helm.postgres
                .makeWay()
                .onFailure()
                .transform(failure -> new PhaseChangeRefused(
                        LedgerError.NOT_WRITTEN,
                        "PostgreSQL did not make way for the change. Does a VACUUM, CREATE INDEX or the like run on its"
                                + " change log? Repeat when it is over. The old phase goes on: " + reasonOf(failure)));
    }

    private Uni<PhaseChange.Done> swapToPostgres(Course course, Rule to) {
        Following following = course.following();
        if (following == null || following.state() != Following.State.FOLLOWING) {
            return refuse(LedgerError.NOT_WRITTEN, "The follower is not at work: " + problemOf(following));
        }
        if (following.lag() > NEARLY_THERE) {
            return refuse(
                    LedgerError.NOT_WRITTEN,
                    "The follower is " + following.lag() + " changes behind; repeat when it has caught up.");
        }
        return helm.postgres.standing().chain(standing -> {
            if (standing.followerState() != Standing.FollowerState.FOLLOWING) {
                return refuse(LedgerError.GATE_CLOSED, "PostgreSQL needs a backfill before it can rule.");
            }
            return changeOver(course, to, true);
        });
    }

    private Uni<PhaseChange.Done> leaveJsonBehind(Course course, Rule to) {
        Synchrony synchrony = helm.synchrony();
        if (synchrony == null || synchrony.state() != Synchrony.State.IN) {
            return refuse(LedgerError.NOT_WRITTEN, "The JSON store is not in sync; repeat when it has caught up.");
        }
        return changeOver(course, to, true);
    }

    private Uni<PhaseChange.Done> backToJson(Course course, Rule to, boolean acceptLoss) {
        Synchrony synchrony = helm.synchrony();
        boolean orderly = helm.postgresAttached()
                && course.mayWrite()
                && synchrony != null
                && synchrony.state() == Synchrony.State.IN;
        if (!orderly) {
            return takeover.change(course, to, acceptLoss);
        }
        return wayMade()
                .ifNoItem()
                .after(ReadBack.LIMIT)
                .fail()
                .chain(() -> changeOver(course, to, true))
                .onFailure()
                .recoverWithUni(failure -> helm.postgres
                        .standing()
                        .ifNoItem()
                        .after(ReadBack.LIMIT)
                        .fail()
                        .onItemOrFailure()
                        .transformToUni((standing, away) -> {
                            if (away == null) {
                                return Uni.createFrom().failure(failure);
                            }
                            LOG.warnv("PostgreSQL is lost in the middle of the change: {0}", away.getMessage());
                            return takeover.change(course, to, acceptLoss);
                        }));
    }

    // ---- the orderly change --------------------------------------------------------------------------------------

    /** @param drain whether the follower must be at the head before the decision */
    private Uni<PhaseChange.Done> changeOver(Course course, Rule to, boolean drain) {
        return attempt(course, to, drain, 1);
    }

    private Uni<PhaseChange.Done> attempt(Course course, Rule to, boolean drain, int nth) {
        return held(course, to, drain).onFailure(NotInTime.class).recoverWithUni(late -> {
            if (nth == ATTEMPTS || helm.course() != course) {
                return readBack.abandon(course, storeBeside(course), late);
            }
            LOG.infov("{0} is tried once more: {1}", to.phase(), late.getMessage());
            return Uni.createFrom()
                    .voidItem()
                    .onItem()
                    .delayIt()
                    .by(BETWEEN_ATTEMPTS)
                    .chain(() -> attempt(course, to, drain, nth + 1));
        });
    }

    private LedgerStore storeBeside(Course course) {
        return helm.store(course.rule().phase().primary().other());
    }

    /** What comes before the decision took too long; nothing is decided. */
    private static final class NotInTime extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotInTime(String message) {
            super(message, null, false, false);
        }
    }

    private Uni<PhaseChange.Done> held(Course course, Rule to, boolean drain) {
        Rule from = course.rule();
        LedgerStore decider = helm.primary(from);
        LedgerStore other = storeBeside(course);
        boolean otherTakesPart = to.phase() != Phase.JSON_ONLY;
        boolean leavesJson = to.phase() == Phase.DATABASE_ONLY;
        long began = System.nanoTime();
        // what was asked for goes on when it is no longer waited for, and says in the end what became of it
        AtomicReference<CompletableFuture<Long>> decision = new AtomicReference<>();
        Uni<Long> untilDecided = Uni.createFrom()
                .completionStage(() -> helm.gate.shut(PREPARE))
                .chain(decider::head)
                .call(head -> drain
                        ? drained(course.following(), other, head)
                        : Uni.createFrom().voidItem())
                .call(head -> otherTakesPart
                        ? prepare(decider, other, head, to)
                        : Uni.createFrom().voidItem())
                .call(() -> from.phase() == Phase.JSON_ONLY
                        ? other.needBackfill()
                        : Uni.createFrom().voidItem())
                .call(() -> leavesJson ? markCleared() : Uni.createFrom().voidItem())
                .ifNoItem()
                .after(PREPARE)
                .failWith(() -> new TimeoutException("not prepared within " + PREPARE.toMillis() + " ms"))
                .onFailure(TimeoutException.class)
                .transform(late -> new NotInTime(late.getMessage()))
                .invoke(() -> decision.set(decider.decide(from, to).subscribeAsCompletionStage()))
                .chain(() -> Uni.createFrom()
                        .completionStage(() -> decision.get().copy())
                        .ifNoItem()
                        .after(left(began, DECIDE))
                        .failWith(() -> new TimeoutException("no answer to the decision")));
        return untilDecided
                .onFailure(failure -> !(failure instanceof NotInTime))
                .recoverWithUni(failure -> readBack.abandonOrAsk(course, to, decider, other, decision.get(), failure))
                .chain(position -> settle(course, to, other, otherTakesPart, began)
                        .map(warning -> new PhaseChange.Done(
                                to.phase(),
                                to.epoch(),
                                position,
                                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began),
                                warning)))
                .onTermination()
                .invoke(helm.gate::open);
    }

    /** What is left of a part of the hold; never nothing, because a limit of nothing cannot be set. */
    private static Duration left(long began, Duration of) {
        Duration left = of.minusNanos(System.nanoTime() - began);
        return left.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : left;
    }

    /** In turn with everything else that moves the mark, and so that nothing sets it again. */
    private Uni<Void> markCleared() {
        Synchrony synchrony = helm.synchrony();
        return synchrony == null
                ? helm.mark.set(false)
                : Uni.createFrom().completionStage(() -> synchrony.retire().copy());
    }

    /** At the head, and complete: a follower whose place the log no longer had has jumped there. */
    private Uni<Void> drained(Following following, LedgerStore follower, long head) {
        following.nudge(head, helm.clock.instant());
        return Uni.createFrom()
                .completionStage(following.await(head))
                .chain(follower::standing)
                .chain(standing -> standing.followerState() == Standing.FollowerState.FOLLOWING
                        ? Uni.createFrom().voidItem()
                        : Uni.createFrom()
                                .failure(new IllegalStateException(
                                        follower.name().word() + " needs a backfill")));
    }

    private Uni<Void> prepare(LedgerStore decider, LedgerStore other, long head, Rule to) {
        boolean changesHands = to.phase().primary() == other.name();
        return Uni.combine()
                .all()
                .unis(decider.idsThrough(), decider.publishedThrough())
                .asTuple()
                .chain(known -> other.prepare(
                        to, new Handover(changesHands ? head : 0, known.getItem1(), known.getItem2(), identity)));
    }

    /** After the decision: the other store learns it, then the new course is served. */
    private Uni<String> settle(Course course, Rule to, LedgerStore other, boolean otherTakesPart, long began) {
        if (course.following() != null) {
            course.following().stop();
        }
        if (!otherTakesPart) {
            helm.set(Course.serving(to, null));
            // PostgreSQL learns it now if it can, else whenever it is back
            other.adopt(to).subscribe().with(done -> {}, failure -> helm.postgresAttached(false));
            return Uni.createFrom().nullItem();
        }
        boolean changesHands = to.phase().primary() == other.name();
        // JSON was the primary until this moment and nobody has written since: it holds everything, whether or not
        // PostgreSQL learns that it rules; so the way back is open even if it never does
        Uni<Void> marked = to.phase() == Phase.DATABASE_READS && changesHands
                ? helm.mark.set(true)
                : Uni.createFrom().voidItem();
        AtomicBoolean learnt = new AtomicBoolean();
        return marked.chain(() -> other.adopt(to))
                .invoke(() -> learnt.set(true))
                .chain(() -> helm.enter(to))
                .ifNoItem()
                .after(left(began, HOLD))
                .fail()
                .map(entered -> (String) null)
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnv("{0} is decided; not every store has learnt it: {1}", to.phase(), reasonOf(failure));
                    helm.set(ReadBack.afterHalfASettlement(to, other, learnt.get()));
                    helm.postgresAttached(false);
                    return "Decided; one store has not learnt it yet and will when it is back: " + reasonOf(failure);
                });
    }

    private static String problemOf(Following following) {
        return following == null ? "it was not reached yet." : following.state() + ", " + following.lastFailure();
    }
}
