package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.change.IdempotencyKey;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.storage.store.Decider;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Creates many entries as one set in one transaction. Which wanted ids are free is looked up first and proven by the insertion
 * itself: whoever takes one of them meanwhile makes the whole set begin again with another choice.
 */
final class Importing {
    /** Imports of the same ids at the same time take them from each other; each new choice is made of what is free by then. */
    private static final int CHOICES = 12;

    private final Link link;
    private final Statements sql;
    private final PostgresSettings settings;
    private final IdLeases leases;
    private final Supplier<UUID> ids;
    private final Writing writing;
    private final Attempts attempts;
    private final String taken;
    private final String insert;

    Importing(
            Link link,
            Statements sql,
            PostgresSettings settings,
            IdLeases leases,
            Supplier<UUID> ids,
            Writing writing,
            Attempts attempts) {
        this.link = link;
        this.sql = sql;
        this.settings = settings;
        this.leases = leases;
        this.ids = ids;
        this.writing = writing;
        this.attempts = attempts;
        this.taken = "SELECT id FROM " + sql.entries + " WHERE id = ANY($1::bigint[]) UNION SELECT id FROM "
                + sql.tombstones + " WHERE id = ANY($1::bigint[])";
        // $1-$8 the columns of the entries, $9 digests, $10 change ids, $11 afters, $12 epoch, $13 set id, $14 at, $15
        // by,
        // $16 key, $17 request
        this.insert = "WITH s AS (SELECT decided_phase FROM " + sql.state + " WHERE writable_epoch = $12::bigint),"
                + " c AS (SELECT * FROM unnest($1::bigint[], $2::date[], $3::text[], $4::text[], $5::bigint[], $6::text[],"
                + " $7::text[], $8::text[], $9::uuid[], $10::uuid[], $11::text[]) WITH ORDINALITY AS u (id, date, business,"
                + " category, cents, account, currency, notes, digest, change_id, after, nth)),"
                + " e AS (INSERT INTO " + sql.entries + " (id, " + sql.valueColumns("")
                + ", version, epoch, change_id, digest) SELECT c.id, c.date, " + (sql.business ? "c.business, " : "")
                + "c.category, c.cents * 0.01, c.account, c.currency, c.notes, 1, $12::bigint, c.change_id, c.digest"
                + " FROM c CROSS JOIN s WHERE NOT EXISTS (SELECT FROM " + sql.tombstones + " x WHERE x.id = c.id)"
                + (sql.business ? "" : " AND c.business IS NULL") + " RETURNING id),"
                + " p AS MATERIALIZED (SELECT nextval('" + sql.positionSequence + "') AS position FROM s"
                + " WHERE EXISTS (SELECT FROM e))"
                + " INSERT INTO " + sql.log + " (" + Statements.LOG_COLUMNS
                + ") SELECT p.position, (c.nth - 1)::int, c.change_id, c.id, 1, $12::bigint, s.decided_phase, 'INSERT',"
                + " $13::uuid, cardinality($1::bigint[]), $14::timestamptz, $15::text, $16::text, $17::uuid, NULL,"
                + " c.after::json, c.digest FROM c JOIN e ON e.id = c.id CROSS JOIN p CROSS JOIN s"
                + " RETURNING position, phase, changed_at";
    }

    /** @param nth the how manieth choice of ids this is */
    Future<WriteOutcome> take(Intent.Import records, WriteRequest request, long epoch, int nth) {
        return choose(records, request).transform(chosen -> {
            if (chosen.failed()) {
                return Future.succeededFuture(Attempts.notWritten("no ids could be had", chosen.cause()));
            }
            if (chosen.result().repeated() != null) {
                return Future.succeededFuture(chosen.result().repeated());
            }
            AtomicBoolean collided = new AtomicBoolean();
            List<Change> changes = changes(records.drafts(), chosen.result().ids());
            return attempts.of((connection, sent) ->
                            write(connection, sent, changes, chosen.result().highestKept(), request, epoch, collided))
                    .compose(outcome -> collided.get() && nth < CHOICES
                            ? take(records, request, epoch, nth + 1)
                            : Future.succeededFuture(outcome));
        });
    }

    /** @param repeated the first answer to the request's key; the rest is empty then */
    private record Choice(List<Long> ids, long highestKept, WriteOutcome repeated) {}

    private Future<Choice> choose(Intent.Import records, WriteRequest request) {
        Long[] wanted = records.drafts().stream()
                .filter(Intent.Import::mayKeep)
                .map(Entry::id)
                .distinct()
                .toArray(Long[]::new);
        return link.on("import ids", settings.answerMillis(), connection -> writing.replay(connection, request.key())
                        .compose(repeated -> repeated != null
                                ? Future.succeededFuture(new Choice(List.of(), 0, repeated))
                                : link.run(connection, "import taken", taken, (Object) wanted)
                                        .map(rows -> {
                                            Set<Long> free = new HashSet<>(List.of(wanted));
                                            rows.forEach(row -> free.remove(row.getLong(0)));
                                            return new Choice(List.copyOf(free), 0, null);
                                        })))
                .compose(choice -> choice.repeated() != null
                        ? Future.succeededFuture(choice)
                        : assign(records.drafts(), new HashSet<>(choice.ids()), records.newAbove()));
    }

