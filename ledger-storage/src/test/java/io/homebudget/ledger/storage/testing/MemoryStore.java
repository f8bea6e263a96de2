package io.homebudget.ledger.storage.testing;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.ApplyReport;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.Decider;
import io.homebudget.ledger.storage.store.GroupTotal;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Handover;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.InSyncMark;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.LogSlice;
import io.homebudget.ledger.storage.store.LoggedChange;
import io.homebudget.ledger.storage.store.Mend;
import io.homebudget.ledger.storage.store.Mended;
import io.homebudget.ledger.storage.store.Restoration;
import io.homebudget.ledger.storage.store.RestoreReport;
import io.homebudget.ledger.storage.store.Standing;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.SyncReport;
import io.homebudget.ledger.storage.store.Tombstone;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The contract of {@link LedgerStore} as plainly as it can be written: everything in maps, every call under one lock. It is the
 * stand-in for both stores where thousands of histories with faults must run in seconds; the real ones are held to the same
 * conformance suite. It survives the "crash" of an engine, as a store does.
 */
public final class MemoryStore implements LedgerStore, InSyncMark {
    private final StoreName name;
    private final TreeMap<Long, Held> live = new TreeMap<>();
    private final TreeMap<Long, Tombstone> tombstones = new TreeMap<>();
    private final TreeMap<Long, ChangeSet> log = new TreeMap<>();
    private final Map<String, ChangeSet> keys = new HashMap<>();
    private long head;
    private long cutThrough;
    /** The other store may have given positions up to here. */
    private long floor;
    /** What an interrupted synchronisation has staged, and for which epoch. */
    private final TreeMap<Long, ImageRow> staged = new TreeMap<>();

    private long stagedEpoch;
    private long ids;
    private Optional<Rule> decided = Optional.empty();
    private Optional<Rule> prepared = Optional.empty();
    private long ruledFrom;
    private UUID identity;
    private Standing.FollowerState followerState = Standing.FollowerState.FOLLOWING;
    private Optional<Long> published = Optional.of(0L);
    private boolean mark;
    private boolean writable;

    private boolean away;
    private boolean loseNextAnswer;

    public MemoryStore(StoreName name) {
        this.name = name;
    }

    // ---- faults --------------------------------------------------------------------------------------------------

    /** While true, every call fails and does nothing. */
    public synchronized void away(boolean isAway) {
        away = isAway;
    }

    /** The next changing call takes effect and its answer is lost. */
    public synchronized void loseNextAnswer() {
        loseNextAnswer = true;
    }

    public synchronized void clearFaults() {
        away = false;
        loseNextAnswer = false;
    }

    public synchronized Map<Long, Held> liveEntries() {
        return new TreeMap<>(live);
    }

    /** Other values under an id, its digest and its change untouched: what a stray update does. */
    public synchronized void damage(long id, long cents) {
        Held held = live.get(id);
        Entry e = held.entry();
        Entry other = new Entry(id, e.date(), e.business(), e.category(), cents, e.account(), e.currency(), e.notes());
        live.put(id, new Held(other, held.version(), held.epoch(), held.changeId(), held.digest()));
    }

    public synchronized void lose(long id) {
        live.remove(id);
        tombstones.remove(id);
    }

    /** An entry that no change made. */
    public synchronized void add(Entry entry) {
        live.put(entry.id(), new Held(entry, 0, 0, null, null));
    }

    public synchronized long ruledFrom() {
        return ruledFrom;
    }

    public synchronized Optional<Rule> decidedRule() {
        return decided;
    }

    /** What {@code Attachment.Database} needs of a PostgreSQL. */
    public Uni<Void> fence() {
        return changing(() -> {
            writable = false;
            return null;
        });
    }

