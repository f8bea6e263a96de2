package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.ApplyReport;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.homebudget.ledger.storage.store.Tombstone;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Applies the primary's log: one transaction per call, one statement per table, whatever the number of changes. What is decided
 * about each change is decided in {@link Fold}; the rows of the entries concerned are read and written under the lock of the
 * progress row, which the merging of a full synchronisation takes as well.
 */
final class Following {
    /** Ids are raised in such steps, so that not every batch has to lock the sequence. */
    private static final long ID_STEP = 1_000;

    private final Link link;
    private final Statements sql;
    private final PostgresSettings settings;
    private final String standing;
    private final String upsert;
    private volatile long knownIds;

    Following(Link link, Statements sql, PostgresSettings settings) {
        this.link = link;
        this.sql = sql;
        this.settings = settings;
        this.standing =
                "SELECT " + sql.heldColumns + ", false FROM " + sql.entries + " t WHERE t.id = ANY($1::bigint[])"
                        + " UNION ALL SELECT t.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, t.version, t.epoch, t.change_id, NULL, true"
                        + " FROM " + sql.tombstones + " t WHERE t.id = ANY($1::bigint[])";
        this.upsert = "INSERT INTO " + sql.entries + " AS t (id, " + sql.valueColumns("")
                + ", version, epoch, change_id, digest) SELECT id, date, " + (sql.business ? "business, " : "")
                + "category, cents * 0.01, account, currency, notes, version, epoch, change_id, digest"
                + " FROM unnest($1::bigint[], $2::date[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[],"
                + " $8::text[], $9::bigint[], $10::bigint[], $11::uuid[], $12::uuid[]) AS u (id, date, business, category,"
                + " cents, account, currency, notes, version, epoch, change_id, digest)"
                + " ON CONFLICT (id) DO UPDATE SET date = excluded.date, "
                + (sql.business ? "business = excluded.business, " : "")
                + "category = excluded.category, amount = excluded.amount, account = excluded.account,"
                + " currency = excluded.currency, notes = excluded.notes, version = excluded.version,"
                + " epoch = excluded.epoch, change_id = excluded.change_id, digest = excluded.digest";
    }

    /**
     * Begins a transaction that writes the follower's log. The locks come in the order of the fence, the log before the state
     * row: taken the other way round, a fence and an applying transaction would each wait for what the other one holds.
     *
     * @return the position that the store stands at
     */
    private Future<Long> enter(SqlConnection connection, long epoch, String stateLock) {
        return Link.command(
                        connection,
                        "SET LOCAL statement_timeout = " + settings.bulkMillis() + "; LOCK TABLE " + sql.log
                                + " IN ROW EXCLUSIVE MODE")
                // who leads must not change while its sets are applied
                .compose(set ->
                        link.run(connection, "apply epoch", "SELECT decided_epoch FROM " + sql.state + " " + stateLock))
                .compose(rows -> {
                    long decided = rows.iterator().next().getLong(0);
                    return decided > epoch
                            ? Future.failedFuture(new StoreFenced(StoreName.POSTGRES, epoch, decided))
                            : link.run(
                                    connection,
                                    "apply position",
                                    "SELECT position FROM " + sql.progress + " FOR UPDATE");
                })
                .map(rows -> rows.iterator().next().getLong(0));
    }

    Future<Void> skipTo(long position, long epoch) {
        return link.transaction(
                "skip", settings.bulkMillis(), connection -> enter(connection, epoch, "FOR NO KEY UPDATE")
                        .compose(stood -> link.run(
                                connection, "skip", "UPDATE " + sql.state + " SET follower_state = 'NEEDS_BACKFILL'"))
                        .compose(done -> link.run(
                                connection,
                                "skip",
                                "UPDATE " + sql.progress + " SET position = GREATEST(position, $1::bigint),"
                                        + " log_from = GREATEST(log_from, $1::bigint)",
                                position))
                        .mapEmpty());
    }

