package io.homebudget.ledger.storage.postgres;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Goes through the motions of writing without writing: every statement names an epoch that never rules. Afterwards the pool's
 * connections are open, the hot statements prepared on them, and what sends and plans them has run before. Without it all of
 * that happened in the moment after a swap, when everybody who was held comes at once: on two busy processors some waited for
 * two seconds then.
 */
final class Rehearsal {
    private static final long NEVER = -1;
    private static final UUID NOTHING = new UUID(0, 0);
    private static final OffsetDateTime LONG_AGO = OffsetDateTime.of(2000, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
    /** As many as the largest pool has connections, so that it opens all. */
    private static final int AT_ONCE = 20;

    private static final int ROUNDS = 5;

    private final Link link;
    private final Statements sql;
    private final PostgresSettings settings;

    Rehearsal(Link link, Statements sql, PostgresSettings settings) {
        this.link = link;
        this.sql = sql;
        this.settings = settings;
    }

    Future<Void> run() {
        List<Future<Void>> all = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            all.add(rounds(ROUNDS));
        }
        return Future.all(all).mapEmpty();
    }

    private Future<Void> rounds(int left) {
        return left == 0
                ? Future.succeededFuture()
                : link.on("rehearse", settings.answerMillis(), this::once).compose(done -> rounds(left - 1));
    }

    private Future<Void> once(SqlConnection connection) {
        return link.run(connection, "rehearse", sql.find, 0L)
                .compose(done -> link.run(connection, "rehearse", sql.create, entry()))
                .compose(done -> link.run(connection, "rehearse", sql.createMany, entries()))
                .compose(done -> link.run(connection, "rehearse", sql.update, entry()))
                .compose(done -> link.run(connection, "rehearse", sql.delete, deletion()))
                .mapEmpty();
    }

    private static Object[] deletion() {
        return new Object[] {0L, NEVER, NOTHING, LONG_AGO, "", null, null, null, 0L, NOTHING};
    }

    private static Object[] entries() {
        String[] text = {""};
        UUID[] nothing = {NOTHING};
        Long[] zero = {0L};
        return new Object[] {
            zero,
            NEVER,
            nothing,
            LONG_AGO,
            text,
            new String[] {"{}"},
            nothing,
            new LocalDate[] {LocalDate.EPOCH},
            text,
            zero,
            text,
            text,
            text,
            new String[] {null}
        };
    }

    private static Object[] entry() {
        return new Object[] {
            0L,
            NEVER,
            NOTHING,
            LONG_AGO,
            "",
            null,
            null,
            null,
            0L,
            "{}",
            NOTHING,
            LocalDate.EPOCH,
            "",
            0L,
            "",
            "",
            null,
            NOTHING,
            null
        };
    }
}
