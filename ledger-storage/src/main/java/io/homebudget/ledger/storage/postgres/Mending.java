package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.BeingRestored;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Mend;
import io.homebudget.ledger.storage.store.Mended;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.homebudget.ledger.storage.store.Tombstone;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Reads rows whole and puts what was recorded in the place of what was damaged.
 *
 * <p>The writing is one statement that compares version and computed digest with what was seen. Before it the transaction takes
 * the lock that the fence waits for and the lock of the progress row, under which a follower applies: so nothing else writes a
 * row that the statement's snapshot does not show, and an entry whose deletion is just being applied is not brought back (A18).
 * While a restore works, of this replica or another, nothing is mended: what it has compared already would not stay so.
 */
final class Mending {
    private final Link link;
    private final Statements sql;
    private final PostgresSettings settings;
    private final String rows;
    private final String live;
    private final String dead;
    private final String nothing;

    Mending(Link link, Statements sql, PostgresSettings settings) {
        this.link = link;
        this.sql = sql;
        this.settings = settings;
        this.rows = "SELECT " + sql.heldColumns + ", false AS deleted FROM " + sql.entries
                + " t WHERE t.id = ANY($1::bigint[]) UNION ALL"
                + " SELECT t.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, t.version, t.epoch, t.change_id, NULL, true"
                + " FROM " + sql.tombstones + " t WHERE t.id = ANY($1::bigint[]) AND NOT EXISTS (SELECT FROM "
                + sql.entries + " x WHERE x.id = t.id) ORDER BY id";
        // $1 id, $2 version seen, $3 digest seen, $4 version, $5 epoch, $6 change id, and for a live row
        // $7 digest, $8 date, $9 category, $10 cents, $11 account, $12 currency, $13 notes, $14 business
        String seenLive = "t.id = $1::bigint AND t.version = $2::bigint AND " + sql.actualDigest("t") + " = $3::uuid";
        String seenNothing = "$3::uuid IS NULL AND NOT EXISTS (SELECT FROM " + sql.entries
                + " x WHERE x.id = $1::bigint) AND coalesce((SELECT d.version FROM " + sql.tombstones
                + " d WHERE d.id = $1::bigint), 0) = $2::bigint";
        this.live = "WITH u AS (UPDATE " + sql.entries + " t SET date = $8::date, "
                + (sql.business ? "business = $14::text, " : "")
                + "category = $9::text, amount = $10::bigint * 0.01, account = $11::text, currency = $12::text,"
                + " notes = $13::text, version = $4::bigint, epoch = $5::bigint, change_id = $6::uuid, digest = $7::uuid"
                + " WHERE " + seenLive + (sql.business ? "" : " AND $14::text IS NULL")
                + " RETURNING t.id), i AS (INSERT INTO " + sql.entries + " (id, " + sql.valueColumns("")
                + ", version, epoch, change_id, digest) SELECT $1::bigint, $8::date, "
                + (sql.business ? "$14::text, " : "") + "$9::text, $10::bigint * 0.01, $11::text, $12::text, $13::text,"
                + " $4::bigint, $5::bigint, $6::uuid, $7::uuid WHERE " + seenNothing
                + " ON CONFLICT (id) DO NOTHING RETURNING id), w AS (SELECT id FROM u UNION ALL SELECT id FROM i),"
                + " d AS (DELETE FROM " + sql.tombstones + " WHERE id IN (SELECT id FROM w))"
                + " SELECT count(*) FROM w";
        this.dead = "WITH e AS (DELETE FROM " + sql.entries + " t WHERE " + seenLive + " RETURNING t.id),"
                + " d AS (INSERT INTO " + sql.tombstones + " AS d (id, version, epoch, change_id)"
                + " SELECT $1::bigint, $4::bigint, $5::bigint, $6::uuid WHERE EXISTS (SELECT FROM e) OR " + seenNothing
                + " ON CONFLICT (id) DO UPDATE SET version = excluded.version, epoch = excluded.epoch,"
                + " change_id = excluded.change_id RETURNING id) SELECT count(*) FROM d";
        this.nothing = "WITH e AS (DELETE FROM " + sql.entries + " t WHERE " + seenLive
                + " RETURNING t.id), d AS (DELETE FROM " + sql.tombstones + " WHERE id = $1::bigint AND (EXISTS"
                + " (SELECT FROM e) OR " + seenNothing + ") RETURNING id)"
                + " SELECT count(*) FROM (SELECT id FROM e UNION SELECT id FROM d) w";
    }

