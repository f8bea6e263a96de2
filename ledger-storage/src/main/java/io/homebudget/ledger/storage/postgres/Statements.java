package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;

/**
 * The SQL of the hot path for one kind. Every name is qualified, so nothing depends on a search path.
 *
 * <p>All writing statements have the same shape: {@code s} is empty unless this store takes writes in the caller's epoch; the
 * data-modifying {@code e} takes the row lock; the outer INSERT draws the position from {@code e}'s rows, that is after the row
 * lock, so positions rise with the versions of an entry. They hold ROW EXCLUSIVE on the change log from before their snapshot,
 * which is what the fence waits for.
 */
final class Statements {
    /** Class of advisory locks, beside the publisher's. */
    private static final int RESTORING = 0x1ED6E3;

    final Kind kind;
    final String entries;
    final String log;
    final String state;
    final String progress;
    final String published;
    final String tombstones;
    final String keys;
    final String orphans;
    final String staging;
    final String mark;
    final String idSequence;
    final String positionSequence;
    final boolean business;

    /** Taken by a restore from before it reads to its end; waits for the mendings in flight. */
    final String restoreLock;
    /** Whether no restore holds that lock; none gets it before the end of this transaction. Waits for nobody. */
    final String notRestored;

    /** The columns of {@link Rows#held}, of the row {@code t}. */
    final String heldColumns;

    final String find;
    final String create;
    final String createKeyed;
    final String createMany;
    final String update;
    final String updateKeyed;
    final String delete;
    final String deleteKeyed;
    final String bulkDelete;
    final String ofKey;

    static final String LOG_COLUMNS =
            "position, ordinal, change_id, entry_id, version, epoch, phase, action, set_id, set_size,"
                    + " changed_at, changed_by, idempotency_key, request_digest, before, after, digest";

    /** The columns of {@link Rows#logRow}. */
    static final String LOG_READ =
            "position, ordinal, change_id, entry_id, version, epoch, phase, action, set_id, set_size,"
                    + " changed_at, changed_by, idempotency_key, request_digest, before::text, after::text, digest";

    Statements(Kind kind) {
        this.kind = kind;
        String schema = kind.word() + ".";
        entries = schema + kind.plural();
        log = schema + "change_log";
        state = schema + "ledger_state";
        progress = schema + "ledger_progress";
        published = schema + "ledger_published";
        tombstones = schema + "tombstones";
        keys = schema + "idempotency_keys";
        orphans = schema + "orphans";
        staging = schema + "backfill_staging";
        mark = schema + "backfill_mark";
        idSequence = schema + kind.plural() + "_id_seq";
        positionSequence = schema + "change_log_position_seq";
        String restoring = "(" + RESTORING + ", " + kind.ordinal() + ")";
        restoreLock = "SELECT pg_advisory_xact_lock" + restoring;
        notRestored = "pg_try_advisory_xact_lock_shared" + restoring;
        business = kind.has(Field.BUSINESS);
        heldColumns = "t.id, t.date, " + (business ? "t.business" : "NULL::varchar AS business")
                + ", t.category, (t.amount * 100)::bigint AS cents, t.account, t.currency, t.notes,"
                + " t.version, t.epoch, t.change_id, t.digest";
        find = "SELECT " + heldColumns + " FROM " + entries + " t WHERE t.id = $1";
        create = create(false);
        createKeyed = create(true);
        createMany = createMany();
        update = update(false);
        updateKeyed = update(true);
        delete = delete(false);
        deleteKeyed = delete(true);
        bulkDelete = bulkDelete();
        ofKey = "SELECT k.request, " + LOG_READ.replaceAll("(^|, )", "$1l.") + " FROM " + keys
                + " k LEFT JOIN LATERAL (SELECT c.position FROM " + log + " c WHERE c.entry_id = k.entry_id"
                + " AND c.version = k.version AND c.idempotency_key = k.key ORDER BY c.position DESC LIMIT 1) p ON true"
                + " LEFT JOIN " + log + " l ON l.position = p.position"
                + " WHERE k.key = $1::text AND k.used_at > $2::timestamptz - INTERVAL '24 hours' ORDER BY l.ordinal";
    }

    /** The digest computed from the columns of row {@code t}. */
    String actualDigest(String row) {
        return EntryDigest.sqlExpression(row, business);
    }

