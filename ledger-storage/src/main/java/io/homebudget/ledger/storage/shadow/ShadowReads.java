package io.homebudget.ledger.storage.shadow;

import io.homebudget.ledger.internal.ShadowMismatch;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Asks the follower what the primary has just answered a client, for a sampled share of reads, and compares what a client would
 * see of both. Nobody waits for it: a client has its answer before, and a read beyond {@link Limits#inFlight} is left out.
 *
 * <p>No false alarm under live writes: answers that differ are asked for anew, primary, follower, primary, once the follower has
 * passed the primary's head. They count as a mismatch only if the primary's two answers are the same and nothing was written in
 * between, or if both sides show the same version of an entry with other bytes. What never comes to rest is {@code SKIPPED}.
 *
 * <p>Equation: every sampled read ends as exactly one {@link Result}.
 */
public final class ShadowReads {
    private static final Logger LOG = Logger.getLogger(ShadowReads.class);
    private static final int MOST_KEPT = 1_000;
    private static final int MOST_IDS = 100;
    private static final int MOST_TEXT = 2_000;

    /** How one comparison ended. */
    public enum Result {
        MATCH,
        MISMATCH,
        /** The stores did not come to rest, too many comparisons were on their way, or a list was too long. */
        SKIPPED,
        /** A store did not answer. */
        FAILED
    }

    /** Both stores in a dual phase, while the follower follows. */
    public record Sides(LedgerStore primary, LedgerStore follower, Rule rule) {}

    /**
     * @param share of the reads that are compared, 0 to 1
     * @param inFlight comparisons at once
     * @param patience how long the follower may take to pass a position
     * @param attempts how often answers that differ are asked for
     * @param pause before the next attempt, times its number
     */
    public record Limits(double share, int inFlight, Duration patience, int attempts, Duration pause) {
        public Limits {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("the share of shadow reads is 0 to 1, not " + share);
            }
        }

        /** Few at once, so that comparing takes nothing from clients to speak of. */
        public static Limits usual(double share) {
            return new Limits(share, 4, Duration.ofSeconds(2), 5, Duration.ofMillis(100));
        }
    }

    /** A read that any store can answer. @param request in words, for the record */
    record Question(String request, Function<LedgerStore, Uni<Answer>> ask) {}

    private final Supplier<Optional<Sides>> sides;
    private final BiFunction<Long, Duration, Uni<Long>> awaitFollower;
    private final Limits limits;
    private final DoubleSupplier chance;
    private final Consumer<Result> counter;
    private final Executor workers;
    private final Clock clock;
    private final Semaphore places;
    private final ArrayDeque<ShadowMismatch> kept = new ArrayDeque<>();
    private long numbers;

    /**
     * @param sides empty where there is nothing to compare
     * @param awaitFollower completes when the follower has passed the position, fails at the limit
     * @param chance a number from 0 to 1, another one each time
     * @param counter is told each result
     */
    public ShadowReads(
            Supplier<Optional<Sides>> sides,
            BiFunction<Long, Duration, Uni<Long>> awaitFollower,
            Limits limits,
            DoubleSupplier chance,
            Consumer<Result> counter,
            Executor workers,
            Clock clock) {
        this.sides = sides;
        this.awaitFollower = awaitFollower;
        this.limits = limits;
        this.chance = chance;
        this.counter = counter;
        this.workers = workers;
        this.clock = clock;
        this.places = new Semaphore(limits.inFlight());
    }

    /** What was found after the number, oldest first; the last {@value #MOST_KEPT} are kept. */
    public synchronized List<ShadowMismatch> after(long number) {
        return kept.stream().filter(mismatch -> mismatch.number() > number).toList();
    }

    /** Whether the read that is about to be answered is one of the share. */
    boolean sampled() {
        return limits.share() > 0
                && chance.getAsDouble() < limits.share()
                && sides.get().isPresent();
    }

    /** Of a read that was sampled and is not compared. */
    void passOver() {
        counter.accept(Result.SKIPPED);
    }

    /** Compares in the background what a client was just served. Returns at once. */
    void compare(Question question, Answer served) {
        Optional<Sides> both = sides.get();
        if (both.isEmpty() || !places.tryAcquire()) {
            counter.accept(Result.SKIPPED);
            return;
        }
        AtomicBoolean over = new AtomicBoolean();
        try {
            workers.execute(
                    () -> begin(both.get(), question, served).subscribe().with(result -> end(over, result), failure -> {
                        LOG.debugf(
                                "a shadow read failed: %s", failure.getClass().getSimpleName());
                        end(over, Result.FAILED);
                    }));
        } catch (RejectedExecutionException e) {
            end(over, Result.SKIPPED);
        }
    }

    private void end(AtomicBoolean over, Result result) {
        if (over.compareAndSet(false, true)) {
            places.release();
            counter.accept(result);
        }
    }

    private Uni<Result> begin(Sides both, Question question, Answer served) {
        return ask(question, both.follower())
                .chain(shadow -> shadow.same(served) ? Uni.createFrom().item(Result.MATCH) : settle(both, question, 1));
    }

    /** A store that never answers must not keep its place for ever. */
    private Uni<Answer> ask(Question question, LedgerStore store) {
        return question.ask()
                .apply(store)
                .ifNoItem()
                .after(limits.patience())
                .fail()
                .emitOn(workers);
    }

    private Uni<Result> settle(Sides both, Question question, int attempt) {
        return both.primary()
                .head()
                .chain(head -> awaitFollower
                        .apply(head, limits.patience())
                        .chain(() -> ask(question, both.primary()))
                        .chain(before -> ask(question, both.follower())
                                .chain(shadow -> ask(question, both.primary()).chain(after -> both.primary()
                                        .head()
                                        .chain(last -> judge(
                                                both,
                                                question,
                                                new Round(attempt, head, last, before, shadow, after)))))))
                .onFailure(ShadowReads::noRest)
                .recoverWithItem(Result.SKIPPED);
    }

    /** The follower did not pass the position in time, or there is none any more. */
    private static boolean noRest(Throwable failure) {
        return failure instanceof TimeoutException || failure instanceof IllegalStateException;
    }

    /** @param first the primary's head before, {@code last} after everything was read */
    private record Round(int attempt, long first, long last, Answer before, Answer shadow, Answer after) {}

    private Uni<Result> judge(Sides both, Question question, Round round) {
        if (round.shadow().same(round.before()) || round.shadow().same(round.after())) {
            return Uni.createFrom().item(Result.MATCH);
        }
        boolean sameRule = sides.get()
                .map(Sides::rule)
                .filter(rule -> rule.equals(both.rule()))
                .isPresent();
        if (!sameRule) {
            return Uni.createFrom().item(Result.SKIPPED);
        }
        boolean atRest = round.first() == round.last() && round.before().same(round.after());
        List<Long> damaged = round.after().damaged(round.shadow());
        if (atRest || !damaged.isEmpty()) {
            record(both, question, round, atRest ? round.after().differing(round.shadow()) : damaged);
            return Uni.createFrom().item(Result.MISMATCH);
        }
        return round.attempt() >= limits.attempts()
                ? Uni.createFrom().item(Result.SKIPPED)
                : Uni.createFrom()
                        .voidItem()
                        .onItem()
                        .delayIt()
                        .by(limits.pause().multipliedBy(round.attempt()))
                        .chain(() -> settle(both, question, round.attempt() + 1));
    }

    private synchronized void record(Sides both, Question question, Round round, List<Long> ids) {
        kept.addLast(new ShadowMismatch(
                ++numbers,
                clock.instant(),
                both.rule().phase(),
                both.rule().epoch(),
                question.request(),
                both.primary().name().word(),
                round.last(),
                new ArrayList<>(ids.subList(0, Math.min(MOST_IDS, ids.size()))),
                cut(round.after().text()),
                cut(round.shadow().text())));
        if (kept.size() > MOST_KEPT) {
            kept.removeFirst();
        }
        // filters may be texts of an entry, so the log names only the number
        LOG.warnf("shadow read: the stores would answer differently, mismatch %d", numbers);
    }

    private static String cut(String text) {
        return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
    }
}
