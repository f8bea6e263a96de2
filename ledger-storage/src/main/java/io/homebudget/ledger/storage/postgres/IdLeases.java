package io.homebudget.ledger.storage.postgres;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Row;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Ids in blocks from the table's own sequence, so that rows inserted by plain SQL never collide. An id is handed out only after
 * the guard has made the end of its block durable wherever else ids could be given from; what is left at a restart is lost.
 */
final class IdLeases {
    private final Link link;
    private final Statements sql;
    private final PostgresSettings settings;
    private final LeaseGuard guard;
    private final ArrayDeque<Long> free = new ArrayDeque<>();
    private Promise<Void> fetching;
    private long generation;

    IdLeases(Link link, Statements sql, PostgresSettings settings, LeaseGuard guard) {
        this.link = link;
        this.sql = sql;
        this.settings = settings;
        this.guard = guard;
    }

    Future<Long> next() {
        Promise<Void> wait;
        Promise<Void> fetch = null;
        Long id;
        synchronized (this) {
            id = free.poll();
            if (fetching == null && free.size() <= settings.leaseSize() / 4) {
                fetch = fetching = Promise.promise();
            }
            wait = fetching;
        }
        if (fetch != null) {
            fetch(fetch);
        }
        return id != null ? Future.succeededFuture(id) : wait.future().compose(done -> next());
    }

    /** So many at once. */
    Future<List<Long>> next(int count) {
        return collect(new ArrayList<>(count), count);
    }

    private Future<List<Long>> collect(List<Long> got, int count) {
        synchronized (this) {
            while (got.size() < count && !free.isEmpty()) {
                got.add(free.poll());
            }
        }
        return got.size() == count
                ? Future.succeededFuture(got)
                : next().compose(id -> {
                    got.add(id);
                    return collect(got, count);
                });
    }

    /** Ids leased before are not used any more: another store may have led since. */
    synchronized void forget() {
        free.clear();
        generation++;
    }

    private void fetch(Promise<Void> fetch) {
        long asked;
        synchronized (this) {
            asked = generation;
        }
        link.on(
                        "lease ids",
                        settings.answerMillis(),
                        connection -> link.run(
                                connection,
                                "lease ids",
                                "SELECT nextval('" + sql.idSequence + "') AS id FROM generate_series(1, $1::int)",
                                settings.leaseSize()))
                .compose(rows -> {
                    ArrayDeque<Long> block = new ArrayDeque<>();
                    long through = 0;
                    for (Row row : rows) {
                        block.add(row.getLong(0));
                        through = Math.max(through, row.getLong(0));
                    }
                    return link.within(settings.answerMillis(), "guarding ids", Link.future(guard.guard(through)))
                            .map(block);
                })
                .onComplete(done -> {
                    synchronized (this) {
                        if (done.succeeded() && generation == asked) {
                            free.addAll(done.result());
                        }
                        fetching = null;
                    }
                    if (done.succeeded()) {
                        fetch.complete();
                    } else {
                        fetch.fail(done.cause());
                    }
                });
    }
}
