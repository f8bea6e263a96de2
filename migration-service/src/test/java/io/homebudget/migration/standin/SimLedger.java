package io.homebudget.migration.standin;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryRepair;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.ImportBatch;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.internal.LoggedSet;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.internal.SchemaState;
import io.homebudget.ledger.internal.ShadowMismatch;
import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.ledgers.RecordedChange;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A ledger in memory: two stores, a log, a follower that applies it when told to. Small enough to be believed, and faults can be
 * put into its rows as SQL or an editor would. Not a store of the product.
 */
public final class SimLedger {
    public final String kind;
    private final Map<StoreName, Map<Long, Row>> stores = new EnumMap<>(StoreName.class);
    private final Map<Long, Row> disk = new TreeMap<>();
    private final Map<Long, Row> diskAgain = new TreeMap<>();
    private final List<Logged> log = new ArrayList<>();
    private Phase phase = Phase.JSON_ONLY;
    private long epoch = 1;
    private long followerPosition;
    private boolean followed = true;
    private String followerState = "none";
    private BackfillState backfill = new BackfillState("none", null, 0, 0, 0, 0, 0, 0, null);
    private boolean holdBackfill;
    private Instant phaseSince = Instant.EPOCH;
    private Phase pinned;
    private boolean rollbackReady = true;
    private int phaseChanges;
    private int repairs;
    private boolean forgetful;
    private final List<ShadowMismatch> shadows = new ArrayList<>();
    private long published = Long.MAX_VALUE;
    private final Map<String, ImportBatch.Done> imported = new LinkedHashMap<>();
    private WayBackClosing.Done closed;
    private final Map<Long, String> amounts = new TreeMap<>();
    private int repeatedBatches;
    private int schema = 1;
    private int newestSchema = 1;
    private int failSchemaAt;
    private boolean damagingSchema;
    private Runnable afterRepair;
    private Runnable duringLook;
    private String postgres = "connected";
    private int askedUntilBack;

    /** What a store holds under an id. @param recorded null where no change made it */
    public record Row(long version, long epoch, UUID changeId, UUID recorded, String value, boolean deleted) {}

    private record Logged(long position, long id, Row before, Row after) {}

    public SimLedger(String kind) {
        this.kind = kind;
        for (StoreName store : StoreName.values()) {
            stores.put(store, new TreeMap<>());
        }
    }

    public static UUID digest(long id, String value) {
        return EntryDigest.of(values(value).withId(id));
    }

    /** What an entry says whose category is the value. */
    public static EntryValues values(String value) {
        return new EntryValues("2026-01-31", null, value, 12_50, "cash", "EUR", null);
    }

    // ---- what clients do -----------------------------------------------------------------------------------------

    public synchronized void write(long id, String value) {
        Row before = stores.get(phase.primary()).get(id);
        long version = before == null ? lastVersion(id) + 1 : before.version() + 1;
        Row after = new Row(
                version, epoch, UUID.randomUUID(), value == null ? null : digest(id, value), value, value == null);
        commit(id, before, after);
    }

    public void delete(long id) {
        write(id, null);
    }

    private long lastVersion(long id) {
        return log.stream()
                .filter(logged -> logged.id() == id)
                .mapToLong(logged -> logged.after().version())
                .max()
                .orElse(0);
    }

    private void commit(long id, Row before, Row after) {
        log.add(new Logged(log.size() + 1L, id, before, after));
        if (phase.primary() == StoreName.JSON) {
            disk.put(id, after);
        }
        stores.get(phase.primary()).put(id, after);
    }

    // ---- what the follower does ----------------------------------------------------------------------------------

    /** Applies at most so many sets of the log. */
    public synchronized void apply(int most) {
        if (!phase.dual() || !followed) {
            return;
        }
        Map<Long, Row> follower = stores.get(phase.primary().other());
        for (int i = 0; i < most && followerPosition < log.size(); i++) {
            Logged next = log.get((int) followerPosition);
            Row there = follower.get(next.id());
            if (there == null || there.version() < next.after().version()) {
                follower.put(next.id(), next.after());
                if (phase.primary() == StoreName.POSTGRES) {
                    disk.put(next.id(), next.after());
                }
            }
            followerPosition++;
        }
    }

    /** Whether the follower applies what it is waited for; false is a follower that is away. */
    public synchronized void follow(boolean yes) {
        followed = yes;
        if (phase.dual() && !"needs_backfill".equals(followerState) && !"backfilling".equals(followerState)) {
            followerState = yes ? "following" : "away";
        }
    }

    // ---- faults --------------------------------------------------------------------------------------------------

