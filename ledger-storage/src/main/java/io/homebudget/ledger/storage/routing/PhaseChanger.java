package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.following.Following;
import io.homebudget.ledger.storage.store.Handover;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Standing;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Takes the ledger to a neighbouring phase.
 *
 * <p>Order, and what a crash between two steps leaves behind:
 *
 * <ol>
 *   <li>writers are held, the follower is brought to the head: nothing changed;
 *   <li>the other store is prepared at epoch + 1: at start a preparation without a decision is forgotten;
 *   <li>the old primary decides, one record: from here on the new epoch rules, at start the highest decided one is served;
 *   <li>the other store adopts the decision: repeated at start;
 *   <li>the course is replaced, writers go on.
 * </ol>
 *
 * <p>Up to the decision everything must happen within {@link #HOLD}; else the change is abandoned and the old phase goes on.
 * A decision without an answer stops all writing until it was read back (A36).
 */
final class PhaseChanger {
    private static final Logger LOG = Logger.getLogger(PhaseChanger.class);
    /** How long writers are held at most before the decision. */
    static final Duration HOLD = Duration.ofMillis(900);
    /** How long a change waits for another one, or for a reconnection, to end. */
    private static final Duration WAIT_FOR_TURN = Duration.ofSeconds(2);

    /** How long the stores may take to learn a decision; writers are held meanwhile. */
    private static final Duration SETTLE = Duration.ofSeconds(1);

    /** How long a decision without an answer is read back before the caller is told that it is still unknown. */
    private static final Duration READ_BACK = Duration.ofMillis(1_500);

    /** A follower further behind than this is not at the head within {@link #HOLD}. */
    private static final long NEARLY_THERE = 2_000;
    /** Ids that a lost PostgreSQL may have given out without JSON knowing: skipped after a takeover with accepted loss. */
    private static final long LOST_IDS = 1_000_000;

    private final Helm helm;
    private final UUID identity;

    PhaseChanger(Helm helm, UUID identity) {
        this.helm = helm;
        this.identity = identity;
    }

    /** Fails with {@link PhaseChangeRefused}. Runs to its end even if nobody waits for the result any more. */
    Uni<PhaseChange.Done> change(PhaseChange request) {
        return Uni.createFrom().emitter(emitter -> steer(helm.clock.instant().plus(WAIT_FOR_TURN), request, emitter));
    }

    private void steer(Instant deadline, PhaseChange request, UniEmitter<? super PhaseChange.Done> emitter) {
        if (helm.steering.compareAndSet(false, true)) {
            Uni.createFrom()
                    .deferred(() -> begin(request))
                    .onFailure(failure -> !(failure instanceof PhaseChangeRefused))
                    .transform(failure -> new PhaseChangeRefused(
                            LedgerError.NOT_WRITTEN, "The phase did not change: " + reasonOf(failure)))
                    .onTermination()
                    .invoke(() -> helm.steering.set(false))
                    .subscribe()
                    .with(emitter::complete, emitter::fail);
        } else if (helm.clock.instant().isBefore(deadline)) {
            helm.timer.schedule(() -> steer(deadline, request, emitter), 20, TimeUnit.MILLISECONDS);
        } else {
            emitter.fail(new PhaseChangeRefused(
                    LedgerError.NOT_WRITTEN, "Another phase change or a reconnection is under way; repeat shortly."));
        }
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
                        ? withPostgres(() -> swapToPostgres(course, to))
                        : withPostgres(() -> changeOver(course, to, false));
            case DATABASE_ONLY:
                return withPostgres(() -> leaveJsonBehind(course, to));
            default:
                return changeOver(course, to, false);
        }
    }

    private Uni<PhaseChange.Done> withPostgres(java.util.function.Supplier<Uni<PhaseChange.Done>> change) {
        if (!helm.postgresAttached() || !helm.course().mayWrite()) {
            return refuse(
                    LedgerError.NOT_WRITTEN,
                    "PostgreSQL is out of reach: bring it back and repeat. The old phase goes on.");
        }
        return change.get();
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
            return takeOver(course, to, acceptLoss);
        }
        return changeOver(course, to, true).onFailure().recoverWithUni(failure -> helm.postgres
                .standing()
                .ifNoItem()
                .after(READ_BACK)
                .fail()
                .onItemOrFailure()
                .transformToUni((standing, away) -> {
                    if (away == null) {
                        return Uni.createFrom().failure(failure);
                    }
                    LOG.warnv("PostgreSQL is lost in the middle of the change: {0}", away.getMessage());
                    return takeOver(course, to, acceptLoss);
                }));
    }

    // ---- the orderly change --------------------------------------------------------------------------------------

    /** @param drain whether the follower must be at the head before the decision */
    private Uni<PhaseChange.Done> changeOver(Course course, Rule to, boolean drain) {
        Rule from = course.rule();
        LedgerStore decider = helm.primary(from);
        LedgerStore other = decider == helm.json ? helm.postgres : helm.json;
        boolean otherTakesPart = to.phase() != Phase.JSON_ONLY;
        boolean leavesJson = to.phase() == Phase.DATABASE_ONLY;
        long began = System.nanoTime();
        AtomicBoolean deciding = new AtomicBoolean();
        Uni<Long> untilDecided = Uni.createFrom()
                .completionStage(() -> helm.gate.shut(HOLD))
                .chain(decider::head)
                .call(head -> drain
                        ? drained(course.following(), head)
                        : Uni.createFrom().voidItem())
                .call(head -> otherTakesPart
                        ? prepare(decider, other, head, to)
                        : Uni.createFrom().voidItem())
                .call(() -> from.phase() == Phase.JSON_ONLY
                        ? other.needBackfill()
                        : Uni.createFrom().voidItem())
                .call(() -> leavesJson ? markCleared() : Uni.createFrom().voidItem())
                .ifNoItem()
                .after(HOLD)
                .fail()
                .invoke(() -> deciding.set(true))
                .chain(() -> decider.decide(from, to));
        return untilDecided
                .onFailure()
                .recoverWithUni(failure -> abandonOrAsk(course, to, decider, other, deciding.get(), failure))
                .chain(position -> settle(course, to, other, otherTakesPart)
                        .map(warning -> new PhaseChange.Done(
                                to.phase(),
                                to.epoch(),
                                position,
                                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began),
                                warning)))
                .onTermination()
                .invoke(helm.gate::open);
    }

    /** In turn with everything else that moves the mark, and so that nothing sets it again. */
    private Uni<Void> markCleared() {
        Synchrony synchrony = helm.synchrony();
        return synchrony == null
                ? helm.mark.set(false)
                : Uni.createFrom().completionStage(() -> synchrony.retire().copy());
    }

    /** The phase change that would have left JSON behind did not happen: it is brought in sync again. */
    private void resumeSynchrony() {
        Synchrony synchrony = helm.synchrony();
        if (synchrony != null) {
            synchrony.resume();
        }
    }

    private Uni<Void> drained(Following following, long head) {
        following.nudge(head, helm.clock.instant());
        return Uni.createFrom().completionStage(following.await(head));
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

    /** The decision has no clean answer. Before it was asked for, the change is abandoned; after, it is read back. */
    private Uni<Long> abandonOrAsk(
            Course course, Rule to, LedgerStore decider, LedgerStore other, boolean deciding, Throwable failure) {
        if (!deciding || failure instanceof StoreFenced) {
            other.abandon()
                    .subscribe()
                    .with(done -> {}, e -> LOG.debug("the preparation stays until the next start", e));
            resumeSynchrony();
            return refuse(
                    LedgerError.NOT_WRITTEN,
                    "The phase change was abandoned, " + course.rule().phase() + " goes on: " + reasonOf(failure));
        }
        helm.set(course.readOnly("The outcome of the change to " + to.phase() + " is unknown; it is being read back."));
        helm.gate.open();
        return decider.standing()
                .onFailure()
                .retry()
                .withBackOff(Duration.ofMillis(100), Duration.ofSeconds(1))
                .expireIn(READ_BACK.toMillis())
                // a store that hangs never fails, and the caller may be waiting to move away from it
                .ifNoItem()
                .after(READ_BACK)
                .fail()
                .onFailure()
                .transform(still -> {
                    helm.postgresAttached(false);
                    return new PhaseChangeRefused(
                            LedgerError.OUTCOME_UNKNOWN,
                            "The outcome of the change to " + to.phase()
                                    + " is unknown: nobody writes until the store that decided is back.");
                })
                .chain(standing -> {
                    if (standing.decided().map(Rule::epoch).orElse(0L) >= to.epoch()) {
                        return Uni.createFrom().item(standing.position());
                    }
                    other.abandon().subscribe().with(done -> {}, e -> LOG.debug("left for the next start", e));
                    resumeSynchrony();
                    helm.set(course);
                    return refuse(
                            LedgerError.NOT_WRITTEN,
                            "The phase change did not happen, " + course.rule().phase() + " goes on: "
                                    + reasonOf(failure));
                });
    }

    /** After the decision: the other store learns it, then the new course is served. */
    private Uni<String> settle(Course course, Rule to, LedgerStore other, boolean otherTakesPart) {
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
                .after(SETTLE)
                .fail()
                .map(entered -> (String) null)
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnv("{0} is decided; not every store has learnt it: {1}", to.phase(), reasonOf(failure));
                    helm.set(afterHalfASettlement(to, other, learnt.get()));
                    helm.postgresAttached(false);
                    return "Decided; one store has not learnt it yet and will when it is back: " + reasonOf(failure);
                });
    }

    /** JSON needs nobody to rule; its follower joins when PostgreSQL is attached again. Everything else waits for that. */
    private Course afterHalfASettlement(Rule to, LedgerStore other, boolean learnt) {
        boolean jsonRules = to.phase().primary() == StoreName.JSON && (other == helm.postgres || learnt);
        return jsonRules
                ? Course.serving(to, null)
                : new Course(
                        to, Course.Ability.READ_ONLY, "PostgreSQL is out of reach in the middle of the change.", null);
    }

    // ---- the takeover --------------------------------------------------------------------------------------------

    /** PostgreSQL is lost, or JSON is behind it: JSON takes over if the mark proves it complete, or with accepted loss. */
    private Uni<PhaseChange.Done> takeOver(Course course, Rule to, boolean acceptLoss) {
        boolean complete = helm.mark.isSet();
        if (helm.postgresAttached() && !complete) {
            return refuse(
                    LedgerError.NOT_WRITTEN,
                    "JSON is not in sync yet and PostgreSQL is within reach: wait until it has caught up, then repeat.");
        }
        if (!complete && !acceptLoss) {
            return refuse(
                    LedgerError.CONSENT_MISSING,
                    "PostgreSQL is out of reach and JSON does not hold everything that was acknowledged: up to "
                            + lagOf(course)
                            + " changes or more may be lost. Repeat with accept_loss to go back all the same.");
        }
        long began = System.nanoTime();
        // from here on no write in flight is acknowledged, so what the mark says now it will still say when JSON rules
        helm.set(course.readOnly("JSON is taking over."));
        if (complete && !helm.mark.isSet()) {
            helm.set(course);
            return refuse(LedgerError.NOT_WRITTEN, "JSON fell out of sync at this very moment; look again.");
        }
        helm.set(course.readOnly("JSON is taking over.").with(null));
        return helm.json
                .standing()
                .chain(json -> {
                    long prepared = json.prepared().map(Rule::epoch).orElse(0L);
                    Rule rule = new Rule(Math.max(course.epoch(), prepared) + 1, to.phase());
                    Uni<Void> ids = complete
                            ? Uni.createFrom().voidItem()
                            : helm.json.idsThrough().chain(ids0 -> helm.json.raiseIds(ids0 + LOST_IDS));
                    return ids.chain(() -> helm.json.adopt(rule))
                            .chain(helm.json::head)
                            .map(head -> {
                                helm.postgresAttached(false);
                                helm.set(Course.serving(rule, null));
                                return new PhaseChange.Done(
                                        rule.phase(),
                                        rule.epoch(),
                                        head,
                                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began),
                                        complete
                                                ? null
                                                : "JSON took over without being in sync: what only PostgreSQL held is lost "
                                                        + "from view and will be listed as orphans when it returns.");
                            });
                })
                .onFailure()
                .invoke(failure -> {
                    // the following has ended: the attachment starts another one when PostgreSQL is there
                    helm.postgresAttached(false);
                    helm.set(course.readOnly("JSON could not take over: " + reasonOf(failure))
                            .with(null));
                });
    }

    private static String lagOf(Course course) {
        return course.following() == null
                ? "an unknown number of"
                : Long.toString(course.following().lag());
    }

    private static String problemOf(Following following) {
        return following == null ? "it was not reached yet." : following.state() + ", " + following.lastFailure();
    }

    private static String reasonOf(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    private static <T> Uni<T> refuse(LedgerError error, String detail) {
        return Uni.createFrom().failure(new PhaseChangeRefused(error, detail));
    }
}