    /** The same as 32 hexadecimal digits. */
    String actualDigestHex(String row) {
        String uuid = actualDigest(row);
        if (!uuid.endsWith("::uuid")) {
            throw new IllegalStateException("the SQL digest is expected to be a cast to uuid");
        }
        return uuid.substring(0, uuid.length() - "::uuid".length());
    }

    /** Column list of an entry without version and digest. */
    String valueColumns(String prefix) {
        return prefix + "date, " + (business ? prefix + "business, " : "") + prefix + "category, " + prefix + "amount, "
                + prefix + "account, " + prefix + "currency, " + prefix + "notes";
    }

    /*
     * Parameters of create, update and delete:
     * $1 id, $2 epoch, $3 change id, $4 changed at, $5 by, $6 before, $7 key, $8 request digest, $9 version before
     * $10 after, $11 digest, $12 date, $13 category, $14 cents, $15 account, $16 currency, $17 notes, $18 change id before,
     * $19 business
     */

    private String writable() {
        return "s AS (SELECT decided_phase FROM " + state + " WHERE writable_epoch = $2::bigint)";
    }

    private String key(boolean keyed) {
        return keyed
                ? ", k AS (INSERT INTO " + keys + " AS x (key, request, entry_id, version, used_at)"
                        + " SELECT $7::text, $8::uuid, $1::bigint, $9::bigint + 1, $4::timestamptz FROM s"
                        + " ON CONFLICT (key) DO UPDATE SET request = excluded.request, entry_id = excluded.entry_id,"
                        + " version = excluded.version, used_at = excluded.used_at"
                        + " WHERE x.used_at <= excluded.used_at - INTERVAL '24 hours' RETURNING key)"
                : "";
    }

    private String record(String action, String at, String after, String digest) {
        return " INSERT INTO " + log + " (" + LOG_COLUMNS + ") SELECT nextval('" + positionSequence
                + "'), 0, $3::uuid, e.id, $9::bigint + 1, $2::bigint, s.decided_phase, '" + action + "', $3::uuid, 1, "
                + at
                + ", $5::text, $7::text, $8::uuid, $6::text::json, " + after + ", " + digest
                + " FROM e CROSS JOIN s RETURNING position, phase, changed_at";
    }

    private String notBeforeTheLast() {
        return "GREATEST($4::timestamptz, (SELECT max(c.changed_at) FROM " + log
                + " c WHERE c.entry_id = $1::bigint AND c.version = $9::bigint))";
    }

    private String create(boolean keyed) {
        return "WITH " + writable() + key(keyed) + ", e AS (INSERT INTO " + entries + " (id, "
                + valueColumns("") + ", version, epoch, change_id, digest) SELECT $1::bigint, $12::date, "
                + (business ? "$19::text, " : "") + "$13::text, $14::bigint * 0.01, $15::text, $16::text, $17::text,"
                + " $9::bigint + 1, $2::bigint, $3::uuid, $11::uuid FROM s" + (keyed ? ", k" : "")
                // an id that an import took out of the middle of a lease, and that was deleted since, is not given
                // again
                + " WHERE $18::uuid IS NULL AND NOT EXISTS (SELECT FROM " + tombstones + " x WHERE x.id = $1::bigint)"
                + (business ? "" : " AND $19::text IS NULL") + " RETURNING id)"
                + record("INSERT", "$4::timestamptz", "$10::text::json", "$11::uuid");
    }

    /**
     * Several creates, each a set of its own: all of them or, where one is refused, none; only those under a buried id are left out.
     *
     * <p>$1 ids, $2 epoch, $3 change ids, $4 changed at, $5 by, $6 afters, $7 digests, $8 dates, $9 categories, $10 cents,
     * $11 accounts, $12 currencies, $13 notes, $14 businesses.
     */
    private String createMany() {
        return "WITH " + writable()
                + ", c AS MATERIALIZED (SELECT u.* FROM unnest($1::bigint[], $3::uuid[], $5::text[],"
                + " $6::text[], $7::uuid[], $8::date[], $9::text[], $10::bigint[], $11::text[], $12::text[], $13::text[],"
                + " $14::text[]) AS u (id, change_id, by, after, digest, date, category, cents, account, currency, notes,"
                + " business) CROSS JOIN s WHERE NOT EXISTS (SELECT FROM " + tombstones + " x WHERE x.id = u.id)"
                + (business ? "" : " AND u.business IS NULL") + "), e AS (INSERT INTO " + entries + " (id, "
                + valueColumns("") + ", version, epoch, change_id, digest) SELECT c.id, c.date, "
                + (business ? "c.business, " : "") + "c.category, c.cents * 0.01, c.account, c.currency, c.notes, 1,"
                + " $2::bigint, c.change_id, c.digest FROM c RETURNING id) INSERT INTO " + log + " (" + LOG_COLUMNS
                + ") SELECT nextval('" + positionSequence + "'), 0, c.change_id, e.id, 1, $2::bigint, s.decided_phase,"
                + " 'INSERT', c.change_id, 1, $4::timestamptz, c.by, NULL, NULL, NULL, c.after::json, c.digest"
                + " FROM c JOIN e ON e.id = c.id CROSS JOIN s RETURNING position, phase, changed_at, entry_id";
    }