    /** Changes what a store holds behind everybody's back; null removes the row. For JSON its disk too. */
    public synchronized void tamper(StoreName store, long id, Row row) {
        put(stores.get(store), id, row);
        if (store == StoreName.JSON) {
            put(disk, id, row);
        }
    }

    /** Changes the file only. */
    /** The file holds another record under the id, in front of the right one; null: no longer. */
    public synchronized void secondOnDisk(long id, Row row) {
        put(diskAgain, id, row);
    }

    public synchronized void tamperDisk(long id, Row row) {
        put(disk, id, row);
    }

    private static void put(Map<Long, Row> rows, long id, Row row) {
        if (row == null) {
            rows.remove(id);
        } else {
            rows.put(id, row);
        }
    }

    public synchronized Row row(StoreName store, long id) {
        return stores.get(store).get(id);
    }

    public synchronized List<Long> liveIds(StoreName store) {
        return stores.get(store).entrySet().stream()
                .filter(entry -> !entry.getValue().deleted())
                .map(Map.Entry::getKey)
                .toList();
    }

    // ---- the internal API ----------------------------------------------------------------------------------------

    public synchronized LedgerState state() {
        if (askedUntilBack > 0 && --askedUntilBack == 0) {
            postgres = "connected";
        }
        boolean dual = phase.dual();
        Map<String, Long> entries = new LinkedHashMap<>();
        entries.put("json", count(StoreName.JSON));
        entries.put("postgres", phase == Phase.JSON_ONLY ? null : count(StoreName.POSTGRES));
        long lag = dual ? log.size() - followerPosition : 0;
        return new LedgerState(
                kind,
                phase,
                epoch,
                phase.primary().word(),
                dual ? phase.primary().other().word() : null,
                dual ? followerState : "none",
                !dual || lag == 0,
                lag,
                0,
                Math.max(0, log.size() - published),
                "running",
                entries,
                0,
                0,
                log.size(),
                followerPosition,
                rollbackReady && closed == null && phase != Phase.JSON_ONLY,
                closed != null ? closed.sentence() : rollbackReady ? "JSON is in sync." : "JSON is not in sync.",
                pinned,
                Map.of("json", closed == null ? "connected" : "closed", "postgres", postgres),
                "" + schema,
                schema < newestSchema ? "" + newestSchema : null,
                UUID.nameUUIDFromBytes(kind.getBytes(StandardCharsets.UTF_8)),
                phaseSince,
                List.of());
    }

    private long count(StoreName store) {
        return liveIds(store).size();
    }

    /** Gives the JSON store up, as the ledger service does. */
    public synchronized WayBackClosing.Done closeWayBack(WayBackClosing closing) {
        if (phase != Phase.DATABASE_ONLY) {
            throw new Refusal(409, "in DATABASE_ONLY only");
        }
        if (closed == null) {
            closed = new WayBackClosing.Done(
                    "/archive/json_backup_" + kind + ".tar.gz", 1, Instant.now(), closing.actor(), closing.reason());
        }
        return closed;
    }

    /** A problem's status and text, or null where it went well. */
    public synchronized PhaseChange.Done change(PhaseChange change) {
        if (closed != null) {
            throw new Refusal(409, closed.sentence());
        }
        if (!phase.isNeighbourOf(change.target())) {
            throw new Refusal(409, "not a neighbour");
        }
        if (change.expectedEpoch() != null && change.expectedEpoch() != epoch) {
            throw new Refusal(409, "epoch " + epoch + " rules");
        }
        if (phase.dual() && change.target().primary() != phase.primary()) {
            apply(Integer.MAX_VALUE);
            if (followerPosition < log.size()) {
                throw new Refusal(503, "the follower is behind");
            }
        }
        boolean wasSingle = !phase.dual();
        Phase from = phase;
        phase = change.target();
        epoch++;
        phaseChanges++;
        phaseSince = Instant.now();
        if (!phase.dual()) {
            followerState = "none";
        } else if (wasSingle && from == Phase.JSON_ONLY) {
            followerState = "needs_backfill";
            followerPosition = log.size();
        } else {
            followerState = "following";
        }
        return new PhaseChange.Done(phase, epoch, log.size(), 3, null);
    }

    public synchronized BackfillState startBackfill() {
        if (!phase.dual()) {
            throw new Refusal(409, "there is no follower");
        }
        long total = count(phase.primary());
        backfill =
                new BackfillState("running", phase.primary().other().word(), epoch, total / 2, total, 0, 0, 0.1, null);
        followerState = "backfilling";
        return backfill;
    }

