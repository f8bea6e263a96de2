package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.storage.store.GroupTotal;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.Tombstone;
import io.smallrye.mutiny.Multi;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Entries, lists, totals and full images. Whatever is long comes from one snapshot through a cursor, as fast as it is asked for. */
final class Reading {
    static final int CHUNK = 1_000;

    private final Link link;
    private final Statements sql;
    private final PostgresSettings settings;

    Reading(Link link, Statements sql, PostgresSettings settings) {
        this.link = link;
        this.sql = sql;
        this.settings = settings;
    }

    Future<Held> find(long id) {
        return link.on("find", settings.readMillis(), connection -> link.run(connection, "find", sql.find, id)
                .map(rows -> rows.size() == 0 ? null : Rows.held(rows.iterator().next(), 0)));
    }

    Future<Long> count() {
        return link.on("count", settings.readMillis(), connection -> link.run(
                        connection, "count", "SELECT count(*) FROM " + sql.entries)
                .map(rows -> rows.iterator().next().getLong(0)));
    }

    Multi<List<Held>> list(Listing listing) {
        Selection selection = new Selection(sql, listing);
        String statement = selection.list();
        Object[] values = selection.values();
        if (listing.limit() > 0 && listing.limit() <= CHUNK) {
            return Link.uni(() -> link.on(
                            "list", settings.readMillis(), connection -> link.run(connection, "list", statement, values)
                                    .map(rows -> held(rows))))
                    .onItem()
                    .transformToMulti(rows -> rows.isEmpty()
                            ? Multi.createFrom().<List<Held>>empty()
                            : Multi.createFrom().item(rows));
        }
        return Cursors.stream(link, settings, "list", CHUNK, Cursors.SNAPSHOT, statement, values, Reading::held);
    }

    private static List<Held> held(RowSet<Row> rows) {
        List<Held> chunk = new ArrayList<>(rows.size());
        for (Row row : rows) {
            chunk.add(Rows.held(row, 0));
        }
        return chunk;
    }

    Future<List<GroupTotal>> summarize(Grouping by, Listing filter) {
        String group;
        switch (by) {
            case CATEGORY:
                group = "t.category";
                break;
            case ACCOUNT:
                group = "t.account";
                break;
            default:
                group = "to_char(t.date, 'YYYY-MM')";
                break;
        }
        Selection selection = new Selection(
                sql,
                new Listing(filter.from(), filter.to(), filter.category(), filter.account(), filter.text(), 0, null));
        String statement = "SELECT " + group + ", t.currency, count(*), (sum(t.amount) * 100)::bigint,"
                + " (min(t.amount) * 100)::bigint, (max(t.amount) * 100)::bigint FROM " + sql.entries + " t"
                + selection.where() + " GROUP BY 1, 2";
        return link.transaction("summarize", settings.bulkMillis(), connection -> limited(connection)
                .compose(set -> link.run(connection, "summarize", statement, selection.values()))
                .map(rows -> {
                    List<GroupTotal> totals = new ArrayList<>(rows.size());
                    for (Row row : rows) {
                        totals.add(new GroupTotal(
                                row.getString(0),
                                row.getString(1),
                                row.getLong(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5)));
                    }
                    totals.sort(GroupTotal.ORDER);
                    return totals;
                }));
    }

    private Future<Void> limited(SqlConnection connection) {
        return Link.command(connection, "SET LOCAL statement_timeout = " + settings.bulkMillis());
    }

