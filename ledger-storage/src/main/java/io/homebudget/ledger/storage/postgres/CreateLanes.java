package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Writes creates that come while others are under way together: one statement, one transaction, one round trip for all of them.
 * Nothing waits for company: while a lane is free a create goes at once and alone, and whatever came while all lanes were busy is
 * the next batch. On two processors 16 at once cost PostgreSQL a fifth of what 16 alone cost.
 *
 * <p>Sharing a statement is all that creates share. Each is a set of its own, with a position of its own, and an outcome
 * of its own:
 *
 * <ul>
 *   <li>The statement committed and answered: each whose row came back is written. Others have an id that is buried, and go alone.
 *   <li>No row came back, and this store does not rule in their epoch: all are fenced; nothing was written.
 *   <li>The server refused the statement: nothing was written, whoever was the reason. Each goes alone, in what is left of its
 *       time, so only the one that was the reason is refused. Not when the server ran out of time: so little is left then that
 *       "not written" would become {@code Unknown}.
 *   <li>No answer, whether before the server had the statement, while it worked, or after it committed: {@code Unknown} for each
 *       that was in it. They were committed all or none.
 *   <li>A create whose time is over before its batch is sent is not written, and will not be: {@link Attempts.Sent} is asked
 *       last of all before the statement goes out. After that, it is {@code Unknown}.
 * </ul>
 *
 * <p>At most {@value #WAITING} wait. A lane is free again when its statement was answered or the time of all in it is over, so a
 * server that hangs holds up nobody longer than a create may last.
 */
final class CreateLanes {
    /** One to write while the other's answer is on its way; with more, batches get smaller and all of them dearer. */
    static final int LANES = 2;

    /** Beyond this a row hardly gets cheaper, and those of a batch wait longer for each other. */
    static final int BATCH = 64;

    /** As many as may wait for a connection; more come only where clients send without waiting for answers. */
    static final int WAITING = 2_000;

    /** As long as a statement takes on a bad day. */
    private static final long LEAST_MILLIS = 300;

    /** SQLSTATE of a statement that took too long. */
    private static final String CANCELLED = "57014";

    private final Link link;
    private final Statements sql;
    private final Writing writing;
    private final Function<Create, Future<WriteOutcome>> alone;
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private int busy;

    /** @param alone writes one in a statement of its own */
    CreateLanes(Link link, Statements sql, Writing writing, Function<Create, Future<WriteOutcome>> alone) {
        this.link = link;
        this.sql = sql;
        this.writing = writing;
        this.alone = alone;
    }

    /** @param deadline see {@link Attempts#deadline} */
    record Create(Change change, WriteRequest request, long epoch, long deadline) {
        Create as(Change another) {
            return new Create(another, request, epoch, deadline);
        }

        WriteOutcome written(Row row) {
            return Writing.written(row, change, request, epoch);
        }
    }

    Future<WriteOutcome> write(Create create) {
        Waiting waiting = new Waiting(create);
        boolean free;
        synchronized (this) {
            free = busy < LANES;
            if (free) {
                busy++;
            } else if (queue.size() < WAITING) {
                queue.add(waiting);
            } else {
                return Future.succeededFuture(new WriteOutcome.NotWritten("too many creates wait for the database"));
            }
        }
        return free ? started(() -> alone.apply(create)).onComplete(done -> next()) : waiting.outcome(link);
    }

    /** A lane has nothing to do any more: it takes what came meanwhile, or is free. */
    private void next() {
        List<Waiting> batch = new ArrayList<>();
        synchronized (this) {
            while (batch.size() < BATCH && fits(queue.peek(), batch)) {
                Waiting first = queue.poll();
                if (!first.sent.isOver()) {
                    batch.add(first);
                }
            }
            if (batch.isEmpty()) {
                busy--;
                return;
            }
        }
        together(batch).onComplete(done -> next());
    }

    /** One statement has one epoch. */
    private static boolean fits(Waiting next, List<Waiting> batch) {
        return next != null
                && (batch.isEmpty()
                        || next.create.epoch() == batch.get(0).create.epoch());
    }

    private Future<Void> together(List<Waiting> batch) {
        long left = batch.stream()
                .mapToLong(waiting -> Attempts.left(waiting.create.deadline()))
                .max()
                .orElseThrow();
        return started(() -> link.within(left, "creates", onConnection(batch)))
                .onFailure(failure -> batch.forEach(waiting -> waiting.failed(failure)));
    }

    private Future<Void> onConnection(List<Waiting> batch) {
        return link.connection().compose(connection -> insert(connection, batch).eventually(() -> connection.close()));
    }

    private Future<Void> insert(SqlConnection connection, List<Waiting> batch) {
        List<Waiting> sent = batch.stream()
                .filter(CreateLanes::inTime)
                .filter(waiting -> waiting.sent.begin())
                .toList();
        if (sent.isEmpty()) {
            return Attempts.tooLate();
        }
        return link.run(connection, "creates", sql.createMany, values(sent))
                .compose(rows -> written(connection, sent, rows), failure -> refused(sent, failure));
    }

    private Future<Void> refused(List<Waiting> sent, Throwable failure) {
        if (!Attempts.refused(failure)) {
            return Future.failedFuture(failure);
        }
        sent.forEach(waiting -> waiting.sent.nothingIsOut());
        if (Link.sqlState(failure).equals(CANCELLED)) {
            return Future.failedFuture(failure);
        }
        sent.forEach(this::goAlone);
        return Future.succeededFuture();
    }

    private Future<Void> written(SqlConnection connection, List<Waiting> sent, RowSet<Row> rows) {
        Map<Long, Row> written = new HashMap<>();
        rows.forEach(row -> written.put(row.getLong(3), row));
        List<Waiting> missing = new ArrayList<>();
        for (Waiting waiting : sent) {
            Row row = written.get(waiting.create.change().entryId());
            if (row == null) {
                waiting.sent.nothingIsOut();
                missing.add(waiting);
            } else {
                waiting.answer.tryComplete(waiting.create.written(row));
            }
        }
        if (missing.isEmpty()) {
            return Future.succeededFuture();
        }
        return writing.rules(connection, missing.get(0).create.epoch()).transform(rules -> {
            boolean fenced = rules.succeeded() && !rules.result();
            missing.forEach(fenced ? waiting -> waiting.answer.tryComplete(new WriteOutcome.Fenced()) : this::goAlone);
            return Future.succeededFuture();
        });
    }

    /** What is sent with too little time left would more often end as unknown than as written. */
    private static boolean inTime(Waiting waiting) {
        boolean inTime = Attempts.left(waiting.create.deadline()) >= LEAST_MILLIS;
        if (!inTime) {
            waiting.failed(new TimeoutException("its time was over"));
        }
        return inTime;
    }

    /** From here on it may be written, so its time being over does not mean any more that it was not. */
    private void goAlone(Waiting waiting) {
        if (inTime(waiting) && waiting.sent.begin()) {
            started(() -> alone.apply(waiting.create)).onComplete(done -> {
                if (done.succeeded()) {
                    waiting.answer.tryComplete(done.result());
                } else {
                    waiting.failed(done.cause());
                }
            });
        }
    }

    private Object[] values(List<Waiting> sent) {
        List<Change> changes =
                sent.stream().map(waiting -> waiting.create.change()).toList();
        List<Entry> entries = changes.stream().map(Change::after).toList();
        return new Object[] {
            column(changes, Change::entryId, Long[]::new),
            sent.get(0).create.epoch(),
            column(changes, Change::id, UUID[]::new),
            writing.now(),
            column(sent, waiting -> waiting.create.request().by(), String[]::new),
            column(entries, entry -> Rows.json(sql.kind, entry), String[]::new),
            column(changes, Change::digest, UUID[]::new),
            column(entries, Entry::date, LocalDate[]::new),
            column(entries, Entry::category, String[]::new),
            column(entries, Entry::cents, Long[]::new),
            column(entries, Entry::account, String[]::new),
            column(entries, Entry::currency, String[]::new),
            column(entries, Entry::notes, String[]::new),
            column(entries, Entry::business, String[]::new)
        };
    }

    private static <R, T> T[] column(List<R> rows, Function<R, T> value, IntFunction<T[]> array) {
        return rows.stream().map(value).toArray(array);
    }

    /** Also when it throws, a lane must become free. */
    private static <T> Future<T> started(Supplier<Future<T>> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    /** A create that came while all lanes were busy. */
    private static final class Waiting {
        private final Create create;
        private final Attempts.Sent sent = new Attempts.Sent();
        private final Promise<WriteOutcome> answer = Promise.promise();

        Waiting(Create create) {
            this.create = create;
        }

        Future<WriteOutcome> outcome(Link link) {
            return link.within(Attempts.left(create.deadline()), "create", answer.future())
                    .otherwise(this::ofFailure);
        }

        void failed(Throwable failure) {
            answer.tryComplete(ofFailure(failure));
        }

        private WriteOutcome ofFailure(Throwable failure) {
            return sent.giveUp()
                    ? Attempts.notWritten("the database did not take it", failure)
                    : new WriteOutcome.Unknown(Link.reason(failure));
        }
    }
}