    public synchronized BackfillState backfill() {
        if ("running".equals(backfill.state()) && !holdBackfill) {
            Map<Long, Row> target = stores.get(phase.primary().other());
            target.clear();
            target.putAll(stores.get(phase.primary()));
            if (phase.primary() == StoreName.POSTGRES) {
                disk.clear();
                disk.putAll(target);
            }
            followerPosition = log.size();
            followerState = "following";
            long total = backfill.total();
            backfill = new BackfillState("succeeded", backfill.target(), epoch, total, total, total, 0, 0.2, null);
        }
        return backfill;
    }

    public synchronized BackfillState cancelBackfill() {
        if ("running".equals(backfill.state())) {
            backfill = new BackfillState("cancelled", backfill.target(), epoch, 0, backfill.total(), 0, 0, 0.1, null);
            followerState = "needs_backfill";
        }
        return backfill;
    }

    public synchronized long head() {
        return log.size();
    }

    /** The position once passed; -1 where the follower does not get there. */
    public synchronized long await(long position) {
        apply((int) Math.max(0, position - followerPosition));
        return followerPosition >= position ? followerPosition : -1;
    }

    public synchronized BucketDigests digests(StoreName store, int buckets, boolean fromDisk) {
        long[] counts = new long[buckets];
        long[] damaged = new long[buckets];
        long[] high = new long[buckets];
        long[] low = new long[buckets];
        long entries = 0;
        for (Map.Entry<Long, Row> entry : all(store, fromDisk)) {
            if (!entry.getValue().deleted()) {
                int bucket = (int) (entry.getKey() % buckets);
                UUID digest = digest(entry.getKey(), entry.getValue().value());
                counts[bucket]++;
                damaged[bucket] += fromDisk || digest.equals(entry.getValue().recorded()) ? 0 : 1;
                high[bucket] ^= digest.getMostSignificantBits();
                low[bucket] ^= digest.getLeastSignificantBits();
                entries++;
            }
        }
        long position = store == phase.primary() ? log.size() : followerPosition;
        return new BucketDigests(position, entries, buckets, counts, damaged, high, low);
    }

    public synchronized List<EntryState> bucket(StoreName store, int buckets, int bucket, boolean fromDisk) {
        return all(store, fromDisk).stream()
                .filter(entry -> entry.getKey() % buckets == bucket)
                .map(entry -> state(entry.getKey(), entry.getValue()))
                .toList();
    }

    public synchronized List<EntryState> states(StoreName store, Collection<Long> ids) {
        Runnable happening = duringLook;
        duringLook = null;
        if (happening != null) {
            happening.run();
        }
        return ids.stream()
                .filter(stores.get(store)::containsKey)
                .map(id -> state(id, stores.get(store).get(id)))
                .toList();
    }

    public synchronized List<EntryImage> images(StoreName store, Collection<Long> ids, boolean onDisk) {
        Map<Long, Row> rows = onDisk ? disk : stores.get(store);
        return ids.stream()
                .filter(rows::containsKey)
                .map(id -> image(id, rows.get(id)))
                .toList();
    }

    private static EntryImage image(long id, Row row) {
        return new EntryImage(
                id,
                row.version(),
                row.epoch(),
                row.changeId(),
                row.deleted(),
                row.recorded(),
                row.deleted() ? null : values(row.value()));
    }

    /** What the last change recorded, written where the damaged side is what was seen; no change follows. */
    public synchronized EntryRepair.Done repair(EntryRepair asked) {
        repairs++;
        duringLook = afterRepair;
        afterRepair = null;
        if (forgetful) {
            return new EntryRepair.Done("unknown", 0, null);
        }
        StoreName store = StoreName.valueOf(asked.store().toUpperCase(Locale.ROOT));
        Row there = stores.get(store).get(asked.entryId());
        Row recorded = log.stream()
                .filter(logged -> logged.id() == asked.entryId())
                .map(Logged::after)
                .reduce((before, after) -> after)
                .orElse(null);
        if (Objects.equals(there, recorded)) {
            if (store == StoreName.JSON) {
                put(disk, asked.entryId(), recorded);
            }
            return new EntryRepair.Done("intact", there == null ? 0 : there.version(), null);
        }
        UUID actual = there == null || there.deleted() ? null : digest(asked.entryId(), there.value());
        long version = there == null ? 0 : there.version();
        if (version != asked.seenVersion() || !Objects.equals(actual, asked.seenActual())) {
            return new EntryRepair.Done("moved", version, null);
        }
        tamper(store, asked.entryId(), recorded);
        return new EntryRepair.Done("repaired", recorded == null ? 0 : recorded.version(), "log");
    }

    /** Happens once, while somebody looks at entries after the next repair. */
    public synchronized void duringTheLookAfterARepair(Runnable happening) {
        afterRepair = happening;
    }