    public Uni<Integer> undoBeyond(long position, MemoryStore truth) {
        return changing(() -> {
            Map<Long, ChangeSet> beyond = new TreeMap<>(log.tailMap(position, false));
            Set<Long> touched = new HashSet<>();
            beyond.values().forEach(set -> set.changes().forEach(change -> touched.add(change.entryId())));
            log.keySet().removeAll(beyond.keySet());
            keys.values().removeIf(set -> beyond.containsKey(set.position()));
            head = Math.min(head, position);
            cutThrough = Math.min(cutThrough, position);
            for (long id : touched) {
                live.remove(id);
                tombstones.remove(id);
                synchronized (truth) {
                    if (truth.live.containsKey(id)) {
                        live.put(id, truth.live.get(id));
                    } else if (truth.tombstones.containsKey(id)) {
                        tombstones.put(id, truth.tombstones.get(id));
                    }
                }
            }
            return beyond.size();
        });
    }

    private synchronized <T> Uni<T> asking(Supplier<T> question) {
        if (away) {
            return Uni.createFrom().failure(new StoreAway(name, "is away", null));
        }
        try {
            return Uni.createFrom().item(question.get());
        } catch (RuntimeException e) {
            return Uni.createFrom().failure(e);
        }
    }

    private synchronized <T> Uni<T> changing(Supplier<T> change) {
        Uni<T> done = asking(change);
        if (!away && loseNextAnswer) {
            loseNextAnswer = false;
            return Uni.createFrom().failure(new StoreAway(name, "the answer was lost", null));
        }
        return done;
    }

    // ---- reading -------------------------------------------------------------------------------------------------

    @Override
    public StoreName name() {
        return name;
    }

    @Override
    public Uni<Held> find(long id) {
        return asking(() -> live.get(id));
    }

    @Override
    public Multi<List<Held>> list(Listing listing) {
        return asking(() -> Selecting.chunks(Selecting.select(live.values(), listing)))
                .onItem()
                .transformToMulti(chunks -> Multi.createFrom().iterable(chunks));
    }

    @Override
    public Uni<List<GroupTotal>> summarize(Grouping by, Listing filter) {
        return asking(() -> Selecting.totals(live.values(), by, filter));
    }

    @Override
    public Uni<Long> count() {
        return asking(() -> (long) live.size());
    }

    @Override
    public Uni<List<LoggedChange>> audit(AuditQuery query) {
        return asking(() -> Selecting.changes(log.values(), query));
    }

    // ---- writing -------------------------------------------------------------------------------------------------

    @Override
    public synchronized Uni<WriteOutcome> write(WriteRequest request, long epoch) {
        if (away) {
            return Uni.createFrom().item(new WriteOutcome.NotWritten("away"));
        }
        WriteOutcome outcome = decideWrite(request, epoch);
        if (loseNextAnswer && outcome instanceof WriteOutcome.Written) {
            loseNextAnswer = false;
            outcome = new WriteOutcome.Unknown("the answer was lost");
        }
        return Uni.createFrom().item(outcome);
    }