    /**
     * The image's position is exact: the snapshot is taken while no write is in flight. The lock is given back at once (rolling
     * back to the savepoint), the transaction's snapshot stays.
     */
    Future<Image> image(long afterId) {
        String rows = "SELECT " + sql.heldColumns + ", false AS deleted FROM " + sql.entries
                + " t WHERE t.id > $1::bigint"
                + " UNION ALL SELECT t.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, t.version, t.epoch, t.change_id, NULL, true"
                + " FROM " + sql.tombstones + " t WHERE t.id > $1::bigint AND NOT EXISTS (SELECT FROM " + sql.entries
                + " x WHERE x.id = t.id) ORDER BY id";
        Cursors.Opening opening = new Cursors.Opening() {
            @Override
            public Future<Void> open(SqlConnection connection) {
                return Link.command(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                        .compose(done -> Link.command(connection, "SAVEPOINT still"))
                        .compose(done -> Upkeep.end(connection, sql))
                        .compose(done -> Link.command(connection, "SET LOCAL lock_timeout = " + settings.fenceMillis()))
                        .compose(done -> Link.command(connection, "LOCK TABLE " + sql.log + " IN SHARE MODE"));
            }
        };
        String facts = "SELECT " + LogReading.head(sql) + ", (SELECT count(*) FROM " + sql.entries
                + " WHERE id > $1::bigint) + (SELECT count(*) FROM " + sql.tombstones + " t WHERE id > $1::bigint"
                + " AND NOT EXISTS (SELECT FROM " + sql.entries + " x WHERE x.id = t.id))";
        return Cursors.open(link, settings, "image", opening)
                .compose(connection -> link.run(connection, "image position", "SELECT " + LogReading.head(sql))
                        .compose(head -> Link.command(connection, "ROLLBACK TO SAVEPOINT still")
                                .compose(done -> Link.command(
                                        connection, "SET LOCAL statement_timeout = " + settings.bulkMillis()))
                                .compose(done -> link.run(connection, "image size", facts, afterId)))
                        .map(size -> {
                            Row row = size.iterator().next();
                            Multi<List<ImageRow>> chunks = Cursors.of(
                                    link,
                                    settings,
                                    "image",
                                    CHUNK,
                                    connection,
                                    rows,
                                    new Object[] {afterId},
                                    Reading::image);
                            return new Image(row.getLong(0), row.getLong(1), chunks);
                        })
                        .recover(failure -> Cursors.abandon(connection, failure)))
                .recover(failure -> Future.failedFuture(Link.away("image", failure)));
    }

    private static List<ImageRow> image(RowSet<Row> rows) {
        List<ImageRow> chunk = new ArrayList<>(rows.size());
        for (Row row : rows) {
            chunk.add(
                    row.getBoolean(12)
                            ? new ImageRow(
                                    null,
                                    new Tombstone(row.getLong(0), row.getLong(8), row.getLong(9), row.getUUID(10)))
                            : new ImageRow(Rows.held(row, 0), null));
        }
        return chunk;
    }

    /** What a {@link Listing} selects. Only filters that are given are in the text, so each shape has its own plan. */
    static final class Selection {
        private final Statements sql;
        private final Listing listing;
        private final StringBuilder where = new StringBuilder();
        private final List<Object> values = new ArrayList<>();

        Selection(Statements sql, Listing listing) {
            this.sql = sql;
            this.listing = listing;
            if (listing.from() != null) {
                add("t.date >= $?::date", listing.from());
            }
            if (listing.to() != null) {
                add("t.date <= $?::date", listing.to());
            }
            if (listing.category() != null) {
                add("t.category = $?::text", listing.category());
            }
            if (listing.account() != null) {
                add("t.account = $?::text", listing.account());
            }
            if (listing.text() != null) {
                Function<String, String> in = column ->
                        "position(lower($?::text COLLATE \"C\") in lower(t." + column + " COLLATE \"C\")) > 0";
                add(
                        "(" + (sql.business ? in.apply("business") + " OR " : "") + in.apply("category") + " OR "
                                + in.apply("account") + " OR " + in.apply("notes") + ")",
                        listing.text());
            }
            if (listing.after() != null) {
                values.add(listing.after().date());
                add(
                        "(t.date, t.id) < ($" + values.size() + "::date, $?::bigint)",
                        listing.after().id());
            }
        }

        private void add(String condition, Object value) {
            values.add(value);
            where.append(where.length() == 0 ? " WHERE " : " AND ")
                    .append(condition.replace("$?", "$" + values.size()));
        }

        /** The statement of a list. */
        String list() {
            return "SELECT " + sql.heldColumns + " FROM " + sql.entries + " t" + where
                    + " ORDER BY t.date DESC, t.id DESC" + (listing.limit() > 0 ? " LIMIT " + listing.limit() : "");
        }

        String where() {
            return where.toString();
        }

        Object[] values() {
            return values.toArray();
        }
    }
}