    /** Every repair answers {@code unknown} from now on: nobody tells what was recorded. */
    public synchronized void forgetWhatWasRecorded() {
        forgetful = true;
    }

    /** A sampled read that both stores answered differently. */
    public synchronized void shadowMismatch(String request, Long... ids) {
        shadows.add(new ShadowMismatch(
                shadows.size() + 1,
                Instant.EPOCH,
                phase,
                epoch,
                request,
                phase.primary().word(),
                log.size(),
                List.of(ids),
                "one answer",
                "another answer"));
    }

    public synchronized List<ShadowMismatch> shadowReads(long after) {
        return shadows.stream().filter(one -> one.number() > after).toList();
    }

    /** How often somebody asked for a repair. */
    public synchronized int repairs() {
        return repairs;
    }

    public synchronized List<RecordedChange> changes(long id, int limit, long fromVersion) {
        List<RecordedChange> changes = new ArrayList<>();
        for (int i = log.size() - 1; i >= 0 && changes.size() < limit; i--) {
            if (log.get(i).id() == id && log.get(i).after().version() >= fromVersion) {
                changes.add(change(log.get(i)));
            }
        }
        return changes;
    }

    private static RecordedChange change(Logged logged) {
        Row after = logged.after();
        return new RecordedChange(
                after.changeId(),
                logged.id(),
                after.version(),
                after.deleted(),
                after.recorded(),
                logged.position(),
                Instant.EPOCH,
                "user",
                after.deleted() ? null : values(after.value()));
    }

    /** The log after a position. */
    public synchronized List<RecordedChange> log(long after) {
        return log.stream()
                .filter(logged -> logged.position() > after)
                .map(SimLedger::change)
                .toList();
    }

    /** A page of the log, one change a set. */
    public synchronized LogPage page(long after, int max) {
        List<LoggedSet> sets = log.stream()
                .filter(logged -> logged.position() > after)
                .limit(max)
                .map(SimLedger::set)
                .toList();
        return new LogPage(
                sets, sets.isEmpty() ? log.size() : sets.get(sets.size() - 1).position(), false);
    }

    private static LoggedSet set(Logged logged) {
        Row before = logged.before();
        Row after = logged.after();
        boolean there = before != null && !before.deleted();
        Action action = after.deleted() ? Action.DELETED : there ? Action.UPDATED : Action.CREATED;
        LoggedSet.Logged change = new LoggedSet.Logged(
                after.changeId(),
                logged.id(),
                after.version(),
                action,
                there ? values(before.value()) : null,
                after.deleted() ? null : values(after.value()),
                after.recorded());
        return new LoggedSet(
                logged.position(),
                after.changeId(),
                after.epoch(),
                Phase.DUAL_WRITE,
                Instant.EPOCH,
                "user",
                null,
                null,
                List.of(change));
    }

    /** The publisher stands at this position; the largest number, as from the beginning: always at the head. */
    public synchronized void published(long position) {
        published = position;
    }

    private Map<Long, Row> rows(StoreName store, boolean fromDisk) {
        return store == StoreName.JSON && fromDisk ? disk : stores.get(store);
    }

    private List<Map.Entry<Long, Row>> all(StoreName store, boolean fromDisk) {
        List<Map.Entry<Long, Row>> all = new ArrayList<>();
        if (store == StoreName.JSON && fromDisk) {
            all.addAll(diskAgain.entrySet());
        }
        all.addAll(rows(store, fromDisk).entrySet());
        return all;
    }

    private static EntryState state(long id, Row row) {
        return new EntryState(
                id,
                row.version(),
                row.epoch(),
                row.changeId(),
                row.deleted(),
                row.recorded(),
                row.deleted() ? null : digest(id, row.value()));
    }

    // ---- imports -------------------------------------------------------------------------------------------------

    /** Takes records as the ledger does: an amount must be there, an id is kept where it was never given. */
    public synchronized ImportBatch.Done takeIn(ImportBatch batch) {
        ImportBatch.Done before = imported.get(batch.key());
        if (before != null) {
            repeatedBatches++;
            return before;
        }
        List<ImportBatch.Outcome> outcomes = new ArrayList<>();
        for (JsonNode record : batch.records()) {
            Long wanted = record.hasNonNull("id") ? record.get("id").asLong() : null;
            if (!record.hasNonNull("amount")) {
                outcomes.add(new ImportBatch.Outcome(null, wanted, "amount", "must be there"));
                continue;
            }
            boolean free = wanted != null && !stores.get(phase.primary()).containsKey(wanted);
            long id = free
                    ? wanted
                    : Math.max(
                                    batch.newIdsAbove() == null ? 0 : batch.newIdsAbove(),
                                    stores.get(phase.primary()).keySet().stream()
                                            .max(Long::compare)
                                            .orElse(0L))
                            + 1;
            write(id, record.path("category").asText());
            amounts.put(id, record.get("amount").asText());
            outcomes.add(new ImportBatch.Outcome(id, wanted, null, null));
        }
        ImportBatch.Done done = new ImportBatch.Done(outcomes);
        imported.put(batch.key(), done);
        return done;
    }