    private String update(boolean keyed) {
        return "WITH " + writable() + key(keyed) + ", e AS (UPDATE " + entries + " SET date = $12::date, "
                + (business ? "business = $19::text, " : "") + "category = $13::text, amount = $14::bigint * 0.01,"
                + " account = $15::text, currency = $16::text, notes = $17::text, version = $9::bigint + 1, epoch = $2::bigint,"
                + " change_id = $3::uuid, digest = $11::uuid WHERE " + asRead(keyed)
                + (business ? "" : " AND $19::text IS NULL") + " RETURNING id)"
                + record("UPDATE", notBeforeTheLast(), "$10::text::json", "$11::uuid");
    }

    /** Parameters as above, without those from $12 on but with $10 = change id before. */
    private String delete(boolean keyed) {
        return "WITH " + writable() + key(keyed) + ", e AS (DELETE FROM " + entries + " WHERE "
                + asRead(keyed).replace("$18", "$10")
                + " RETURNING id), d AS (INSERT INTO " + tombstones + " AS x (id, version, epoch, change_id)"
                + " SELECT e.id, $9::bigint + 1, $2::bigint, $3::uuid FROM e ON CONFLICT (id) DO UPDATE"
                + " SET version = excluded.version, epoch = excluded.epoch, change_id = excluded.change_id)"
                + record("DELETE", notBeforeTheLast(), "NULL", "NULL");
    }

    private static String asRead(boolean keyed) {
        return "id = $1::bigint AND version = $9::bigint AND change_id IS NOT DISTINCT FROM $18::uuid"
                + " AND EXISTS (SELECT FROM s)" + (keyed ? " AND EXISTS (SELECT FROM k)" : "");
    }

    /** $1 ids, $2 versions, $3 change ids, $4 befores, $5 epoch, $6 set id, $7 at, $8 by, $9 key, $10 request. */
    private String bulkDelete() {
        return "WITH s AS (SELECT decided_phase FROM " + state + " WHERE writable_epoch = $5::bigint),"
                + " c AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::text[])"
                + " WITH ORDINALITY AS u (id, version, change_id, before, nth)),"
                + " e AS (DELETE FROM " + entries + " t USING c, s WHERE t.id = c.id RETURNING t.id),"
                + " d AS (INSERT INTO " + tombstones + " AS x (id, version, epoch, change_id)"
                + " SELECT c.id, c.version, $5::bigint, c.change_id FROM c JOIN e ON e.id = c.id ON CONFLICT (id) DO UPDATE"
                + " SET version = excluded.version, epoch = excluded.epoch, change_id = excluded.change_id),"
                + " p AS MATERIALIZED (SELECT nextval('" + positionSequence + "') AS position,"
                + " GREATEST($7::timestamptz, (SELECT max(l.changed_at) FROM c JOIN " + log
                + " l ON l.entry_id = c.id AND l.version = c.version - 1)) AS at FROM s WHERE EXISTS (SELECT FROM e))"
                + " INSERT INTO " + log + " (" + LOG_COLUMNS
                + ") SELECT p.position, (c.nth - 1)::int, c.change_id, c.id,"
                + " c.version, $5::bigint, s.decided_phase, 'DELETE', $6::uuid, cardinality($1::bigint[]), p.at, $8::text,"
                + " $9::text, $10::uuid, c.before::json, NULL, NULL FROM c JOIN e ON e.id = c.id CROSS JOIN p CROSS JOIN s"
                + " RETURNING position, phase, changed_at";
    }
}