    Future<Integer> prune(List<Tombstone> gone, long epoch) {
        return link.transaction("prune", settings.bulkMillis(), connection -> enter(connection, epoch, "FOR SHARE")
                // rows staged for a synchronisation that was interrupted may be older than the deletions forgotten now
                .compose(stood -> link.run(connection, "prune", "UPDATE " + sql.mark + " SET epoch = 0"))
                .compose(done -> link.run(
                        connection,
                        "prune",
                        "DELETE FROM " + sql.tombstones + " t USING unnest($1::bigint[], $2::bigint[], $3::bigint[],"
                                + " $4::uuid[]) AS u (id, version, epoch, change_id) WHERE t.id = u.id"
                                + " AND t.version = u.version AND t.epoch = u.epoch AND t.change_id = u.change_id",
                        Columns.longs(gone, Tombstone::id),
                        Columns.longs(gone, Tombstone::version),
                        Columns.longs(gone, Tombstone::epoch),
                        Columns.uuids(gone, Tombstone::changeId)))
                .map(RowSet::rowCount));
    }

    Future<ApplyReport> apply(List<ChangeSet> sets, long through, long epoch) {
        return link.transaction("apply", settings.bulkMillis(), connection -> enter(connection, epoch, "FOR SHARE")
                .compose(position -> {
                    List<ChangeSet> fresh =
                            sets.stream().filter(s -> s.position() > position).toList();
                    int below = sets.stream()
                            .filter(s -> s.position() <= position)
                            .mapToInt(s -> s.changes().size())
                            .sum();
                    return fold(connection, fresh)
                            .compose(fold -> write(connection, fold).map(fold.report(below)))
                            .compose(report -> link.run(
                                            connection,
                                            "apply progress",
                                            "UPDATE " + sql.progress + " SET position = GREATEST(position, $1::bigint)",
                                            through)
                                    .map(report));
                }));
    }

    private Future<Fold> fold(SqlConnection connection, List<ChangeSet> fresh) {
        Set<Long> concerned = new LinkedHashSet<>();
        fresh.forEach(set -> set.changes().forEach(change -> concerned.add(change.entryId())));
        Fold fold = new Fold();
        if (concerned.isEmpty()) {
            return Future.succeededFuture(fold);
        }
        return link.run(connection, "apply read", standing, (Object) concerned.toArray(Long[]::new))
                .compose(rows -> {
                    for (Row row : rows) {
                        fold.stands(
                                row.getLong(0),
                                row.getLong(8),
                                row.getLong(9),
                                row.getUUID(10),
                                row.getBoolean(12) ? null : Rows.held(row, 0));
                    }
                    fresh.forEach(fold::add);
                    return lostChanges(connection, fold).map(fold);
                });
    }

    /** What stood before and lost is reported with the change that wrote it, where the log still has it. */
    private Future<Void> lostChanges(SqlConnection connection, Fold fold) {
        if (fold.displaced().isEmpty()) {
            return Future.succeededFuture();
        }
        List<Fold.Displaced> displaced = List.copyOf(fold.displaced());
        Long[] entries = Columns.longs(displaced, Fold.Displaced::id);
        UUID[] changes = Columns.uuids(displaced, Fold.Displaced::changeId);
        String these = " WHERE entry_id = ANY($1::bigint[]) AND change_id = ANY($2::uuid[])";
        return link.run(
                        connection,
                        "apply displaced",
                        "SELECT " + Statements.LOG_READ + " FROM " + sql.log + these + " ORDER BY position, ordinal",
                        entries,
                        changes)
                .compose(rows -> {
                    rows.forEach(row -> fold.found(Rows.logRow(row, 0)));
                    fold.describeRest();
                    // the loser leaves the log, so that its place is free for the change that rules
                    return link.run(connection, "apply unlog", "DELETE FROM " + sql.log + these, entries, changes);
                })
                .mapEmpty();
    }