    public synchronized int importedBatches() {
        return imported.size();
    }

    public synchronized int repeatedBatches() {
        return repeatedBatches;
    }

    public synchronized String amount(long id) {
        return amounts.get(id);
    }

    // ---- the schema ----------------------------------------------------------------------------------------------

    public synchronized SchemaState schema() {
        List<SchemaState.Step> history = new ArrayList<>();
        List<SchemaState.Step> pending = new ArrayList<>();
        for (int version = 1; version <= newestSchema; version++) {
            boolean there = version <= schema;
            SchemaState.Step step = new SchemaState.Step(
                    "" + version,
                    "step " + version,
                    there ? "success" : "pending",
                    there ? Instant.EPOCH.plusSeconds(version) : null,
                    there ? 5L : null,
                    there ? null : "ALTER TABLE expenses ADD COLUMN c" + version + " TEXT;");
            (there ? history : pending).add(step);
        }
        return new SchemaState("" + schema, "" + newestSchema, true, schema > 1, pending, history);
    }

    public synchronized SchemaState updateSchema() {
        if (damagingSchema) {
            stores.get(StoreName.POSTGRES)
                    .replaceAll((id, row) -> new Row(
                            row.version(), row.epoch(), row.changeId(), row.recorded(), "harmed", row.deleted()));
        }
        if (failSchemaAt > schema && failSchemaAt <= newestSchema) {
            schema = failSchemaAt - 1;
            throw new Refusal(409, "step " + failSchemaAt + " failed and was rolled back");
        }
        schema = newestSchema;
        return schema();
    }

    public synchronized SchemaState undoSchema() {
        if (schema <= 1) {
            throw new Refusal(409, "nothing can be undone");
        }
        schema--;
        return schema();
    }

    /** The steps change values that they should leave alone, also one that fails. */
    public synchronized void damagingSchema(boolean yes) {
        damagingSchema = yes;
    }

    /** The follower anew from the primary, as a restore of its store ends. */
    public synchronized void rebuildFollower() {
        stores.get(phase.primary().other()).clear();
        stores.get(phase.primary().other()).putAll(stores.get(phase.primary()));
    }

    /** A newer version of the service knows more steps; one of them fails where {@code failsAt} is not 0. */
    public synchronized void newestSchema(int newest, int failsAt) {
        newestSchema = newest;
        failSchemaAt = failsAt;
        schema = Math.min(schema, newest);
    }

    // ---- for tests -----------------------------------------------------------------------------------------------

    /** Takes both stores to a dual phase in which they are equal. */
    public synchronized void dual(Phase wanted) {
        if (wanted.primary() == StoreName.POSTGRES) {
            stores.get(StoreName.POSTGRES).putAll(stores.get(StoreName.JSON));
        }
        phase = wanted;
        closed = wanted == Phase.DATABASE_ONLY ? closed : null;
        backfill = new BackfillState("running", "x", epoch, 0, count(wanted.primary()), 0, 0, 0, null);
        holdBackfill = false;
        backfill();
    }

    public synchronized void holdBackfill(boolean hold) {
        holdBackfill = hold;
    }

    /** What the ledger says of PostgreSQL. */
    public synchronized void postgres(String how) {
        postgres = how;
    }

    /** So many questions for the state from now, the last of them is answered with a PostgreSQL that is back. */
    public synchronized void postgresIsBackWhenAsked(int times) {
        askedUntilBack = times;
    }

    /** As a service that was started again: it counts its phase from now. */
    public synchronized void startedAgain() {
        phaseSince = Instant.now();
    }

    public synchronized void pin(Phase wanted) {
        pinned = wanted;
    }

    public synchronized void rollbackReady(boolean ready) {
        rollbackReady = ready;
    }

    public synchronized Phase phase() {
        return phase;
    }

    public synchronized long epoch() {
        return epoch;
    }

    public synchronized int phaseChanges() {
        return phaseChanges;
    }

    /** A no with its HTTP status. */
    public static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        public final int status;

        Refusal(int status, String detail) {
            super(detail);
            this.status = status;
        }
    }
}