    /** The wanted id for whoever comes first, leased ones for the others. */
    private Future<Choice> assign(List<Entry> drafts, Set<Long> free, long newAbove) {
        long highest = free.stream().mapToLong(id -> id).max().orElse(0);
        Set<Long> kept = Set.copyOf(free);
        List<Long> given = new ArrayList<>(drafts.size());
        int missing = 0;
        for (Entry draft : drafts) {
            boolean keeps = free.remove(draft.id());
            given.add(keeps ? draft.id() : null);
            missing += keeps ? 0 : 1;
        }
        return missing == 0
                ? Future.succeededFuture(new Choice(given, highest, null))
                : lease(missing, kept, newAbove).map(leased -> {
                    int next = 0;
                    for (int i = 0; i < given.size(); i++) {
                        if (given.get(i) == null) {
                            given.set(i, leased.get(next++));
                        }
                    }
                    return new Choice(given, highest, null);
                });
    }

    /** The leases may hold an id that is kept; others are taken in its place. Leases below are given up, and their sequence raised. */
    private Future<List<Long>> lease(int count, Set<Long> kept, long newAbove) {
        return leases.next(count).compose(leased -> {
            List<Long> usable = new ArrayList<>(leased);
            usable.removeAll(kept);
            Future<Void> raised = usable.removeIf(id -> id <= newAbove)
                    ? link.transaction(
                                    "raise ids",
                                    settings.answerMillis(),
                                    connection -> Sequences.raiseWithin(
                                            link, connection, sql.idSequence, Long.toString(newAbove)))
                            .onSuccess(above -> leases.forget())
                    : Future.succeededFuture();
            return usable.size() == count
                    ? Future.succeededFuture(usable)
                    : raised.compose(above -> lease(count - usable.size(), kept, newAbove))
                            .map(more -> {
                                usable.addAll(more);
                                return usable;
                            });
        });
    }

    private List<Change> changes(List<Entry> drafts, List<Long> given) {
        List<Change> changes = new ArrayList<>(drafts.size());
        for (Entry draft : drafts) {
            changes.add(Decider.create(draft, given.get(changes.size()), 0, ids.get()));
        }
        return changes;
    }

    private Future<WriteOutcome> write(
            SqlConnection connection,
            Attempts.Sent sent,
            List<Change> changes,
            long highestKept,
            WriteRequest request,
            long epoch,
            AtomicBoolean collided) {
        return writing.replay(connection, request.key())
                .compose(repeated -> repeated != null
                        ? Future.succeededFuture(repeated)
                        : Link.inTransaction(
                                        connection,
                                        c -> insert(c, sent, changes, highestKept, request, epoch, collided))
                                .recover(failure -> {
                                    boolean idTaken = Link.sqlState(failure).equals("23505");
                                    if (idTaken || collided.get()) {
                                        collided.set(true);
                                        return writing.takenId(connection, sent, failure);
                                    }
                                    return failure instanceof Writing.NothingWritten
                                            ? writing.nothingWritten(connection, sent, request, epoch)
                                            : Future.failedFuture(failure);
                                }));
    }

    private Future<WriteOutcome> insert(
            SqlConnection connection,
            Attempts.Sent sent,
            List<Change> changes,
            long highestKept,
            WriteRequest request,
            long epoch,
            AtomicBoolean collided) {
        // the lock that the fence waits for comes first: the later statements then know the ruling epoch
        return Link.command(connection, "LOCK TABLE " + sql.log + " IN ROW EXCLUSIVE MODE")
                .compose(locked -> writing.rules(connection, epoch))
                .compose(rules -> rules
                        ? Sequences.raiseWithin(link, connection, sql.idSequence, Long.toString(highestKept))
                        : Future.failedFuture(new Writing.NothingWritten()))
                .compose(raised -> writing.claim(connection, request.key(), changes.get(0)))
                .compose(claimed -> sent.begin()
                        ? link.run(connection, "import", insert, values(changes, request, epoch))
                        : Attempts.<RowSet<Row>>tooLate())
                .compose(rows -> {
                    if (rows.size() != changes.size()) {
                        collided.set(true);
                        return Future.failedFuture(new Writing.NothingWritten());
                    }
                    Row row = rows.iterator().next();
                    return Future.succeededFuture(new WriteOutcome.Written(
                            new ChangeSet(
                                    row.getLong(0),
                                    changes.get(0).id(),
                                    Writing.rule(row, epoch),
                                    Writing.at(row),
                                    request.by(),
                                    request.key(),
                                    changes),
                            false));
                });
    }

    private Object[] values(List<Change> changes, WriteRequest request, long epoch) {
        List<Held> rows = changes.stream().map(c -> Held.after(c, epoch)).toList();
        IdempotencyKey key = request.key();
        return new Object[] {
            Columns.longs(rows, h -> h.entry().id()),
            Columns.dates(rows, h -> h.entry().date()),
            Columns.texts(rows, h -> h.entry().business()),
            Columns.texts(rows, h -> h.entry().category()),
            Columns.longs(rows, h -> h.entry().cents()),
            Columns.texts(rows, h -> h.entry().account()),
            Columns.texts(rows, h -> h.entry().currency()),
            Columns.texts(rows, h -> h.entry().notes()),
            Columns.uuids(rows, Held::digest),
            Columns.uuids(rows, Held::changeId),
            Columns.texts(changes, c -> Rows.json(sql.kind, c.after())),
            epoch,
            changes.get(0).id(),
            writing.now(),
            request.by(),
            key == null ? null : key.key(),
            key == null ? null : key.request()
        };
    }
}