    private Future<Void> write(SqlConnection connection, Fold fold) {
        return writeLive(connection, fold.live())
                .compose(done -> writeDead(connection, fold.dead()))
                .compose(done -> writeLog(connection, fold.logged()))
                .compose(done -> writeKeys(connection, fold.logged()))
                .compose(done -> writeOrphans(connection, fold.orphans()))
                .compose(done -> raiseIds(connection, fold.largestId()));
    }

    Future<Void> writeLive(SqlConnection connection, List<Held> live) {
        if (live.isEmpty()) {
            return Future.succeededFuture();
        }
        return link.run(
                        connection,
                        "apply upsert",
                        upsert,
                        Columns.longs(live, h -> h.entry().id()),
                        Columns.dates(live, h -> h.entry().date()),
                        Columns.texts(live, h -> h.entry().business()),
                        Columns.texts(live, h -> h.entry().category()),
                        Columns.longs(live, h -> h.entry().cents()),
                        Columns.texts(live, h -> h.entry().account()),
                        Columns.texts(live, h -> h.entry().currency()),
                        Columns.texts(live, h -> h.entry().notes()),
                        Columns.longs(live, Held::version),
                        Columns.longs(live, Held::epoch),
                        Columns.uuids(live, Held::changeId),
                        Columns.uuids(live, Held::digest))
                .compose(done -> link.run(
                        connection,
                        "apply revive",
                        "DELETE FROM " + sql.tombstones + " WHERE id = ANY($1::bigint[])",
                        (Object) Columns.longs(live, h -> h.entry().id())))
                .mapEmpty();
    }

    Future<Void> writeDead(SqlConnection connection, List<Tombstone> dead) {
        if (dead.isEmpty()) {
            return Future.succeededFuture();
        }
        Long[] ids = Columns.longs(dead, t -> t.id());
        return link.run(
                        connection,
                        "apply delete",
                        "DELETE FROM " + sql.entries + " WHERE id = ANY($1::bigint[])",
                        (Object) ids)
                .compose(done -> link.run(
                        connection,
                        "apply tombstones",
                        "INSERT INTO " + sql.tombstones
                                + " (id, version, epoch, change_id) SELECT * FROM unnest($1::bigint[],"
                                + " $2::bigint[], $3::bigint[], $4::uuid[]) ON CONFLICT (id) DO UPDATE SET"
                                + " version = excluded.version, epoch = excluded.epoch, change_id = excluded.change_id",
                        ids,
                        Columns.longs(dead, t -> t.version()),
                        Columns.longs(dead, t -> t.epoch()),
                        Columns.uuids(dead, t -> t.changeId())))
                .mapEmpty();
    }

    private Future<Void> writeLog(SqlConnection connection, List<Fold.Logged> logged) {
        if (logged.isEmpty()) {
            return Future.succeededFuture();
        }
        return link.run(
                        connection,
                        "apply log",
                        "INSERT INTO " + sql.log + " (" + Statements.LOG_COLUMNS
                                + ") SELECT position, ordinal, change_id,"
                                + " entry_id, version, epoch, phase, action, set_id, set_size, changed_at, changed_by, key,"
                                + " request, before::json, after::json, digest FROM unnest($1::bigint[], $2::int[], $3::uuid[],"
                                + " $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::uuid[], $10::int[],"
                                + " $11::timestamptz[], $12::text[], $13::text[], $14::uuid[], $15::text[], $16::text[],"
                                + " $17::uuid[]) AS u (position, ordinal, change_id, entry_id, version, epoch, phase, action,"
                                + " set_id, set_size, changed_at, changed_by, key, request, before, after, digest)"
                                + " ON CONFLICT (position, ordinal) DO NOTHING",
                        Columns.longs(logged, l -> l.set().position()),
                        Columns.ints(logged, Fold.Logged::ordinal),
                        Columns.uuids(logged, l -> l.change().id()),
                        Columns.longs(logged, l -> l.change().entryId()),
                        Columns.longs(logged, l -> l.change().version()),
                        Columns.longs(logged, l -> l.set().rule().epoch()),
                        Columns.texts(logged, l -> l.set().rule().phase().name()),
                        Columns.texts(logged, l -> l.change().action().auditWord()),
                        Columns.uuids(logged, l -> l.set().id()),
                        Columns.ints(logged, l -> l.set().changes().size()),
                        Columns.times(logged, l -> l.set().at()),
                        Columns.texts(logged, l -> l.set().by()),
                        Columns.texts(
                                logged,
                                l -> l.set().key() == null
                                        ? null
                                        : l.set().key().key()),
                        Columns.uuids(
                                logged,
                                l -> l.set().key() == null
                                        ? null
                                        : l.set().key().request()),
                        Columns.texts(logged, l -> json(l.change().before())),
                        Columns.texts(logged, l -> json(l.change().after())),
                        Columns.uuids(logged, l -> l.change().digest()))
                .mapEmpty();
    }

