package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.storage.store.Decider;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Creates entries: one statement each, or one for several where {@link CreateLanes} brings them together. Whatever way it goes, a
 * create is a set of its own and has an outcome of its own, within one limit that counts from when it came.
 *
 * <p>A create with an Idempotency-Key always goes alone: its key is claimed in its statement, and the claim must not stay or fail
 * with what others create.
 */
final class Creating {
    /** A leased id is only taken where an import or plain SQL took it; a lease after that begins behind all of these. */
    private static final int IDS_TRIED = 3;

    private final Link link;
    private final Statements sql;
    private final IdLeases leases;
    private final Supplier<UUID> ids;
    private final Writing writing;
    private final Attempts attempts;
    private final CreateLanes lanes;

    Creating(Link link, Statements sql, IdLeases leases, Supplier<UUID> ids, Writing writing, Attempts attempts) {
        this.link = link;
        this.sql = sql;
        this.leases = leases;
        this.ids = ids;
        this.writing = writing;
        this.attempts = attempts;
        this.lanes = new CreateLanes(link, sql, writing, this::alone);
    }

    Future<WriteOutcome> create(Intent.Create create, WriteRequest request, long epoch) {
        long deadline = attempts.deadline();
        return withId(
                create,
                deadline,
                change -> request.key() == null
                        ? lanes.write(new CreateLanes.Create(change, request, epoch, deadline))
                        : alone(new CreateLanes.Create(change, request, epoch, deadline)));
    }

    private Future<WriteOutcome> withId(
            Intent.Create create, long deadline, Function<Change, Future<WriteOutcome>> write) {
        return link.within(Attempts.left(deadline), "leasing an id", leases.next())
                .transform(leased -> leased.failed()
                        ? Future.succeededFuture(Attempts.notWritten("no id could be leased", leased.cause()))
                        : write.apply(Decider.create(create.draft(), leased.result(), 0, ids.get())));
    }

    private Future<WriteOutcome> alone(CreateLanes.Create create) {
        return alone(create, 1);
    }

    private Future<WriteOutcome> alone(CreateLanes.Create create, int idsTried) {
        AtomicBoolean taken = new AtomicBoolean();
        return attempts.of((connection, sent) -> insert(connection, sent, create, taken), create.deadline())
                .compose(outcome -> taken.get() && idsTried < IDS_TRIED
                        ? withId(
                                (Intent.Create) create.request().intent(),
                                create.deadline(),
                                change -> alone(create.as(change), idsTried + 1))
                        : Future.succeededFuture(outcome));
    }

    private Future<WriteOutcome> insert(
            SqlConnection connection, Attempts.Sent sent, CreateLanes.Create create, AtomicBoolean taken) {
        taken.set(false);
        if (!sent.begin()) {
            return Attempts.tooLate();
        }
        String statement = create.request().key() == null ? sql.create : sql.createKeyed;
        Object[] values = writing.values(create.change(), null, create.request(), create.epoch());
        return link.run(connection, "create", statement, values)
                .compose(
                        rows -> rows.size() == 0
                                ? notCreated(connection, sent, create, taken)
                                : Future.succeededFuture(
                                        create.written(rows.iterator().next())),
                        failure -> {
                            if (!Link.sqlState(failure).equals("23505")) {
                                return Future.failedFuture(failure);
                            }
                            taken.set(true);
                            return writing.takenId(connection, sent, failure);
                        });
    }

    private Future<WriteOutcome> notCreated(
            SqlConnection connection, Attempts.Sent sent, CreateLanes.Create create, AtomicBoolean taken) {
        return link.run(
                        connection,
                        "buried id",
                        "SELECT 1 FROM " + sql.tombstones + " WHERE id = $1::bigint",
                        create.change().entryId())
                .compose(buried -> {
                    if (buried.size() == 0) {
                        return writing.nothingWritten(connection, sent, create.request(), create.epoch());
                    }
                    taken.set(true);
                    return writing.takenId(
                            connection, sent, new IllegalStateException("the leased id was given before"));
                });
    }
}
