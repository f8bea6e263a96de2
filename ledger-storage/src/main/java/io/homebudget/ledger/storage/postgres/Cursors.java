package io.homebudget.ledger.storage.postgres;

import io.smallrye.mutiny.Multi;
import io.vertx.core.Future;
import io.vertx.sqlclient.Cursor;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Streams of rows from one snapshot: a chunk is read when it is asked for, and the connection is given back at the end, at a failure,
 * and when the subscriber leaves.
 */
final class Cursors {
    /** What is done in the transaction before the first row is read. */
    interface Opening {
        Future<Void> open(SqlConnection connection);
    }

    /** A statement's own snapshot is one already; the transaction is only there for the cursor. */
    static final Opening SNAPSHOT = connection -> Future.succeededFuture();

    private Cursors() {}

    /** A connection in an open transaction; whoever gets it must end it. */
    static Future<SqlConnection> open(Link link, PostgresSettings settings, String operation, Opening opening) {
        return link.streamingConnection().compose(connection -> Link.command(connection, "BEGIN")
                .compose(begun -> opening.open(connection))
                .compose(
                        opened -> Link.command(connection, "SET LOCAL statement_timeout = " + settings.bulkMillis())
                                .map(connection),
                        failure -> abandon(connection, failure)));
    }

    static <T> Future<T> abandon(SqlConnection connection, Throwable failure) {
        return end(connection).transform(ignored -> Future.failedFuture(failure));
    }

    private static Future<Void> end(SqlConnection connection) {
        return Link.command(connection, "ROLLBACK").eventually(() -> connection.close());
    }

    static <T> Multi<List<T>> stream(
            Link link,
            PostgresSettings settings,
            String operation,
            int chunk,
            Opening opening,
            String statement,
            Object[] values,
            Function<RowSet<Row>, List<T>> map) {
        return multi(
                settings,
                link,
                operation,
                () -> new Reader<>(() -> open(link, settings, operation, opening), chunk, statement, values, map));
    }

    /** As {@link #stream}, on a connection that is open already. Subscribe once. */
    static <T> Multi<List<T>> of(
            Link link,
            PostgresSettings settings,
            String operation,
            int chunk,
            SqlConnection connection,
            String statement,
            Object[] values,
            Function<RowSet<Row>, List<T>> map) {
        return multi(
                settings,
                link,
                operation,
                () -> new Reader<>(() -> Future.succeededFuture(connection), chunk, statement, values, map));
    }

    private static <T> Multi<List<T>> multi(
            PostgresSettings settings, Link link, String operation, Supplier<Reader<T>> readers) {
        return Multi.createFrom().deferred(() -> {
            Reader<T> reader = readers.get();
            return Multi.createBy()
                    .repeating()
                    .uni(() -> Link.uni(() -> link.within(settings.bulkMillis(), operation, reader.next())
                            .recover(failure -> Future.failedFuture(Link.away(operation, failure)))))
                    .until(List::isEmpty)
                    .onTermination()
                    .invoke(reader::close);
        });
    }

    /** One running cursor. */
    private static final class Reader<T> {
        private final Supplier<Future<SqlConnection>> source;
        private final int chunk;
        private final String statement;
        private final Object[] values;
        private final Function<RowSet<Row>, List<T>> map;
        private SqlConnection connection;
        private Cursor cursor;
        private boolean opening;
        private boolean closed;
        private boolean exhausted;

        Reader(
                Supplier<Future<SqlConnection>> source,
                int chunk,
                String statement,
                Object[] values,
                Function<RowSet<Row>, List<T>> map) {
            this.source = source;
            this.chunk = chunk;
            this.statement = statement;
            this.values = values;
            this.map = map;
        }

        Future<List<T>> next() {
            if (exhausted) {
                return Future.succeededFuture(List.of());
            }
            return opened().compose(open -> open.read(chunk)).map(rows -> {
                exhausted = !cursor.hasMore();
                return map.apply(rows);
            });
        }

        private Future<Cursor> opened() {
            synchronized (this) {
                if (cursor != null) {
                    return Future.succeededFuture(cursor);
                }
                opening = true;
            }
            return source.get().compose(got -> {
                synchronized (this) {
                    opening = false;
                    connection = got;
                    if (closed) {
                        release();
                        return Future.failedFuture(new CancellationException("the reader left"));
                    }
                }
                return got.prepare(statement).map(prepared -> {
                    cursor = prepared.cursor(Tuple.wrap(values));
                    return cursor;
                });
            });
        }

        synchronized void close() {
            if (!closed) {
                closed = true;
                if (!opening) {
                    release();
                }
            }
        }

        private void release() {
            if (connection != null) {
                end(connection);
            }
        }
    }
}