    private WriteOutcome decideWrite(WriteRequest request, long epoch) {
        if (!writable || decided.isEmpty() || decided.get().epoch() != epoch) {
            return new WriteOutcome.Fenced();
        }
        if (request.key() != null && keys.containsKey(request.key().key())) {
            ChangeSet first = keys.get(request.key().key());
            return first.key().request().equals(request.key().request())
                    ? new WriteOutcome.Written(first, true)
                    : new WriteOutcome.Refused(Decider.KEY_REUSED);
        }
        List<Change> changes = new ArrayList<>();
        Intent intent = request.intent();
        if (intent instanceof Intent.Create create) {
            changes.add(Decider.create(create.draft(), ++ids, 0, id()));
        } else if (intent instanceof Intent.Import records) {
            Set<Long> kept = new HashSet<>();
            for (Entry draft : records.drafts()) {
                boolean free = Intent.Import.mayKeep(draft)
                        && !live.containsKey(draft.id())
                        && !tombstones.containsKey(draft.id());
                if (free && kept.add(draft.id())) {
                    ids = Math.max(ids, draft.id());
                }
            }
            ids = Math.max(ids, records.newAbove());
            for (Entry draft : records.drafts()) {
                changes.add(Decider.create(draft, kept.remove(draft.id()) ? draft.id() : ++ids, 0, id()));
            }
        } else if (intent instanceof Intent.BulkDelete bulk) {
            bulk.ids().stream()
                    .filter(live::containsKey)
                    .forEach(id -> changes.add(Decider.deletion(live.get(id), id())));
            if (changes.isEmpty()) {
                return new WriteOutcome.Unchanged(null);
            }
        } else {
            Decider.Decision decision = intent instanceof Intent.Modify modify
                    ? Decider.modify(modify, live.get(modify.id()), id())
                    : Decider.delete((Intent.Delete) intent, live.get(((Intent.Delete) intent).id()), id());
            if (decision.refusal() != null) {
                return new WriteOutcome.Refused(decision.refusal());
            }
            if (decision.unchanged()) {
                return new WriteOutcome.Unchanged(live.get(((Intent.Modify) intent).id()));
            }
            changes.add(decision.change());
        }
        ChangeSet set = new ChangeSet(
                Math.max(head, floor) + 1,
                changes.get(0).id(),
                decided.get(),
                Instant.now().truncatedTo(ChronoUnit.MICROS),
                request.by(),
                request.key(),
                changes);
        append(set);
        changes.forEach(change -> put(change, epoch));
        return new WriteOutcome.Written(set, false);
    }

    private void append(ChangeSet set) {
        log.put(set.position(), set);
        head = Math.max(head, set.position());
        if (set.key() != null) {
            keys.put(set.key().key(), set);
        }
    }

    private void put(Change change, long epoch) {
        if (change.after() == null) {
            live.remove(change.entryId());
            tombstones.put(change.entryId(), Tombstone.after(change, epoch));
        } else {
            tombstones.remove(change.entryId());
            live.put(change.entryId(), Held.after(change, epoch));
        }
        ids = Math.max(ids, change.entryId());
    }

