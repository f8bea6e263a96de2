package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.PhaseChangeRefused.reasonOf;
import static io.homebudget.ledger.storage.routing.PhaseChangeRefused.refuse;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Standing;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/** A phase change that did not go its way: before the decision it is abandoned, after it the decision is read back (A36). */
final class ReadBack {
    private static final Logger LOG = Logger.getLogger(ReadBack.class);
    /** How long a decision without an answer is read back before the caller is told that it is still unknown. */
    static final Duration LIMIT = Duration.ofMillis(1_500);

    private final Helm helm;

    ReadBack(Helm helm) {
        this.helm = helm;
    }

    /** The decision has no clean answer. Before it was asked for, the change is abandoned; after, it is read back. */
    Uni<Long> abandonOrAsk(
            Course course,
            Rule to,
            LedgerStore decider,
            LedgerStore other,
            CompletableFuture<Long> decision,
            Throwable failure) {
        if (decision == null || failure instanceof StoreFenced) {
            return abandon(course, other, failure);
        }
        Course asking =
                course.readOnly("The outcome of the change to " + to.phase() + " is unknown; it is being read back.");
        helm.set(asking);
        helm.gate.open();
        return readBack(decider, decision)
                // a store that hangs never fails, and the caller may be waiting to move away from it
                .ifNoItem()
                .after(LIMIT)
                .fail()
                .onFailure()
                .transform(still -> {
                    helm.postgresAttached(false);
                    goOnWhenKnown(asking, course, to, decider, other, decision);
                    return new PhaseChangeRefused(
                            LedgerError.OUTCOME_UNKNOWN,
                            "The outcome of the change to " + to.phase()
                                    + " is unknown: nobody writes until the store that decided is back.");
                })
                .chain(standing -> {
                    Rule ruling = ruling(standing, course.rule());
                    if (ruling.equals(to)) {
                        return Uni.createFrom().item(standing.position());
                    }
                    if (!ruling.equals(course.rule())) {
                        // an earlier change, whose outcome was unknown, got the epoch that this one asked for
                        helm.set(afterHalfASettlement(ruling, other, false));
                        helm.postgresAttached(false);
                        return refuse(
                                LedgerError.NOT_WRITTEN,
                                "The change to " + to.phase() + " did not happen: one to " + ruling.phase()
                                        + " was decided before it.");
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

    /** Nothing was decided: the old phase goes on. */
    <T> Uni<T> abandon(Course course, LedgerStore other, Throwable failure) {
        other.abandon().subscribe().with(done -> {}, e -> LOG.debug("the preparation stays until the next start", e));
        resumeSynchrony();
        return refuse(
                LedgerError.NOT_WRITTEN,
                "The phase change was abandoned, " + course.rule().phase() + " goes on: " + reasonOf(failure));
    }

    /** Only after the decision's own end: what is read before it may be overtaken by it. */
    private static Uni<Standing> readBack(LedgerStore decider, CompletableFuture<Long> decision) {
        return Uni.createFrom()
                .completionStage(() -> decision.handle((position, failure) -> (Void) null))
                .chain(() -> decider.standing()
                        .onFailure()
                        .retry()
                        .withBackOff(Duration.ofMillis(100), Duration.ofSeconds(1))
                        .expireIn(LIMIT.toMillis()));
    }

    /** The decided rule, whoever asked for it; an epoch alone does not tell two changes from the same rule apart. */
    private static Rule ruling(Standing standing, Rule before) {
        return standing.decided()
                .filter(decided -> decided.epoch() > before.epoch())
                .orElse(before);
    }

    /**
     * A journal whose disk hangs answers after all, perhaps with PostgreSQL away, whose return would otherwise be waited for. Does
     * nothing where somebody else found out who rules meanwhile.
     */
    private void goOnWhenKnown(
            Course asking, Course before, Rule to, LedgerStore decider, LedgerStore other, CompletableFuture<Long> of) {
        if (decider != helm.json) {
            return;
        }
        readBack(decider, of)
                .subscribe()
                .with(
                        standing -> helm.inTurn(
                                        () -> {
                                            if (helm.course() == asking) {
                                                Rule ruling = ruling(standing, before.rule());
                                                helm.set(
                                                        ruling.equals(before.rule())
                                                                ? before
                                                                : afterHalfASettlement(ruling, other, false));
                                            }
                                            return Uni.createFrom().voidItem();
                                        },
                                        () -> false)
                                .subscribe()
                                .with(done -> {}, busy -> LOG.warnv("still steered by another: {0}", reasonOf(busy))),
                        still -> LOG.warnv("it is still unknown whether {0} rules: {1}", to.phase(), reasonOf(still)));
    }

    /** JSON needs nobody to rule; its follower joins when PostgreSQL is attached again. Everything else waits for that. */
    static Course afterHalfASettlement(Rule to, LedgerStore other, boolean learnt) {
        boolean jsonRules = to.phase().primary() == StoreName.JSON && (other.name() == StoreName.POSTGRES || learnt);
        return jsonRules
                ? Course.serving(to, null)
                : new Course(
                        to, Course.Ability.READ_ONLY, "PostgreSQL is out of reach in the middle of the change.", null);
    }

    /** The phase change that would have left JSON behind did not happen: it is brought in sync again. */
    private void resumeSynchrony() {
        Synchrony synchrony = helm.synchrony();
        if (synchrony != null) {
            synchrony.resume();
        }
    }
}
