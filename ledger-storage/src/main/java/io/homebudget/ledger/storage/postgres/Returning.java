package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Tombstone;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;

/**
 * The return of a lost primary: the JSON store took over, and what this store committed beyond it was never acknowledged, or
 * was given up with consent. Everything here may be repeated, so a crash in between costs nothing but the repetition.
 */
final class Returning {
    private final Link link;
    private final Statements sql;
    private final PostgresSettings settings;
    private final PhaseRecord phases;
    private final Following following;

    Returning(Link link, Statements sql, PostgresSettings settings, PhaseRecord phases, Following following) {
        this.link = link;
        this.sql = sql;
        this.settings = settings;
        this.phases = phases;
        this.following = following;
    }

    /** Waits for writes in flight and lets none begin any more, without saying who rules. */
    Future<Void> fence() {
        return phases.stopWriting();
    }

    Future<Integer> undoBeyond(long position, LedgerStore truth) {
        return link.on(
                        "orphans",
                        settings.bulkMillis(),
                        connection -> link.run(
                                connection,
                                "orphaned entries",
                                "SELECT DISTINCT entry_id FROM " + sql.log + " WHERE position > $1::bigint",
                                position))
                .compose(rows -> {
                    List<Long> ids = new ArrayList<>();
                    for (Row row : rows) {
                        ids.add(row.getLong(0));
                    }
                    return Link.future(standing(ids, truth)).compose(truths -> undo(position, ids, truths));
                });
    }

    /** What the new primary holds under these ids. */
    private record Truth(List<Held> live, List<Tombstone> dead) {}

    private static Uni<Truth> standing(List<Long> ids, LedgerStore truth) {
        Truth all = new Truth(new ArrayList<>(), new ArrayList<>());
        Uni<Void> live = Multi.createFrom()
                .iterable(ids)
                .onItem()
                .transformToUniAndConcatenate(truth::find)
                .onItem()
                .invoke(all.live()::add)
                .collect()
                .last()
                .replaceWithVoid();
        return live.chain(() -> truth.states(ids)).map(states -> {
            for (EntryState state : states) {
                if (state.deleted()) {
                    all.dead().add(new Tombstone(state.id(), state.version(), state.epoch(), state.changeId()));
                }
            }
            return all;
        });
    }

    private Future<Integer> undo(long position, List<Long> ids, Truth truth) {
        String beyond = " WHERE position > " + position;
        Long[] touched = ids.toArray(Long[]::new);
        return link.transaction("undo orphans", settings.bulkMillis(), connection -> Link.command(
                        connection, "SET LOCAL statement_timeout = " + settings.bulkMillis())
                .compose(set -> run(
                        connection,
                        "INSERT INTO " + sql.orphans + " (entry_id, version, epoch, change_id, position, why, after)"
                                + " SELECT entry_id, version, epoch, change_id, position,"
                                + " 'the JSON store took over without it', after FROM " + sql.log + beyond))
                .compose(done -> run(
                        connection,
                        "DELETE FROM " + sql.keys + " k USING " + sql.log + " l WHERE l.position > " + position
                                + " AND l.entry_id = k.entry_id AND l.version = k.version"))
                .compose(done -> link.run(
                        connection,
                        "undo log",
                        "WITH gone AS (DELETE FROM " + sql.log + beyond + " RETURNING position)"
                                + " SELECT count(DISTINCT position) FROM gone"))
                .map(rows -> rows.iterator().next().getLong(0).intValue())
                .compose(sets -> link.run(
                                connection,
                                "undo entries",
                                "DELETE FROM " + sql.entries + " WHERE id = ANY($1::bigint[])",
                                (Object) touched)
                        .compose(done -> link.run(
                                connection,
                                "undo tombstones",
                                "DELETE FROM " + sql.tombstones + " WHERE id = ANY($1::bigint[])",
                                (Object) touched))
                        .compose(done -> following.writeLive(connection, truth.live()))
                        .compose(done -> following.writeDead(connection, truth.dead()))
                        .compose(done -> run(connection, "UPDATE " + sql.state + " SET follower_state = 'FOLLOWING'"))
                        .compose(done -> run(
                                connection,
                                "UPDATE " + sql.progress + " SET position = " + position
                                        + ", log_from = LEAST(log_from, " + position + ")"))
                        .map(sets)));
    }

    private Future<Void> run(SqlConnection connection, String statement) {
        return link.run(connection, "undo orphans", statement).mapEmpty();
    }
}
