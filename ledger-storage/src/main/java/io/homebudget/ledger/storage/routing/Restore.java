package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.Handover;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.InDoubt;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Restoration;
import io.homebudget.ledger.storage.store.RestoreReport;
import io.homebudget.ledger.storage.store.SyncListener;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Takes the ledger back to an image while it runs (A26, A38).
 *
 * <p>Clients write until the target is staged. Then writers in flight come to their end, and new ones are turned away with
 * Retry-After until the difference is durable: nothing is written in between. Phase changes and attachments wait. Reads go on.
 * The follower and the publisher follow by the log, as after any other write.
 *
 * <p>Acknowledged as the phase demands: in {@code DATABASE_READS} the JSON journal has it too, or the in-sync mark is cleared.
 */
public final class Restore {
    private static final Logger LOG = Logger.getLogger(Restore.class);
    /** Writes in flight end within their 2 s. */
    private static final Duration DRAIN = Duration.ofSeconds(5);
    /** A failed piece of a restore into files is repeated, since the ledger must not stay half restored. */
    private static final int REPEATS = 30;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final Helm helm;
    private final UUID identity;
    /** The files hold a restore in part: until a start has finished it, nobody may serve them or change the phase. */
    private volatile boolean halfDone;

    Restore(Helm helm, UUID identity) {
        this.helm = helm;
        this.identity = identity;
    }

    /** Told between which moments a crash leaves something to be finished; both complete when that is durable. */
    public interface Turn {
        /**
         * Before the first change.
         *
         * @param head of the log
         * @param epoch in which the restore writes
         * @param inSets whether a crash can leave the restore half done
         */
        CompletionStage<Void> begins(long head, long epoch, boolean inSets);

        /** After the last change and before anybody else writes, where a crash can leave the restore half done. */
        CompletionStage<Void> ends(RestoreReport report, long heldMillis);
    }

    /** @param heldMillis for how long writers were turned away */
    public record Done(RestoreReport report, long heldMillis) {}

    /** Fails with {@link PhaseChangeRefused}: nothing was changed; with {@link InDoubt}: nobody knows yet. */
    Uni<Done> changes(Image target, Restoration restoration, Turn turn) {
        return inTurn(() -> {
            Course course = serving();
            LedgerStore primary = helm.primary(course.rule());
            boolean inSets = primary.name() == StoreName.JSON;
            Held held = new Held(course, primary, turn, inSets, course.epoch());
            Uni<RestoreReport> written = primary.restore(target, restoration, course.epoch(), held::begin);
            if (inSets) {
                written = written.onFailure(failure -> held.began())
                        .recoverWithUni(failure -> repeated(primary, target, restoration, course.epoch(), failure));
            }
            return written.call(report -> acknowledged(course, report))
                    .call(held::end)
                    .map(report -> new Done(report, held.millis()))
                    .onFailure(failure -> held.halfDone())
                    .transform(failure -> new InDoubt(primary.name(), failure))
                    .onItemOrFailure()
                    .invoke((done, failure) -> release(course, held, failure));
        });
    }

    /** A new installation without any entry becomes what the image holds, at the source's epoch + 1. The store that ruled rules alone. */
    Uni<Done> everything(Image image, RestoreOrder order, Turn turn) {
        return inTurn(() -> {
            Course course = serving();
            // a follower joins later, by a run that fills and verifies it
            Phase phase = order.source().phase().primary() == StoreName.JSON ? Phase.JSON_ONLY : Phase.DATABASE_ONLY;
            if (phase != Phase.JSON_ONLY && !helm.postgresAttached()) {
                return refuse(
                        LedgerError.CONFLICT,
                        "PostgreSQL ruled when this was taken: it must be within reach to rule again.");
            }
            Rule rule = new Rule(Math.max(course.epoch(), order.source().epoch()) + 1, phase);
            boolean files = phase.primary() == StoreName.JSON;
            Held held = new Held(course, helm.primary(course.rule()), turn, files, rule.epoch());
            return empty().chain(() -> Uni.createFrom().completionStage(held::begin))
                    .chain(() -> taken(
                            helm.primary(rule),
                            helm.store(rule.phase().primary().other()),
                            image,
                            order,
                            rule,
                            identity))
                    .call(held::end)
                    .map(report -> new Done(report, held.millis()))
                    .onFailure(failure -> held.halfDone())
                    .transform(failure -> new InDoubt(StoreName.JSON, failure))
                    .onItemOrFailure()
                    .invoke((done, failure) -> {
                        if (failure == null) {
                            // what was the rule until now serves an empty store
                            helm.set(
                                    phase == Phase.JSON_ONLY
                                            ? Course.serving(rule, null)
                                            : Course.closed("Everything was taken; who rules is found out anew."));
                            // who rules is found out anew: the highest decided epoch
                            helm.postgresAttached(false);
                        } else {
                            release(course, held, failure);
                        }
                    });
        });
    }

