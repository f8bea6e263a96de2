package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryState;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Digests and states, computed by the server from the columns themselves, each answer from one statement's snapshot. */
final class Comparing {
    private final Link link;
    private final Statements sql;
    private final PostgresSettings settings;
    /** So many look-ups by key cost about what a scan of a million rows does. */
    private static final long MOST_PLACES = 20_000;

    private static final String SCAN = "t.id % $1::bigint = $2::bigint";

    private final String states;
    private final String highestId;
    private final String byPlace;

    Comparing(Link link, Statements sql, PostgresSettings settings) {
        this.link = link;
        this.sql = sql;
        this.settings = settings;
        this.highestId = "GREATEST((SELECT max(m.id) FROM " + sql.entries + " m), (SELECT max(m.id) FROM "
                + sql.tombstones + " m), 0)";
        this.byPlace = "t.id = ANY(ARRAY(SELECT generate_series($2::bigint, " + highestId + ", $1::bigint)))";
        // an entry wins over a tombstone of its id: plain SQL may have inserted it
        this.states = "SELECT t.id, t.version, t.epoch, t.change_id, false, t.digest, " + sql.actualDigest("t")
                + " FROM "
                + sql.entries
                + " t WHERE %1$s UNION ALL SELECT t.id, t.version, t.epoch, t.change_id, true, NULL, NULL FROM "
                + sql.tombstones + " t WHERE %1$s AND NOT EXISTS (SELECT FROM " + sql.entries + " x WHERE x.id = t.id)"
                + " ORDER BY 1";
    }

    Future<BucketDigests> digests(int buckets) {
        if (buckets < 1) {
            return Future.failedFuture(new IllegalArgumentException("at least one bucket"));
        }
        // OFFSET 0 keeps the server from computing the digest of a row twice
        String statement =
                "WITH b AS (SELECT bucket, count(*) AS n, count(*) FILTER (WHERE recorded IS DISTINCT FROM h::uuid)"
                        + " AS damaged, bit_xor(('x' || h)::bit(128)) AS x FROM (SELECT (t.id % $1::int)::int AS bucket, "
                        + sql.actualDigestHex("t") + " AS h, t.digest AS recorded FROM " + sql.entries
                        + " t OFFSET 0) rows GROUP BY 1)"
                        + " SELECT " + LogReading.head(sql)
                        + ", b.bucket, b.n, substring(b.x FROM 1 FOR 64)::bit(64)::bigint,"
                        + " substring(b.x FROM 65 FOR 64)::bit(64)::bigint, b.damaged FROM (SELECT) one LEFT JOIN b ON true";
        return link.scan("digests", settings.bulkMillis(), connection -> Link.command(
                        connection, "SET LOCAL statement_timeout = " + settings.bulkMillis())
                .compose(set -> Link.command(connection, "SET LOCAL work_mem = '64MB'"))
                .compose(set -> link.run(connection, "digests", statement, buckets))
                .map(rows -> collect(rows, buckets)));
    }

    private static BucketDigests collect(RowSet<Row> rows, int buckets) {
        long[] counts = new long[buckets];
        long[] damaged = new long[buckets];
        long[] high = new long[buckets];
        long[] low = new long[buckets];
        long position = 0;
        long entries = 0;
        for (Row row : rows) {
            position = row.getLong(0);
            if (row.getInteger(1) != null) {
                int bucket = row.getInteger(1);
                counts[bucket] = row.getLong(2);
                high[bucket] = row.getLong(3);
                low[bucket] = row.getLong(4);
                damaged[bucket] = row.getLong(5);
                entries += counts[bucket];
            }
        }
        return new BucketDigests(position, entries, buckets, counts, damaged, high, low);
    }

    Future<List<EntryState>> states(int buckets, int bucket) {
        return link.scan("states", settings.bulkMillis(), connection -> Link.command(
                        connection, "SET LOCAL statement_timeout = " + settings.bulkMillis())
                .compose(set -> link.run(connection, "highest id", "SELECT " + highestId))
                .compose(rows -> {
                    long places = rows.iterator().next().getLong(0) / buckets;
                    return link.run(
                            connection,
                            "states",
                            String.format(states, places <= MOST_PLACES ? byPlace : SCAN),
                            (long) buckets,
                            (long) bucket);
                })
                .map(Comparing::states));
    }

    Future<List<EntryState>> states(Collection<Long> ids) {
        String statement = String.format(states, "t.id = ANY($1::bigint[])");
        Object wanted = ids.toArray(Long[]::new);
        return link.on("states of ids", settings.readMillis(), connection -> link.run(
                        connection, "states of ids", statement, wanted)
                .map(Comparing::states));
    }

    private static List<EntryState> states(RowSet<Row> rows) {
        List<EntryState> states = new ArrayList<>(rows.size());
        for (Row row : rows) {
            states.add(new EntryState(
                    row.getLong(0),
                    row.getLong(1),
                    row.getLong(2),
                    row.getUUID(3),
                    row.getBoolean(4),
                    row.getUUID(5),
                    row.getUUID(6)));
        }
        return states;
    }
}
