package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.LogSlice;
import io.homebudget.ledger.storage.store.LoggedChange;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the log in settled order (A22). Positions are drawn before their transactions commit, so a missing position below one that is
 * there is either still in flight or void.
 *
 * <p>It is told apart without holding anybody up: whoever drew a missing position holds ROW EXCLUSIVE on the change log since
 * before it drew it. The transactions that hold that lock after the gap was seen are its suspects. Once all of them have ended,
 * a read begun after that shows the position, or it never will be: a transaction becomes visible before it gives up its locks.
 * Transactions that only read are no suspects, however long they run.
 */
final class LogReading {
    /** So often a call looks again, with the server's own pace between, before it answers with what is settled. */
    private static final int LOOKS = 6;

    private static final int CUT_BATCH = 5_000;

    private final Link link;
    private final Statements sql;
    private final PostgresSettings settings;
    private final Clock clock;
    private final String slice;
    private final String holders;

    /** Every position up to here is in the log or void. */
    private long settled;
    /** While a gap is being watched: positions up to here are explained by the suspects alone. */
    private long watchedThrough;

    private Set<String> suspects;

    LogReading(Link link, Statements sql, PostgresSettings settings, Clock clock) {
        this.link = link;
        this.sql = sql;
        this.settings = settings;
        this.clock = clock;
        this.slice =
                "SELECT " + Statements.LOG_READ + " FROM " + sql.log + " WHERE position > $1::bigint AND position <="
                        + " (SELECT max(position) FROM (SELECT position FROM " + sql.log
                        + " WHERE position > $1::bigint ORDER BY position LIMIT $2::int) x) ORDER BY position, ordinal";
        this.holders = "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = '" + sql.log
                + "'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                + " AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()";
    }

    /** The SQL expression of the head of the log. */
    static String head(Statements sql) {
        return "(SELECT GREATEST((SELECT max(position) FROM " + sql.log + "), p.position, p.log_from) FROM "
                + sql.progress + " p)";
    }

    Future<Long> head() {
        return link.on("head", settings.readMillis(), connection -> link.run(connection, "head", "SELECT " + head(sql))
                .map(rows -> rows.iterator().next().getLong(0)));
    }

    Future<Long> from() {
        return link.on("log from", settings.readMillis(), connection -> link.run(
                        connection, "log from", "SELECT log_from FROM " + sql.progress)
                .map(rows -> rows.iterator().next().getLong(0)));
    }

    synchronized void forget() {
        settled = 0;
        suspects = null;
    }

    Future<LogSlice> log(long after, int max) {
        return link.on("log", settings.readMillis(), connection -> link.run(
                        connection, "log start", "SELECT log_from FROM " + sql.progress)
                .compose(from -> after < from.iterator().next().getLong(0)
                        ? Future.succeededFuture(new LogSlice(List.of(), after, true))
                        : look(connection, after, Math.max(1, max), 1)));
    }

    private Future<LogSlice> look(SqlConnection connection, long after, int max, int nth) {
        // taken before the read begins: what was cleared during it says nothing about what it shows
        long known = Math.max(after, settled());
        return link.run(connection, "log", slice, after, max).compose(rows -> {
            List<Rows.LogRow> read = new ArrayList<>(rows.size());
            for (Row row : rows) {
                read.add(Rows.logRow(row, 0));
            }
            List<ChangeSet> sets = Rows.sets(read);
            LogSlice prefix = prefix(sets, after, known);
            if (prefix.sets().size() == sets.size() || nth >= LOOKS) {
                return Future.succeededFuture(prefix);
            }
            long seen = sets.get(sets.size() - 1).position();
            return link.run(connection, "log holders", holders).compose(held -> {
                boolean cleared = cleared(held, seen);
                return cleared || prefix.sets().isEmpty()
                        ? look(connection, after, max, nth + 1)
                        : Future.succeededFuture(prefix);
            });
        });
    }

    /** The sets before the first gap that is not known to be void. */
    private LogSlice prefix(List<ChangeSet> sets, long after, long known) {
        long through = after;
        int whole = 0;
        for (ChangeSet set : sets) {
            if (set.position() > Math.max(through, known) + 1) {
                break;
            }
            through = set.position();
            whole++;
        }
        settle(through);
        return new LogSlice(List.copyOf(sets.subList(0, whole)), through, false);
    }