    /** Rebuilds the follower from the primary; nothing is taken back. Completes when it durably knows that it must be filled. */
    Uni<Void> followerAnew() {
        Course course = serving();
        if (!course.rule().phase().dual() || course.following() == null) {
            return refuse(
                    LedgerError.CONFLICT,
                    "There is no follower within reach in " + course.rule().phase() + ".");
        }
        LedgerStore follower = helm.store(course.rule().phase().primary().other());
        Synchrony synchrony = helm.synchrony();
        Uni<Void> left = synchrony == null
                ? Uni.createFrom().voidItem()
                : Uni.createFrom()
                        .completionStage(() ->
                                synchrony.leave("the JSON store is rebuilt").copy());
        return left.chain(follower::needBackfill);
    }

    private <T> Uni<T> inTurn(Supplier<Uni<T>> work) {
        return helm.inTurn(work, () -> halfDone);
    }

    private Course serving() {
        Course course = helm.course();
        if (course.rule() == null || !course.mayWrite()) {
            throw new PhaseChangeRefused(
                    LedgerError.NOT_WRITTEN, "The ledger does not take writes now: " + course.reason());
        }
        if (helm.stateless()) {
            throw new PhaseChangeRefused(LedgerError.CONFLICT, "This replica has no files of its own to stage into.");
        }
        return course;
    }

    /** What holds the writers, and since when. */
    private final class Held {
        private final Course course;
        private final LedgerStore primary;
        private final Turn turn;
        private final boolean inSets;
        private final long epoch;
        private volatile long since;
        private volatile boolean began;

        Held(Course course, LedgerStore primary, Turn turn, boolean inSets, long epoch) {
            this.course = course;
            this.primary = primary;
            this.turn = turn;
            this.inSets = inSets;
            this.epoch = epoch;
        }

        CompletionStage<Void> begin() {
            since = System.nanoTime();
            return Uni.createFrom()
                    .completionStage(() -> helm.gate.shut(DRAIN))
                    .invoke(() -> {
                        helm.set(course.readOnly("The ledger is being restored; repeat shortly."));
                        helm.gate.open();
                    })
                    .onFailure()
                    .invoke(helm.gate::open)
                    .chain(primary::head)
                    .chain(head -> Uni.createFrom().completionStage(() -> turn.begins(head, epoch, inSets)))
                    .invoke(() -> began = true)
                    .subscribeAsCompletionStage();
        }

        boolean began() {
            return began;
        }

        boolean halfDone() {
            return began && inSets;
        }

        Uni<Void> end(RestoreReport report) {
            return inSets
                    ? Uni.createFrom()
                            .completionStage(() -> turn.ends(report, millis()))
                            .onFailure()
                            .retry()
                            .withBackOff(FIRST_PAUSE, LONGEST_PAUSE)
                            .atMost(REPEATS)
                    : Uni.createFrom().voidItem();
        }

        long millis() {
            return since == 0 ? 0 : Duration.ofNanos(System.nanoTime() - since).toMillis();
        }
    }