    private String json(Entry entry) {
        return Rows.json(sql.kind, entry);
    }

    private Future<Void> writeKeys(SqlConnection connection, List<Fold.Logged> logged) {
        List<Fold.Logged> keyed =
                logged.stream().filter(l -> l.set().key() != null && l.first()).toList();
        if (keyed.isEmpty()) {
            return Future.succeededFuture();
        }
        return link.run(
                        connection,
                        "apply keys",
                        "INSERT INTO " + sql.keys
                                + " AS x (key, request, entry_id, version, used_at) SELECT DISTINCT ON (key)"
                                + " key, request, entry_id, version, used_at FROM unnest($1::text[], $2::uuid[],"
                                + " $3::bigint[], $4::bigint[], $5::timestamptz[]) AS u (key, request, entry_id, version,"
                                + " used_at) ORDER BY key, used_at DESC ON CONFLICT (key) DO UPDATE SET"
                                + " request = excluded.request, entry_id = excluded.entry_id, version = excluded.version,"
                                + " used_at = excluded.used_at WHERE x.used_at < excluded.used_at",
                        Columns.texts(keyed, l -> l.set().key().key()),
                        Columns.uuids(keyed, l -> l.set().key().request()),
                        Columns.longs(keyed, l -> l.change().entryId()),
                        Columns.longs(keyed, l -> l.change().version()),
                        Columns.times(keyed, l -> l.set().at()))
                .mapEmpty();
    }

    private Future<Void> writeOrphans(SqlConnection connection, List<ApplyReport.Orphan> orphans) {
        Future<Void> done = Future.succeededFuture();
        for (ApplyReport.Orphan orphan : orphans) {
            for (Change change : orphan.set().changes()) {
                done = done.compose(previous -> link.run(
                                connection,
                                "apply orphan",
                                "INSERT INTO " + sql.orphans
                                        + " (entry_id, version, epoch, change_id, position, why, after)"
                                        + " VALUES ($1::bigint, $2::bigint, $3::bigint, $4::uuid, $5::bigint, $6::text,"
                                        + " $7::text::json)",
                                change.entryId(),
                                change.version(),
                                orphan.set().rule().epoch(),
                                change.id(),
                                orphan.set().position(),
                                orphan.why(),
                                json(change.after()))
                        .mapEmpty());
            }
        }
        return done;
    }

    private Future<Void> raiseIds(SqlConnection connection, long largest) {
        if (largest <= knownIds) {
            return Future.succeededFuture();
        }
        long target = Math.min(Entry.MAX_ID, (largest / ID_STEP + 1) * ID_STEP);
        return Sequences.raiseWithin(link, connection, sql.idSequence, Long.toString(target))
                .map(done -> {
                    knownIds = target;
                    return null;
                });
    }
}
