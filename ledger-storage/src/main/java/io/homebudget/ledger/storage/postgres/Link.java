package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.BeingRestored;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.sql.SQLException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The way to the server. Whatever is started on a connection is brought to its end and the connection given back, also when
 * nobody waits for the answer any more; nobody waits without a limit.
 */
final class Link implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Link.class);
    /**
     * A server that stands still for a moment makes its clients wait, it does not refuse them; but who gets a connection later
     * than this has too little left of the 2 s in which a client is answered to be told for certain what became of its write.
     */
    private static final long CONNECTION_MILLIS = 1_600;

    /** A scan may wait for a list or two to end; whoever asked for it asks again later. */
    private static final long SCAN_CONNECTION_MILLIS = 5_000;

    private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Pool pool;
    private final Pool streams;
    private final StoreTimings timings;
    private final ScheduledThreadPoolExecutor clock;

    Link(Pool pool, Pool streams, StoreTimings timings, String name) {
        this.pool = pool;
        this.streams = streams;
        this.timings = timings;
        this.clock = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "ledger-postgres-limits-" + name);
            thread.setDaemon(true);
            return thread;
        });
        clock.setRemoveOnCancelPolicy(true);
    }

    /** Starts when subscribed to, and goes on when the subscriber leaves. */
    static <T> Uni<T> uni(Supplier<Future<T>> work) {
        return Uni.createFrom().emitter(emitter -> {
            Future<T> future;
            try {
                future = work.get();
            } catch (RuntimeException e) {
                future = Future.failedFuture(e);
            }
            future.onComplete(done -> {
                if (done.succeeded()) {
                    emitter.complete(done.result());
                } else {
                    emitter.fail(done.cause());
                }
            });
        });
    }

    static <T> Future<T> future(Uni<T> uni) {
        Promise<T> promise = Promise.promise();
        uni.subscribe().with(promise::tryComplete, promise::tryFail);
        return promise.future();
    }

    /**
     * A connection, or a failure after {@link #CONNECTION_MILLIS}. The limit is ours and not the pool's: the pool's own timer
     * can fail a waiter to whom a connection is on its way at that moment, and nobody gives that one back. Under load this
     * took all connections within seconds, for good.
     */
    Future<SqlConnection> connection() {
        return taken(pool, CONNECTION_MILLIS);
    }

    private Future<SqlConnection> taken(Pool from, long millis) {
        Promise<SqlConnection> promise = Promise.promise();
        ScheduledFuture<?> limit = clock.schedule(
                () -> promise.tryFail(new TimeoutException("no connection within " + millis + " ms")),
                millis,
                TimeUnit.MILLISECONDS);
        from.getConnection().onComplete(done -> {
            limit.cancel(false);
            if (done.failed()) {
                promise.tryFail(done.cause());
            } else if (!promise.tryComplete(done.result())) {
                done.result().close();
            }
        });
        return promise.future();
    }

    /** A connection that may be held for as long as a client reads; writes never wait for one of these. */
    Future<SqlConnection> streamingConnection() {
        return taken(streams, CONNECTION_MILLIS);
    }

    /** Work of a bounded size on one connection. Failures are {@link StoreAway}. */
    <T> Future<T> on(String operation, long millis, Function<SqlConnection, Future<T>> work) {
        return on(pool.getConnection(), operation, millis, work);
    }

    private <T> Future<T> on(
            Future<SqlConnection> taken, String operation, long millis, Function<SqlConnection, Future<T>> work) {
        Future<T> done = taken.compose(connection -> started(connection, work).eventually(() -> connection.close()));
        return within(millis, operation, done).recover(failure -> Future.failedFuture(away(operation, failure)));
    }

    /**
     * One transaction; rolled back whatever fails in it. Failures are {@link StoreAway}. One that has failed for the caller never
     * commits afterwards, unless its COMMIT was on the way by then: also not when a server that hung goes on with it.
     */
    <T> Future<T> transaction(String operation, long millis, Function<SqlConnection, Future<T>> work) {
        Attempts.Sent commit = new Attempts.Sent();
        return on(operation, millis, connection -> inTransaction(connection, work, commit))
                .recover(failure -> {
                    commit.giveUp();
                    return Future.failedFuture(failure);
                });
    }

    /**
     * As {@link #transaction}, for reading a whole table: writes never wait for the connection that this holds. It comes from those
     * of the lists, or fails after {@link #SCAN_CONNECTION_MILLIS}.
     */
    <T> Future<T> scan(String operation, long millis, Function<SqlConnection, Future<T>> work) {
        return on(
                taken(streams, SCAN_CONNECTION_MILLIS),
                operation,
                millis,
                connection -> inTransaction(connection, work));
    }

    static <T> Future<T> inTransaction(SqlConnection connection, Function<SqlConnection, Future<T>> work) {
        return inTransaction(connection, work, new Attempts.Sent());
    }

    private static <T> Future<T> inTransaction(
            SqlConnection connection, Function<SqlConnection, Future<T>> work, Attempts.Sent commit) {
        return connection.begin().compose(transaction -> started(connection, work)
                .compose(result -> commit.begin() ? Future.succeededFuture(result) : Attempts.<T>tooLate())
                .compose(result -> transaction.commit().map(result), failure -> rolledBack(transaction, failure)));
    }

    private static <T> Future<T> rolledBack(Transaction transaction, Throwable failure) {
        return transaction.rollback().transform(ignored -> Future.failedFuture(failure));
    }

    private static <T> Future<T> started(SqlConnection connection, Function<SqlConnection, Future<T>> work) {
        try {
            return work.apply(connection);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    /** One prepared statement, timed. */
    Future<RowSet<Row>> run(SqlConnection connection, String operation, String sql, Object... values) {
        long started = System.nanoTime();
        return connection
                .preparedQuery(sql)
                .execute(Tuple.wrap(values))
                .onComplete(done -> timed(operation, System.nanoTime() - started, done.failed()));
    }

    /** A statement without parameters that is not worth preparing, such as SET LOCAL. */
    static Future<Void> command(SqlConnection connection, String sql) {
        return connection.query(sql).execute().mapEmpty();
    }

    private void timed(String operation, long nanos, boolean failed) {
        timings.took(operation, nanos, failed);
        if (nanos > SLOW_NANOS) {
            LOG.warnf("slow statement operation=%s millis=%d failed=%s", operation, nanos / 1_000_000, failed);
        }
    }

    /** The future, or a {@link TimeoutException} after so long; the work itself goes on. */
    <T> Future<T> within(long millis, String operation, Future<T> work) {
        if (work.isComplete()) {
            return work;
        }
        Promise<T> promise = Promise.promise();
        ScheduledFuture<?> limit = clock.schedule(
                () -> promise.tryFail(new TimeoutException(operation + " took more than " + millis + " ms")),
                millis,
                TimeUnit.MILLISECONDS);
        work.onComplete(done -> {
            limit.cancel(false);
            if (done.succeeded()) {
                promise.tryComplete(done.result());
            } else {
                promise.tryFail(done.cause());
            }
        });
        return promise.future();
    }

    <T> Future<T> later(long micros, Supplier<Future<T>> work) {
        Promise<T> promise = Promise.promise();
        clock.schedule(() -> work.get().onComplete(promise), micros, TimeUnit.MICROSECONDS);
        return promise.future();
    }

    static Throwable away(String operation, Throwable failure) {
        if (failure instanceof StoreAway
                || failure instanceof StoreFenced
                || failure instanceof BeingRestored
                || failure instanceof ForeignStore
                || failure instanceof CancellationException
                || failure instanceof IllegalArgumentException) {
            return failure;
        }
        return new StoreAway(StoreName.POSTGRES, operation + ": " + reason(failure), failure);
    }

    /** A reason without any value of an entry in it: the server's messages may quote values, its codes do not. */
    static String reason(Throwable failure) {
        if (failure instanceof PgException) {
            return "SQLSTATE " + ((PgException) failure).getSqlState();
        }
        if (failure instanceof SQLException) {
            return "SQLSTATE " + ((SQLException) failure).getSQLState();
        }
        return failure.getClass().getSimpleName()
                + (failure instanceof TimeoutException ? ": " + failure.getMessage() : "");
    }

    static String sqlState(Throwable failure) {
        return failure instanceof PgException ? String.valueOf(((PgException) failure).getSqlState()) : "";
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