    private Uni<RestoreReport> repeated(
            LedgerStore primary, Image target, Restoration restoration, long epoch, Throwable failure) {
        LOG.warnv("a restore met a failure and is repeated: {0}", failure.getMessage());
        return Uni.createFrom()
                .deferred(
                        () -> primary.restore(target, restoration, epoch, () -> CompletableFuture.completedStage(null)))
                .onFailure()
                .retry()
                .withBackOff(FIRST_PAUSE, LONGEST_PAUSE)
                .atMost(REPEATS);
    }

    private Uni<Void> acknowledged(Course course, RestoreReport report) {
        if (course.following() != null) {
            course.following().nudge(report.position(), helm.clock.instant());
        }
        Synchrony synchrony = helm.synchrony();
        if (course.rule().phase() != Phase.DATABASE_READS || synchrony == null || report.changes() == 0) {
            return Uni.createFrom().voidItem();
        }
        return Uni.createFrom().completionStage(() -> synchrony.reached(report.position()));
    }

    private void release(Course course, Held held, Throwable failure) {
        if (failure != null && held.halfDone()) {
            halfDone = true;
            LOG.error("a restore into files is not finished: nobody writes until a restart has finished it", failure);
            helm.set(course.readOnly(
                    "A restore is not finished. Make the data folder writable again, then restart the service."));
        } else if (failure instanceof InDoubt) {
            LOG.error("the outcome of a restore is unknown: nobody writes until PostgreSQL answers", failure);
            helm.set(course.readOnly("PostgreSQL does not tell what became of a restore. Bring it back."));
            helm.postgresAttached(false);
        } else if (held.since != 0 && !helm.course().mayWrite()) {
            helm.set(course);
        }
    }

    // ---- the new installation ------------------------------------------------------------------------------------

    /** New is a JSON store without entries and log, and a PostgreSQL that was told of no epoch after the first. */
    private Uni<Void> empty() {
        Uni<Void> json = Uni.combine()
                .all()
                .unis(helm.json.image(0), helm.json.head())
                .asTuple()
                .chain(found -> found.getItem1().rows() == 0 && found.getItem2() == 0
                        ? Uni.createFrom().voidItem()
                        : inUse(helm.json));
        return helm.postgresAttached()
                ? json.chain(helm.postgres::standing)
                        .chain(standing -> standing.decided().map(Rule::epoch).orElse(0L) <= 1
                                ? Uni.createFrom().voidItem()
                                : inUse(helm.postgres))
                : json;
    }

    private static Uni<Void> inUse(LedgerStore store) {
        return refuse(
                LedgerError.CONFLICT,
                "The " + store.name().word() + " store is in use: only a new installation takes everything.");
    }

    /** The deciding store is filled first and decides last, so a crash in between finds an installation that is still new. */
    public static Uni<RestoreReport> taken(
            LedgerStore primary, LedgerStore other, Image image, RestoreOrder order, Rule rule, UUID identity) {
        long position = order.source().position();
        Handover handover = new Handover(position, order.source().idsThrough(), Optional.empty(), identity);
        return primary.synchronize(image, position, rule.epoch(), SyncListener.NONE)
                .call(report -> primary.prepare(rule, handover))
                .call(report ->
                        rule.phase() == Phase.JSON_ONLY ? Uni.createFrom().voidItem() : other.needBackfill())
                .call(report -> primary.adopt(rule)
                        // files that are not finished are finished by a restart; PostgreSQL has to be asked
                        .onFailure(failure -> primary.name() == StoreName.POSTGRES)
                        .transform(failure -> new InDoubt(StoreName.POSTGRES, failure)))
                // nobody has written yet: what the store holds now is what it took. It is decided, so no failure may
                // come of this
                .chain(report -> primary.count()
                        .onFailure()
                        .recoverWithItem(image.rows())
                        .map(entries -> new RestoreReport(entries, 0, report.removed(), position)));
    }

    private static <T> Uni<T> refuse(LedgerError error, String detail) {
        return Uni.createFrom().failure(new PhaseChangeRefused(error, detail));
    }
}