    private static UUID id() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new UUID(random.nextLong(), random.nextLong());
    }

    // ---- log and following ---------------------------------------------------------------------------------------

    @Override
    public Uni<Long> head() {
        return asking(() -> head);
    }

    @Override
    public Uni<LogSlice> log(long after, int maxChanges) {
        return asking(() -> {
            if (after < cutThrough) {
                return new LogSlice(List.of(), after, true);
            }
            List<ChangeSet> sets = log.tailMap(after, false).values().stream()
                    .limit(Math.max(1, maxChanges / 10))
                    .toList();
            boolean all = sets.isEmpty() || sets.get(sets.size() - 1).position() == log.lastKey();
            return new LogSlice(
                    sets,
                    all ? Math.max(after, head) : sets.get(sets.size() - 1).position(),
                    false);
        });
    }

    @Override
    public Uni<Long> logFrom() {
        return asking(() -> cutThrough);
    }

    @Override
    public Uni<Integer> prune(List<Tombstone> gone, long epoch) {
        return changing(() -> {
            requireLeads(epoch);
            int before = tombstones.size();
            gone.forEach(tombstone -> tombstones.remove(tombstone.id(), tombstone));
            return before - tombstones.size();
        });
    }

    @Override
    public Uni<Void> cutLog(long through) {
        return changing(() -> {
            cutThrough = Math.max(cutThrough, through);
            log.headMap(through, true).clear();
            return null;
        });
    }

    @Override
    public Uni<ApplyReport> apply(List<ChangeSet> sets, long through, long epoch) {
        return changing(() -> {
            requireLeads(epoch);
            int applied = 0;
            int skipped = 0;
            List<ApplyReport.Orphan> orphans = new ArrayList<>();
            for (ChangeSet set : sets) {
                if (set.position() <= head) {
                    skipped += set.changes().size();
                    continue;
                }
                List<Change> kept = new ArrayList<>();
                List<Change> lost = new ArrayList<>();
                for (Change change : set.changes()) {
                    ImageRow standing = row(change.entryId());
                    boolean rival = isRival(standing, change);
                    boolean wins =
                            supersedes(standing, change.version(), set.rule().epoch());
                    if (wins) {
                        if (rival) {
                            orphans.add(takeOutOfTheLog(changeOf(standing)));
                        }
                        put(change, set.rule().epoch());
                        applied++;
                    } else {
                        skipped++;
                    }
                    (rival && !wins ? lost : kept).add(change);
                }
                if (!lost.isEmpty()) {
                    orphans.add(new ApplyReport.Orphan(only(set, lost), "it lost"));
                }
                if (!kept.isEmpty()) {
                    append(only(set, kept));
                }
                head = Math.max(head, set.position());
            }
            head = Math.max(head, through);
            return new ApplyReport(applied, skipped, orphans);
        });
    }

    private void requireLeads(long epoch) {
        if (decided.isPresent() && decided.get().epoch() > epoch) {
            throw new StoreFenced(name, epoch, decided.get().epoch());
        }
    }

    /** Whether another change stands at the same version (A35). */
    private static boolean isRival(ImageRow standing, Change change) {
        return standing != null
                && standing.version() == change.version()
                && changeOf(standing) != null
                && !changeOf(standing).equals(change.id());
    }

    private static UUID changeOf(ImageRow row) {
        return row.held() != null ? row.held().changeId() : row.tombstone().changeId();
    }

    private ApplyReport.Orphan takeOutOfTheLog(UUID change) {
        for (ChangeSet set : List.copyOf(log.values())) {
            List<Change> lost =
                    set.changes().stream().filter(c -> c.id().equals(change)).toList();
            if (!lost.isEmpty()) {
                List<Change> kept = set.changes().stream()
                        .filter(c -> !c.id().equals(change))
                        .toList();
                log.remove(set.position());
                if (!kept.isEmpty()) {
                    log.put(set.position(), only(set, kept));
                }
                return new ApplyReport.Orphan(only(set, lost), "it stood and lost");
            }
        }
        throw new IllegalStateException("change " + change + " is not in the log");
    }

    private static ChangeSet only(ChangeSet set, List<Change> changes) {
        return new ChangeSet(set.position(), set.id(), set.rule(), set.at(), set.by(), set.key(), changes);
    }

    private static boolean supersedes(ImageRow standing, long version, long epoch) {
        if (standing == null) {
            return true;
        }
        long itsEpoch = standing.held() != null
                ? standing.held().epoch()
                : standing.tombstone().epoch();
        return Decider.supersedes(version, epoch, standing.version(), itsEpoch);
    }

    @Override
    public Uni<Void> skipTo(long position, long epoch) {
        return changing(() -> {
            requireLeads(epoch);
            followerState = Standing.FollowerState.NEEDS_BACKFILL;
            head = Math.max(head, position);
            cutThrough = Math.max(cutThrough, position);
            log.headMap(position, true).clear();
            return null;
        });
    }

    @Override
    public Uni<SyncReport> synchronize(Image image, long standAt, long epoch, SyncListener listener) {
        return asking(() -> {
                    requireLeads(epoch);
                    if (stagedEpoch != epoch) {
                        staged.clear();
                        stagedEpoch = epoch;
                    }
                    listener.staged(staged.size(), image.rows());
                    return staged.isEmpty() ? 0 : staged.lastKey();
                })
                .chain(behind -> image.chunks()
                        .onItem()
                        .invoke(chunk -> stage(chunk, behind, image.rows(), listener))
                        .collect()
                        .asList())
                .chain(chunks -> changing(() -> merged(image, standAt, epoch)));
    }

    private synchronized void stage(List<ImageRow> chunk, long behind, long total, SyncListener listener) {
        if (listener.cancelled()) {
            throw new CancellationException("cancelled");
        }
        chunk.stream().filter(row -> row.id() > behind).forEach(row -> staged.put(row.id(), row));
        listener.staged(staged.size(), total);
    }

    private SyncReport merged(Image image, long standAt, long epoch) {
        requireLeads(epoch);
        if (cutThrough > image.position() && followerState == Standing.FollowerState.NEEDS_BACKFILL) {
            staged.clear();
            throw new StoreAway(name, "the log was cut meanwhile: start it anew", null);
        }
        Set<Long> seen = Set.copyOf(staged.keySet());
        long written = staged.values().stream().filter(this::merge).count();
        staged.clear();
        int before = live.size() + tombstones.size();
        live.values().removeIf(held -> !seen.contains(held.entry().id()) && held.epoch() < epoch);
        tombstones.values().removeIf(gone -> !seen.contains(gone.id()) && gone.epoch() < epoch);
        if (standAt > head) {
            // the log lacks what was between
            head = standAt;
            cutThrough = Math.max(cutThrough, standAt);
            log.headMap(standAt, true).clear();
        }
        followerState = Standing.FollowerState.FOLLOWING;
        return new SyncReport(seen.size(), written, seen.size() - written, before - live.size() - tombstones.size());
    }

    private boolean merge(ImageRow row) {
        long epoch = row.held() != null ? row.held().epoch() : row.tombstone().epoch();
        if (!supersedes(row(row.id()), row.version(), epoch)) {
            return false;
        }
        live.remove(row.id());
        tombstones.remove(row.id());
        if (row.held() != null) {
            live.put(row.id(), row.held());
        } else {
            tombstones.put(row.id(), row.tombstone());
        }
        ids = Math.max(ids, row.id());
        return true;
    }

    @Override
    public Uni<Image> image(long afterId) {
        return asking(() -> {
            TreeMap<Long, ImageRow> rows = new TreeMap<>();
            live.tailMap(afterId, false).forEach((id, held) -> rows.put(id, new ImageRow(held, null)));
            tombstones.tailMap(afterId, false).forEach((id, gone) -> rows.put(id, new ImageRow(null, gone)));
            return new Image(head, rows.size(), Multi.createFrom().item(List.copyOf(rows.values())));
        });
    }

    @Override
    public Uni<RestoreReport> restore(
            Image target, Restoration restoration, long epoch, Supplier<CompletionStage<Void>> fence) {
        throw new UnsupportedOperationException("restores are tested on the real stores");
    }

    // ---- comparing -----------------------------------------------------------------------------------------------

    @Override
    public Uni<BucketDigests> digests(int buckets, DataSource source) {
        return asking(() -> {
            BucketDigests digests = new BucketDigests(
                    head,
                    live.size(),
                    buckets,
                    new long[buckets],
                    new long[buckets],
                    new long[buckets],
                    new long[buckets]);
            live.forEach((id, held) -> {
                UUID digest = EntryDigest.of(held.entry());
                int bucket = (int) (id % buckets);
                digests.counts()[bucket]++;
                digests.damaged()[bucket] += digest.equals(held.digest()) ? 0 : 1;
                digests.high()[bucket] ^= digest.getMostSignificantBits();
                digests.low()[bucket] ^= digest.getLeastSignificantBits();
            });
            return digests;
        });
    }

    @Override
    public Uni<List<EntryState>> states(int buckets, int bucket, DataSource source) {
        return asking(() -> Stream.concat(live.keySet().stream(), tombstones.keySet().stream())
                .filter(id -> id % buckets == bucket)
                .map(this::state)
                .toList());
    }

    @Override
    public Uni<List<EntryState>> states(Collection<Long> ids) {
        return asking(() -> ids.stream()
                .filter(id -> live.containsKey(id) || tombstones.containsKey(id))
                .map(this::state)
                .toList());
    }

    private EntryState state(long id) {
        Held held = live.get(id);
        if (held != null) {
            return new EntryState(
                    id,
                    held.version(),
                    held.epoch(),
                    held.changeId(),
                    false,
                    held.digest(),
                    EntryDigest.of(held.entry()));
        }
        Tombstone gone = tombstones.get(id);
        return new EntryState(id, gone.version(), gone.epoch(), gone.changeId(), true, null, null);
    }

    @Override
    public Uni<List<ImageRow>> rows(Collection<Long> ids, DataSource source) {
        return asking(() -> ids.stream().map(this::row).filter(Objects::nonNull).toList());
    }

    private ImageRow row(long id) {
        if (live.containsKey(id)) {
            return new ImageRow(live.get(id), null);
        }
        return tombstones.containsKey(id) ? new ImageRow(null, tombstones.get(id)) : null;
    }

    @Override
    public Uni<Mended> mend(Mend mend, long epoch) {
        return changing(() -> {
            requireLeads(epoch);
            ImageRow standing = row(mend.id());
            ImageRow image = mend.image();
            if (mend.holds(standing) || !mend.seen(standing)) {
                return new Mended(
                        mend.holds(standing) ? Mended.Result.INTACT : Mended.Result.MOVED,
                        standing == null ? 0 : standing.version());
            }
            live.remove(mend.id());
            tombstones.remove(mend.id());
            if (image != null && image.held() != null) {
                live.put(mend.id(), image.held());
            } else if (image != null) {
                tombstones.put(mend.id(), image.tombstone());
            }
            return new Mended(Mended.Result.MENDED, image == null ? 0 : image.version());
        });
    }

    // ---- who rules -----------------------------------------------------------------------------------------------

    @Override
    public Uni<Standing> standing() {
        return asking(() -> new Standing(decided, prepared, identity, head, followerState));
    }

    @Override
    public Uni<Void> prepare(Rule rule, Handover handover) {
        return changing(() -> {
            prepared = Optional.of(rule);
            identity = handover.identity();
            floor = Math.max(floor, handover.position());
            ids = Math.max(ids, handover.idsThrough());
            published = handover.publishedThrough();
            return null;
        });
    }

    @Override
    public Uni<Long> decide(Rule from, Rule to) {
        return changing(() -> {
            if (decided.isEmpty() || !decided.get().equals(from) || from.phase().primary() != name) {
                throw new StoreFenced(
                        name, from.epoch(), decided.map(Rule::epoch).orElse(0L));
            }
            record(to);
            return head;
        });
    }

    @Override
    public Uni<Void> adopt(Rule rule) {
        return changing(() -> {
            if (decided.isEmpty() || decided.get().epoch() < rule.epoch()) {
                record(rule);
            }
            return null;
        });
    }

    private void record(Rule rule) {
        if (decided.isEmpty() || decided.get().phase().primary() != rule.phase().primary()) {
            ruledFrom = head;
        }
        decided = Optional.of(rule);
        prepared = Optional.empty();
        writable = rule.phase().primary() == name;
    }

    @Override
    public Uni<Void> abandon() {
        return changing(() -> {
            prepared = Optional.empty();
            return null;
        });
    }

    @Override
    public Uni<Void> needBackfill() {
        return changing(() -> {
            followerState = Standing.FollowerState.NEEDS_BACKFILL;
            return null;
        });
    }

    @Override
    public Uni<Long> idsThrough() {
        return asking(() -> ids);
    }

    @Override
    public Uni<Void> raiseIds(long through) {
        return changing(() -> {
            ids = Math.max(ids, through);
            return null;
        });
    }

    @Override
    public Uni<Optional<Long>> publishedThrough() {
        return asking(() -> published);
    }

    @Override
    public Uni<Void> markPublished(Optional<Long> through) {
        return changing(() -> {
            published = through;
            return null;
        });
    }

    // ---- the mark ------------------------------------------------------------------------------------------------

    @Override
    public synchronized boolean isSet() {
        return mark;
    }

    @Override
    public Uni<Void> set(boolean inSync) {
        return changing(() -> {
            mark = inSync;
            return null;
        });
    }
}