    Future<List<ImageRow>> rows(Collection<Long> ids) {
        Object wanted = ids.toArray(Long[]::new);
        return link.on("rows", settings.readMillis(), connection -> link.run(connection, "rows", rows, wanted)
                .map(read -> {
                    List<ImageRow> found = new ArrayList<>(read.size());
                    read.forEach(row -> found.add(image(row)));
                    return found;
                }));
    }

    private static ImageRow image(Row row) {
        return row.getBoolean(12)
                ? new ImageRow(null, new Tombstone(row.getLong(0), row.getLong(8), row.getLong(9), row.getUUID(10)))
                : new ImageRow(Rows.held(row, 0), null);
    }

    Future<Mended> mend(Mend mend, long epoch) {
        return link.transaction("mend", settings.answerMillis(), connection -> Link.command(
                        connection, "SET LOCAL lock_timeout = " + settings.fenceMillis())
                .compose(set -> Link.command(connection, "LOCK TABLE " + sql.log + " IN ROW EXCLUSIVE MODE"))
                .compose(locked -> link.run(
                        connection,
                        "mend epoch",
                        "SELECT decided_epoch, " + sql.notRestored + " FROM " + sql.state + " FOR SHARE"))
                .compose(state -> {
                    Row row = state.iterator().next();
                    if (row.getLong(0) > epoch) {
                        return Future.failedFuture(new StoreFenced(StoreName.POSTGRES, epoch, row.getLong(0)));
                    }
                    return row.getBoolean(1)
                            ? link.run(connection, "mend lock", "SELECT 1 FROM " + sql.progress + " FOR UPDATE")
                            : Future.failedFuture(new BeingRestored(StoreName.POSTGRES));
                })
                .compose(locked -> standing(connection, mend.id()))
                .compose(standing -> mend.holds(standing)
                        ? Future.succeededFuture(done(Mended.Result.INTACT, standing))
                        : write(connection, mend)));
    }

    private Future<ImageRow> standing(SqlConnection connection, long id) {
        return link.run(connection, "rows", rows, (Object) new Long[] {id})
                .map(found -> found.size() == 0 ? null : image(found.iterator().next()));
    }

    private Future<Mended> write(SqlConnection connection, Mend mend) {
        ImageRow image = mend.image();
        return link.run(connection, "mend", statement(image), values(mend)).compose(written -> {
            boolean done = written.iterator().next().getLong(0) > 0;
            return done
                    ? Future.succeededFuture(done(Mended.Result.MENDED, image))
                    : standing(connection, mend.id()).map(standing -> done(Mended.Result.MOVED, standing));
        });
    }

    private String statement(ImageRow image) {
        return image == null ? nothing : image.held() != null ? live : dead;
    }

    private static Object[] values(Mend mend) {
        ImageRow image = mend.image();
        if (image == null) {
            return new Object[] {mend.id(), mend.seenVersion(), mend.seenActual()};
        }
        if (image.tombstone() != null) {
            Tombstone gone = image.tombstone();
            return new Object[] {
                mend.id(), mend.seenVersion(), mend.seenActual(), gone.version(), gone.epoch(), gone.changeId()
            };
        }
        Held held = image.held();
        return new Object[] {
            mend.id(),
            mend.seenVersion(),
            mend.seenActual(),
            held.version(),
            held.epoch(),
            held.changeId(),
            held.digest(),
            held.entry().date(),
            held.entry().category(),
            held.entry().cents(),
            held.entry().account(),
            held.entry().currency(),
            held.entry().notes(),
            held.entry().business()
        };
    }

    private static Mended done(Mended.Result result, ImageRow row) {
        return new Mended(result, row == null ? 0 : row.version());
    }
}
