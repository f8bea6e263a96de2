package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.Handover;
import io.homebudget.ledger.storage.store.Standing;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * What this store durably knows about who rules. Every change of it goes through the fence: a lock on the change log that waits
 * for the writes in flight, so that a later write's statement reads the new epoch (A33).
 */
final class PhaseRecord {
    private final Link link;
    private final Statements sql;
    private final PostgresSettings settings;

    PhaseRecord(Link link, Statements sql, PostgresSettings settings) {
        this.link = link;
        this.sql = sql;
        this.settings = settings;
    }

    private record Read(Standing standing, long decidedEpoch, long writableEpoch, long head) {}

    /**
     * Final where it is asked for after a decision has failed: a COMMIT that is on the way has the fence's lock until it has ended,
     * and is waited for; what has not sent it never will.
     */
    Future<Standing> standing() {
        return link.transaction("standing", settings.readMillis(), connection -> locked(connection, "ROW EXCLUSIVE")
                        .compose(settled -> read(connection)))
                .map(Read::standing);
    }

    private Future<Read> read(SqlConnection connection) {
        return link.run(
                        connection,
                        "standing",
                        "SELECT s.decided_epoch, s.decided_phase, s.prepared_epoch, s.prepared_phase, s.writable_epoch,"
                                + " s.json_identity, s.follower_state, p.position, " + LogReading.head(sql) + " FROM "
                                + sql.state + " s CROSS JOIN " + sql.progress + " p")
                .map(rows -> {
                    Row row = rows.iterator().next();
                    Optional<Rule> decided = rule(row.getLong(0), row.getString(1));
                    long head = row.getLong(8);
                    boolean primary =
                            decided.isPresent() && decided.get().phase().primary() == StoreName.POSTGRES;
                    Standing standing = new Standing(
                            decided,
                            row.getLong(2) == null ? Optional.empty() : rule(row.getLong(2), row.getString(3)),
                            row.getUUID(5),
                            primary ? head : row.getLong(7),
                            Standing.FollowerState.valueOf(row.getString(6)));
                    return new Read(standing, row.getLong(0), row.getLong(4), head);
                });
    }

    private static Optional<Rule> rule(long epoch, String phase) {
        return epoch == 0 || phase == null ? Optional.empty() : Optional.of(new Rule(epoch, Phase.valueOf(phase)));
    }

    /** A transaction in which no write is in flight and none begins. */
    private <T> Future<T> fenced(String operation, Function<SqlConnection, Future<T>> work) {
        return link.transaction(
                operation, settings.answerMillis(), connection -> locked(connection, "SHARE ROW EXCLUSIVE")
                        .compose(locked -> work.apply(connection)));
    }

    private Future<Void> locked(SqlConnection connection, String mode) {
        return Link.command(connection, "SET LOCAL lock_timeout = " + settings.fenceMillis())
                .compose(set -> Link.command(connection, "LOCK TABLE " + sql.log + " IN " + mode + " MODE"));
    }

    /** The fence finds nobody but writers, unless somebody begins upkeep by hand in between. */
    Future<Void> makeWay() {
        return link.transaction("make way", Upkeep.LIMIT_MILLIS, connection -> Upkeep.end(connection, sql));
    }

    Future<Void> prepare(Rule rule, Handover handover) {
        return link.transaction("prepare", settings.answerMillis(), connection -> link.run(
                        connection, "lock state", "SELECT 1 FROM " + sql.state + " FOR UPDATE")
                .compose(locked -> read(connection))
                .compose(read -> {
                    if (rule.epoch() <= read.decidedEpoch()) {
                        return Future.failedFuture(
                                new StoreFenced(StoreName.POSTGRES, rule.epoch(), read.decidedEpoch()));
                    }
                    UUID recorded = read.standing().identity();
                    if (recorded != null && handover.identity() != null && !recorded.equals(handover.identity())) {
                        return Future.failedFuture(new ForeignStore(recorded, handover.identity()));
                    }
                    return link.run(
                            connection,
                            "prepare",
                            "UPDATE " + sql.state + " SET prepared_epoch = $1::bigint, prepared_phase = $2::text,"
                                    + " json_identity = coalesce(json_identity, $3::uuid)",
                            rule.epoch(),
                            rule.phase().name(),
                            handover.identity());
                })
                .compose(done -> publish(connection, handover.publishedThrough()))
                .compose(done -> Link.command(connection, "SET LOCAL lock_timeout = " + settings.fenceMillis()))
                .compose(done ->
                        Sequences.raiseWithin(link, connection, sql.idSequence, Long.toString(handover.idsThrough())))
                .compose(done -> Sequences.raiseWithin(
                        link,
                        connection,
                        sql.positionSequence,
                        "SELECT GREATEST(" + handover.position() + ", " + LogReading.head(sql) + ")")));
    }

