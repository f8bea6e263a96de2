package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.change.IdempotencyKey;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Decider;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Writes as the primary. Creates are {@link Creating}'s, imports {@link Importing}'s; a change of an entry is a read, {@link Decider}, and one statement that
 * writes only where the entry is still what was read. Certainty is kept apart from failure: what the server refused was not
 * written, what it did not answer may have been.
 */
final class Writing {
    private final Link link;
    private final Statements sql;
    private final PostgresSettings settings;
    private final Clock clock;
    private final Supplier<UUID> ids;
    private final IdLeases leases;
    private final Attempts attempts;
    private final Creating creating;
    private final Importing importing;

    Writing(Link link, Statements sql, PostgresSettings settings, Clock clock, Supplier<UUID> ids, IdLeases leases) {
        this.link = link;
        this.sql = sql;
        this.settings = settings;
        this.clock = clock;
        this.ids = ids;
        this.leases = leases;
        this.attempts = new Attempts(link, settings);
        this.creating = new Creating(link, sql, leases, ids, this, attempts);
        this.importing = new Importing(link, sql, settings, leases, ids, this, attempts);
    }

    Future<WriteOutcome> write(WriteRequest request, long epoch) {
        Intent intent = request.intent();
        if (intent instanceof Intent.Create create) {
            return creating.create(create, request, epoch);
        }
        if (intent instanceof Intent.Import records) {
            return importing.take(records, request, epoch, 1);
        }
        return attempts.of(attempt(intent, request, epoch));
    }

    private Attempts.Attempt attempt(Intent intent, WriteRequest request, long epoch) {
        if (intent instanceof Intent.Modify modify) {
            return (connection, sent) -> change(
                    connection, sent, request, epoch, modify.id(), held -> Decider.modify(modify, held, ids.get()));
        }
        if (intent instanceof Intent.Delete delete) {
            return (connection, sent) -> change(
                    connection, sent, request, epoch, delete.id(), held -> Decider.delete(delete, held, ids.get()));
        }
        Intent.BulkDelete bulk = (Intent.BulkDelete) intent;
        return (connection, sent) -> bulkDelete(connection, sent, bulk, request, epoch);
    }

    // ---- ids that were taken
    // ------------------------------------------------------------------------------------------------

    /** An import or plain SQL took an id that was leased, or is above the sequence: the sequence goes on behind it. */
    Future<WriteOutcome> takenId(SqlConnection connection, Attempts.Sent sent, Throwable failure) {
        sent.nothingIsOut();
        leases.forget();
        return Sequences.raise(
                        link,
                        connection,
                        sql.idSequence,
                        "SELECT GREATEST((SELECT max(id) FROM " + sql.entries + "), (SELECT max(id) FROM "
                                + sql.tombstones + "), 0)")
                .compose(done -> Future.failedFuture(failure));
    }

    // ---- one entry -----------------------------------------------------------------------------------------------

    private interface Decision {
        Decider.Decision of(Held held);
    }

    private Future<WriteOutcome> change(
            SqlConnection connection,
            Attempts.Sent sent,
            WriteRequest request,
            long epoch,
            long id,
            Decision decision) {
        return replay(connection, request.key())
                .compose(repeated -> repeated != null
                        ? Future.succeededFuture(repeated)
                        : link.run(connection, "find for write", sql.find, id).compose(found -> {
                            Held held = found.size() == 0
                                    ? null
                                    : Rows.held(found.iterator().next(), 0);
                            Decider.Decision decided = decision.of(held);
                            if (decided.change() == null) {
                                return verdict(connection, decided, held, epoch);
                            }
                            return commit(connection, sent, decided.change(), held, request, epoch);
                        }));
    }

    /** A refusal is only true where this store rules. */
    private Future<WriteOutcome> verdict(SqlConnection connection, Decider.Decision decided, Held held, long epoch) {
        WriteOutcome outcome = decided.refusal() != null
                ? new WriteOutcome.Refused(decided.refusal())
                : new WriteOutcome.Unchanged(held);
        return rules(connection, epoch).map(rules -> rules ? outcome : new WriteOutcome.Fenced());
    }

