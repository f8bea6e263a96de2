package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.storage.store.WriteOutcome;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlConnection;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Repeats a write that lost a race, and says what became of one that failed. Certainty is kept apart from failure: what the server
 * refused was not written, what it did not answer may have been.
 */
final class Attempts {
    /** SQLSTATEs with which the server can end a connection around a commit: they say nothing about the commit. */
    private static final Set<String> NO_ANSWER =
            Set.of("57P01", "57P02", "57P03", "40003", "08000", "08003", "08006", "08007");

    private static final Set<String> TRY_AGAIN = Set.of("40P01", "40001", "55P03");

    private final Link link;
    private final PostgresSettings settings;

    Attempts(Link link, PostgresSettings settings) {
        this.link = link;
        this.settings = settings;
    }

    /** What an attempt came to: an outcome, or null: it lost a race and may be repeated. */
    interface Attempt {
        Future<WriteOutcome> on(SqlConnection connection, Sent sent);
    }

    /**
     * Whether anything that could commit has been sent in the current attempt, and whether it still may be: an attempt that was
     * given up and answered as not written goes on when a frozen server thaws, and must then not write.
     */
    static final class Sent {
        private boolean sent;
        private boolean over;

        /** @return false when nothing may be sent any more */
        synchronized boolean begin() {
            sent = !over;
            return sent;
        }

        synchronized void nothingIsOut() {
            sent = false;
        }

        /** @return whether nothing was sent, and from now on nothing will be */
        synchronized boolean giveUp() {
            over = !sent;
            return over;
        }

        synchronized boolean isOver() {
            return over;
        }
    }

    static <T> Future<T> tooLate() {
        return Future.failedFuture(new IllegalStateException("too late"));
    }

    /** When a write that begins now must have its outcome, by {@link System#nanoTime}. */
    long deadline() {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(settings.answerMillis());
    }

    /** The milliseconds until then; 0 or less when it is over. */
    static long left(long deadline) {
        return TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    }

    /** Until it has an outcome, or its time is over. */
    Future<WriteOutcome> of(Attempt attempt) {
        return of(attempt, deadline());
    }

    /** As {@link #of(Attempt)}, for a write that began before. */
    Future<WriteOutcome> of(Attempt attempt, long deadline) {
        return nth(attempt, 1, deadline);
    }

    private Future<WriteOutcome> nth(Attempt attempt, int nth, long deadline) {
        long left = left(deadline);
        if (nth > settings.attempts() || left <= 0) {
            return Future.succeededFuture(new WriteOutcome.NotWritten(
                    nth == 1 ? "its time was over" : "others kept changing the same entry"));
        }
        Sent sent = new Sent();
        AtMostOnce once = new AtMostOnce();
        Future<WriteOutcome> done = link.connection()
                .compose(connection -> once.start()
                        ? attempt.on(connection, sent).eventually(() -> connection.close())
                        : connection.close().compose(closed -> tooLate()));
        return link.within(left, "write", done).transform(result -> {
            if (result.succeeded()) {
                return result.result() != null
                        ? Future.succeededFuture(result.result())
                        : again(attempt, nth, deadline);
            }
            Throwable failure = result.cause();
            if (failure instanceof PgException && TRY_AGAIN.contains(Link.sqlState(failure))) {
                return again(attempt, nth, deadline);
            }
            boolean neverStarted = once.cancel();
            if (neverStarted || sent.giveUp() || refused(failure)) {
                return Future.succeededFuture(notWritten("the database did not take it", failure));
            }
            return Future.succeededFuture(new WriteOutcome.Unknown(Link.reason(failure)));
        });
    }

    private Future<WriteOutcome> again(Attempt attempt, int nth, long deadline) {
        long micros = ThreadLocalRandom.current().nextLong(200, 500L * Math.min(nth, 40) + 1_000);
        return link.later(micros, () -> nth(attempt, nth + 1, deadline));
    }

    /** Decides whether an attempt starts or is given up, whichever comes first. */
    private static final class AtMostOnce {
        private Boolean started;

        synchronized boolean start() {
            if (started == null) {
                started = true;
            }
            return started;
        }

        synchronized boolean cancel() {
            if (started == null) {
                started = false;
            }
            return !started;
        }
    }

    /** Whether the server said no: nothing was written, for certain. */
    static boolean refused(Throwable failure) {
        return failure instanceof PgException && !NO_ANSWER.contains(Link.sqlState(failure));
    }

    static WriteOutcome notWritten(String what, Throwable failure) {
        return new WriteOutcome.NotWritten(what + ": " + Link.reason(failure));
    }
}