    Future<Long> decide(Rule from, Rule to) {
        return fenced("decide", connection -> read(connection).compose(read -> {
            boolean rules = read.writableEpoch() == from.epoch()
                    && read.standing().decided().equals(Optional.of(from))
                    && to.epoch() > from.epoch();
            return rules
                    ? record(connection, to, read).map(read.head())
                    : Future.failedFuture(new StoreFenced(StoreName.POSTGRES, from.epoch(), read.decidedEpoch()));
        }));
    }

    Future<Void> adopt(Rule rule) {
        return fenced("adopt", connection -> read(connection)
                .compose(read -> rule.epoch() < read.decidedEpoch()
                        ? Future.succeededFuture()
                        : record(connection, rule, read)));
    }

    private Future<Void> record(SqlConnection connection, Rule rule, Read read) {
        boolean primary = rule.phase().primary() == StoreName.POSTGRES;
        boolean wasPrimary = read.writableEpoch() > 0;
        return link.run(
                        connection,
                        "record rule",
                        "UPDATE " + sql.state + " SET decided_epoch = $1::bigint, decided_phase = $2::text,"
                                + " prepared_epoch = NULL, prepared_phase = NULL, writable_epoch = $3::bigint"
                                // who rules has all there is; who ruled has all there was
                                + (primary || wasPrimary ? ", follower_state = 'FOLLOWING'" : ""),
                        rule.epoch(),
                        rule.phase().name(),
                        primary ? rule.epoch() : 0L)
                .compose(done -> primary || wasPrimary
                        ? link.run(
                                        connection,
                                        "record position",
                                        "UPDATE " + sql.progress + " SET position = $1::bigint",
                                        read.head())
                                .compose(moved -> Sequences.raiseWithin(
                                        link, connection, sql.positionSequence, Long.toString(read.head())))
                                .compose(raised -> Sequences.raiseWithin(link, connection, sql.idSequence, givenIds()))
                        : Future.succeededFuture());
    }

    /** Ends this store's rule without saying who rules instead. */
    Future<Void> stopWriting() {
        return fenced("stop writing", connection -> link.run(
                        connection, "stop writing", "UPDATE " + sql.state + " SET writable_epoch = 0")
                .mapEmpty());
    }

    Future<Void> abandon() {
        return state("abandon", "prepared_epoch = NULL, prepared_phase = NULL");
    }

    Future<Void> needBackfill() {
        return state("need backfill", "follower_state = 'NEEDS_BACKFILL'");
    }

    private Future<Void> state(String operation, String set) {
        return link.on(operation, settings.answerMillis(), connection -> link.run(
                        connection, operation, "UPDATE " + sql.state + " SET " + set)
                .mapEmpty());
    }

    // ---- ids and publishing --------------------------------------------------------------------------------------

    private String givenIds() {
        return "SELECT GREATEST(coalesce((SELECT max(id) FROM " + sql.entries + "), 0), coalesce((SELECT max(id) FROM "
                + sql.tombstones + "), 0))";
    }

    Future<Long> idsThrough() {
        return link.on("ids through", settings.readMillis(), connection -> link.run(
                        connection,
                        "ids through",
                        "SELECT GREATEST((" + givenIds() + "), CASE WHEN is_called THEN last_value ELSE 0 END) FROM "
                                + sql.idSequence)
                .map(rows -> rows.iterator().next().getLong(0)));
    }

    Future<Void> raiseIds(long through) {
        return link.transaction(
                "raise ids",
                settings.answerMillis(),
                connection -> Sequences.raiseWithin(link, connection, sql.idSequence, Long.toString(through)));
    }

    Future<Optional<Long>> publishedThrough() {
        return link.on("published through", settings.readMillis(), connection -> link.run(
                        connection, "published through", "SELECT through FROM " + sql.published)
                .map(rows -> Optional.ofNullable(rows.iterator().next().getLong(0))));
    }

    Future<Void> markPublished(Optional<Long> through) {
        return link.on("mark published", settings.answerMillis(), connection -> publish(connection, through));
    }

    private Future<Void> publish(SqlConnection connection, Optional<Long> through) {
        return link.run(
                        connection,
                        "mark published",
                        "UPDATE " + sql.published + " SET through = $1::bigint",
                        through.orElse(null))
                .mapEmpty();
    }
}