    private Future<WriteOutcome> commit(
            SqlConnection connection,
            Attempts.Sent sent,
            Change change,
            Held before,
            WriteRequest request,
            long epoch) {
        boolean keyed = request.key() != null;
        boolean deletes = change.after() == null;
        String statement = deletes ? keyed ? sql.deleteKeyed : sql.delete : keyed ? sql.updateKeyed : sql.update;
        Object[] values =
                deletes ? deletion(change, before, request, epoch) : values(change, before.changeId(), request, epoch);
        if (!sent.begin()) {
            return Attempts.tooLate();
        }
        Future<RowSet<Row>> rows = keyed
                // the key must not stay where the entry was no more what was read
                ? Link.inTransaction(connection, c -> link.run(c, "change", statement, values)
                        .compose(done -> done.size() == 0
                                ? Future.failedFuture(new NothingWritten())
                                : Future.succeededFuture(done)))
                : link.run(connection, deletes ? "delete" : "update", statement, values);
        return rows.compose(
                done -> done.size() == 0
                        ? nothingWritten(connection, sent, request, epoch)
                        : Future.succeededFuture(written(done.iterator().next(), change, request, epoch)),
                failure -> failure instanceof NothingWritten
                        ? nothingWritten(connection, sent, request, epoch)
                        : Future.failedFuture(failure));
    }