    private synchronized long settled() {
        return settled;
    }

    private synchronized void settle(long through) {
        settled = Math.max(settled, through);
    }

    /** Whether what was watched is settled now, for reads that begin from here on. */
    private synchronized boolean cleared(RowSet<Row> held, long seen) {
        Set<String> now = new HashSet<>();
        held.forEach(row -> now.add(row.getString(0)));
        if (suspects == null || watchedThrough <= settled) {
            suspects = now;
            watchedThrough = seen;
        } else {
            suspects.retainAll(now);
        }
        if (!suspects.isEmpty()) {
            return false;
        }
        settled = Math.max(settled, watchedThrough);
        suspects = null;
        return true;
    }

    /** Batches, so that no transaction grows with the log. Changes whose Idempotency-Key can still be asked for stay. */
    Future<Void> cut(long through) {
        return link.transaction("cut log", settings.bulkMillis(), connection -> link.run(
                                connection,
                                "cut mark",
                                "UPDATE " + sql.progress + " SET log_from = GREATEST(log_from, LEAST($1::bigint, "
                                        + head(sql) + ")) RETURNING log_from",
                                through)
                        .map(rows -> rows.iterator().next().getLong(0)))
                .compose(this::deleteThrough)
                .compose(done -> link.on(
                        "cut keys",
                        settings.bulkMillis(),
                        connection -> link.run(
                                connection,
                                "cut keys",
                                "DELETE FROM " + sql.keys + " WHERE used_at <= $1::timestamptz - INTERVAL '24 hours'",
                                Rows.time(clock.instant()))))
                .mapEmpty();
    }

    private Future<Void> deleteThrough(long through) {
        return link.on("cut log", settings.bulkMillis(), connection -> link.run(
                                connection,
                                "cut log",
                                "DELETE FROM " + sql.log + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " + sql.log
                                        + " WHERE position <= $1::bigint AND (idempotency_key IS NULL"
                                        + " OR changed_at <= $2::timestamptz - INTERVAL '24 hours')"
                                        + " ORDER BY position LIMIT " + CUT_BATCH + "))",
                                through,
                                Rows.time(clock.instant()))
                        .map(RowSet::rowCount))
                .compose(deleted -> deleted == CUT_BATCH ? deleteThrough(through) : Future.succeededFuture());
    }

    Future<List<LoggedChange>> audit(AuditQuery query) {
        List<Object> values = new ArrayList<>(List.of(query.beforePosition(), query.beforeOrdinal(), query.limit()));
        StringBuilder where = new StringBuilder(" WHERE (position, ordinal) < ($1::bigint, $2::int)");
        if (query.entryId() != null) {
            values.add(query.entryId());
            where.append(" AND entry_id = $").append(values.size()).append("::bigint");
        }
        if (query.fromVersion() > 0) {
            values.add(query.fromVersion());
            where.append(" AND version >= $").append(values.size()).append("::bigint");
        }
        if (query.from() != null) {
            values.add(Rows.time(query.from()));
            where.append(" AND changed_at >= $").append(values.size()).append("::timestamptz");
        }
        if (query.to() != null) {
            values.add(Rows.time(query.to()));
            where.append(" AND changed_at < $").append(values.size()).append("::timestamptz");
        }
        String statement = "SELECT " + Statements.LOG_READ + " FROM " + sql.log + where
                + " ORDER BY position DESC, ordinal DESC LIMIT $3::int";
        return link.transaction("audit", settings.bulkMillis(), connection -> Link.command(
                        connection, "SET LOCAL statement_timeout = " + settings.bulkMillis())
                .compose(set -> link.run(connection, "audit", statement, values.toArray()))
                .map(rows -> {
                    List<LoggedChange> page = new ArrayList<>(rows.size());
                    for (Row row : rows) {
                        Rows.LogRow read = Rows.logRow(row, 0);
                        page.add(new LoggedChange(
                                read.position(),
                                read.ordinal(),
                                read.setId(),
                                read.rule().epoch(),
                                read.at(),
                                read.by(),
                                read.change()));
                    }
                    return page;
                }));
    }
}