    /** Ends a transaction that has nothing to commit. */
    static final class NothingWritten extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NothingWritten() {
            super("nothing written", null, false, false);
        }
    }

    // ---- many entries --------------------------------------------------------------------------------------------

    private Future<WriteOutcome> bulkDelete(
            SqlConnection connection, Attempts.Sent sent, Intent.BulkDelete bulk, WriteRequest request, long epoch) {
        return replay(connection, request.key())
                .compose(repeated -> repeated != null
                        ? Future.succeededFuture(repeated)
                        : Link.inTransaction(connection, c -> deleteAll(c, sent, bulk, request, epoch))
                                .recover(failure -> failure instanceof NothingWritten
                                        ? nothingWritten(connection, sent, request, epoch)
                                        : Future.failedFuture(failure)));
    }

    private Future<WriteOutcome> deleteAll(
            SqlConnection connection, Attempts.Sent sent, Intent.BulkDelete bulk, WriteRequest request, long epoch) {
        Long[] wanted = bulk.ids().toArray(Long[]::new);
        // first of all the lock that the fence waits for: every later statement's snapshot then knows the ruling epoch
        return Link.command(connection, "LOCK TABLE " + sql.log + " IN ROW EXCLUSIVE MODE")
                .compose(locked -> rules(connection, epoch))
                .compose(rules -> rules
                        ? link.run(
                                connection,
                                "lock for bulk delete",
                                "SELECT " + sql.heldColumns + " FROM " + sql.entries
                                        + " t WHERE t.id = ANY($1::bigint[]) ORDER BY t.id FOR UPDATE",
                                (Object) wanted)
                        : Future.failedFuture(new NothingWritten()))
                .compose(rows -> {
                    List<Change> changes = new ArrayList<>(rows.size());
                    for (Row row : rows) {
                        changes.add(Decider.deletion(Rows.held(row, 0), ids.get()));
                    }
                    if (changes.isEmpty()) {
                        return Future.succeededFuture((WriteOutcome) new WriteOutcome.Unchanged(null));
                    }
                    return claim(connection, request.key(), changes.get(0))
                            .compose(claimed -> deleteThese(connection, sent, changes, request, epoch));
                });
    }

    Future<Void> claim(SqlConnection connection, IdempotencyKey key, Change first) {
        if (key == null) {
            return Future.succeededFuture();
        }
        String claim = "INSERT INTO " + sql.keys + " AS x (key, request, entry_id, version, used_at)"
                + " VALUES ($1::text, $2::uuid, $3::bigint, $4::bigint, $5::timestamptz) ON CONFLICT (key) DO UPDATE"
                + " SET request = excluded.request, entry_id = excluded.entry_id, version = excluded.version,"
                + " used_at = excluded.used_at WHERE x.used_at <= excluded.used_at - INTERVAL '24 hours'";
        return link.run(
                        connection,
                        "claim key",
                        claim,
                        key.key(),
                        key.request(),
                        first.entryId(),
                        first.version(),
                        now())
                .compose(done ->
                        done.rowCount() == 1 ? Future.succeededFuture() : Future.failedFuture(new NothingWritten()));
    }

    private Future<WriteOutcome> deleteThese(
            SqlConnection connection, Attempts.Sent sent, List<Change> changes, WriteRequest request, long epoch) {
        IdempotencyKey key = request.key();
        UUID set = ids.get();
        if (!sent.begin()) {
            return Attempts.tooLate();
        }
        return link.run(
                        connection,
                        "bulk delete",
                        sql.bulkDelete,
                        changes.stream().map(Change::entryId).toArray(Long[]::new),
                        changes.stream().map(Change::version).toArray(Long[]::new),
                        changes.stream().map(Change::id).toArray(UUID[]::new),
                        changes.stream()
                                .map(c -> Rows.json(sql.kind, c.before()))
                                .toArray(String[]::new),
                        epoch,
                        set,
                        now(),
                        request.by(),
                        key == null ? null : key.key(),
                        key == null ? null : key.request())
                .compose(rows -> {
                    if (rows.size() != changes.size()) {
                        return Future.failedFuture(new NothingWritten());
                    }
                    Row row = rows.iterator().next();
                    return Future.succeededFuture(new WriteOutcome.Written(
                            new ChangeSet(row.getLong(0), set, rule(row, epoch), at(row), request.by(), key, changes),
                            false));
                });
    }

    // ---- in common -----------------------------------------------------------------------------------------------

    Object[] values(Change change, UUID changeBefore, WriteRequest request, long epoch) {
        IdempotencyKey key = request.key();
        Entry after = change.after();
        return new Object[] {
            change.entryId(),
            epoch,
            change.id(),
            now(),
            request.by(),
            Rows.json(sql.kind, change.before()),
            key == null ? null : key.key(),
            key == null ? null : key.request(),
            change.version() - 1,
            Rows.json(sql.kind, after),
            change.digest(),
            after.date(),
            after.category(),
            after.cents(),
            after.account(),
            after.currency(),
            after.notes(),
            changeBefore,
            after.business()
        };
    }

    private Object[] deletion(Change change, Held before, WriteRequest request, long epoch) {
        IdempotencyKey key = request.key();
        return new Object[] {
            change.entryId(),
            epoch,
            change.id(),
            now(),
            request.by(),
            Rows.json(sql.kind, change.before()),
            key == null ? null : key.key(),
            key == null ? null : key.request(),
            change.version() - 1,
            before.changeId()
        };
    }

    OffsetDateTime now() {
        return Rows.time(clock.instant().truncatedTo(ChronoUnit.MICROS));
    }

    static Instant at(Row row) {
        return row.getOffsetDateTime(2).toInstant();
    }

    static Rule rule(Row row, long epoch) {
        return new Rule(epoch, Phase.valueOf(row.getString(1)));
    }

    static WriteOutcome written(Row row, Change change, WriteRequest request, long epoch) {
        return new WriteOutcome.Written(
                new ChangeSet(
                        row.getLong(0),
                        change.id(),
                        rule(row, epoch),
                        at(row),
                        request.by(),
                        request.key(),
                        List.of(change)),
                false);
    }

    Future<Boolean> rules(SqlConnection connection, long epoch) {
        return link.run(connection, "epoch", "SELECT writable_epoch FROM " + sql.state)
                .map(rows -> rows.iterator().next().getLong(0) == epoch);
    }

    /** Nothing was written, for certain: because of the fence, because the key was used meanwhile, or because of a race. */
    Future<WriteOutcome> nothingWritten(
            SqlConnection connection, Attempts.Sent sent, WriteRequest request, long epoch) {
        sent.nothingIsOut();
        return rules(connection, epoch)
                .compose(rules ->
                        rules ? replay(connection, request.key()) : Future.succeededFuture(new WriteOutcome.Fenced()));
    }

    /** The first answer to this key, or null where it was not used in the last 24 h. */
    Future<WriteOutcome> replay(SqlConnection connection, IdempotencyKey key) {
        if (key == null) {
            return Future.succeededFuture(null);
        }
        return link.run(connection, "find key", sql.ofKey, key.key(), now()).map(rows -> {
            if (rows.size() == 0) {
                return null;
            }
            List<Rows.LogRow> set = new ArrayList<>();
            for (Row row : rows) {
                if (!key.request().equals(row.getUUID(0))) {
                    return new WriteOutcome.Refused(Decider.KEY_REUSED);
                }
                if (row.getLong(1) == null) {
                    return new WriteOutcome.NotWritten(
                            "the change that this Idempotency-Key wrote is no more in the log");
                }
                set.add(Rows.logRow(row, 1));
            }
            return new WriteOutcome.Written(Rows.sets(set).get(0), true);
        });
    }
}
