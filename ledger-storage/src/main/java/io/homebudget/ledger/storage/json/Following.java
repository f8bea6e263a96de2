package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.store.ApplyReport;
import io.homebudget.ledger.storage.store.ApplyReport.Orphan;
import io.homebudget.ledger.storage.store.Decider;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Standing.FollowerState;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.homebudget.ledger.storage.store.Tombstone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Applies what the primary decided. Never goes back: see {@link Decider#supersedes}. */
final class Following {
    private static final Logger LOG = Logger.getLogger(Following.class);
    private final RecordJson json;
    /** Used by the journal thread alone. */
    private final Interner interner = new Interner();

    Following(RecordJson json) {
        this.json = json;
    }

    static void fence(View draft, long epoch) {
        if (draft.decided != null && draft.decided.epoch() > epoch) {
            throw new StoreFenced(StoreName.JSON, epoch, draft.decided.epoch());
        }
    }

    // ---- the log -------------------------------------------------------------------------------------------------

    JournalThread.Step<ApplyReport> apply(List<ChangeSet> sets, long through, long epoch) {
        return (draft, recorder) -> {
            fence(draft, epoch);
            int applied = 0;
            int skipped = 0;
            List<Orphan> orphans = new ArrayList<>();
            for (ChangeSet set : sets) {
                if (set.position() <= draft.position) {
                    skipped += set.changes().size();
                    continue;
                }
                List<Change> kept = withoutLosers(set, draft, orphans);
                if (!kept.isEmpty()) {
                    ChangeSet own = kept.size() == set.changes().size() ? set : part(set, kept);
                    recorder.record(FrameType.CHANGES, json.set(own));
                    int effective = draft.fold(interner.set(own));
                    applied += effective;
                    skipped += kept.size() - effective;
                }
            }
            if (through > draft.position) {
                recorder.record(FrameType.STANDS_AT, RecordJson.object().put("position", through));
                draft.position = through;
            }
            for (Orphan orphan : orphans) {
                recordOrphan(orphan, draft, recorder);
            }
            return new ApplyReport(applied, skipped, List.copyOf(orphans));
        };
    }

    /** One batch of records, so that a restart finds all of it or nothing. */
    JournalThread.Step<Void> skipTo(long position, long epoch) {
        return (draft, recorder) -> {
            fence(draft, epoch);
            recorder.record(FrameType.NEEDS_BACKFILL, RecordJson.object().put("why", "the primary's log was cut"));
            draft.follower = FollowerState.NEEDS_BACKFILL;
            if (position > draft.position) {
                recorder.record(FrameType.STANDS_AT, RecordJson.object().put("position", position));
                draft.position = position;
            }
            recorder.record(FrameType.LOG_CUT, RecordJson.object().put("through", position));
            draft.cut(position);
            return null;
        };
    }

    private static List<Change> withoutLosers(ChangeSet set, View draft, List<Orphan> orphans) {
        List<Change> kept = new ArrayList<>(set.changes().size());
        List<Change> losers = new ArrayList<>(0);
        for (Change change : set.changes()) {
            long id = change.entryId();
            boolean clash = draft.knows(id)
                    && draft.versionOf(id) == change.version()
                    && !change.id().equals(draft.changeOf(id));
            if (!clash) {
                kept.add(change);
            } else if (set.rule().epoch() > draft.epochOf(id)) {
                kept.add(change);
                orphans.add(standing(draft, change));
            } else {
                losers.add(change);
            }
        }
        if (!losers.isEmpty()) {
            orphans.add(new Orphan(
                    part(set, losers),
                    "another change stands at the same version, written in the same or a later epoch"));
        }
        return kept;
    }

    private static ChangeSet part(ChangeSet set, List<Change> changes) {
        return new ChangeSet(set.position(), set.id(), set.rule(), set.at(), set.by(), set.key(), changes);
    }

    /** What stands and is about to lose; from the recent log where that still has it, else from what the entry says. */
    private static Orphan standing(View draft, Change winner) {
        long id = winner.entryId();
        UUID changeId = draft.changeOf(id);
        String why = "change " + winner.id() + " at the same version was written in a later epoch";
        for (ChangeSet set : draft.recent.descendingMap().values()) {
            for (Change change : set.changes()) {
                if (change.id().equals(changeId)) {
                    return new Orphan(part(set, List.of(change)), why);
                }
            }
        }
        Held held = draft.live(id);
        Change change = held == null
                ? new Change(
                        changeId == null ? new UUID(0, 0) : changeId,
                        id,
                        winner.version(),
                        Action.DELETED,
                        null,
                        null,
                        null)
                : new Change(
                        changeId == null ? new UUID(0, 0) : changeId,
                        id,
                        Math.max(1, held.version()),
                        held.version() == 1 ? Action.CREATED : Action.UPDATED,
                        null,
                        held.entry(),
                        held.digest() == null ? EntryDigest.of(held.entry()) : held.digest());
        Rule rule = new Rule(Math.max(1, draft.epochOf(id)), Phase.JSON_ONLY);
        return new Orphan(
                new ChangeSet(draft.position, new UUID(0, 0), rule, draft.lastAt, "unknown", null, List.of(change)),
                why);
    }

    private void recordOrphan(Orphan orphan, View draft, JournalThread.Recorder recorder) {
        StringBuilder text = new StringBuilder("{\"at_position\":")
                .append(draft.position)
                .append(",\"why\":\"")
                .append(orphan.why())
                .append("\",\"set\":");
        json.set(orphan.set(), text);
        recorder.record(FrameType.ORPHAN, text.append('}'));
        for (Change change : orphan.set().changes()) {
            draft.orphan(change.id(), draft.position);
            LOG.warnf(
                    "orphan: change %s of entry %d, version %d: %s",
                    change.id(), change.entryId(), change.version(), orphan.why());
        }
    }

    // ---- a full image --------------------------------------------------------------------------------------------

    /** @return whether the store stood below the image, so that its log will have a gap */
    JournalThread.Step<Boolean> beginSynchronizing(long standAt, long epoch) {
        return (draft, recorder) -> {
            fence(draft, epoch);
            if (draft.follower != FollowerState.NEEDS_BACKFILL) {
                recorder.record(FrameType.NEEDS_BACKFILL, RecordJson.object().put("why", "synchronizing"));
                draft.follower = FollowerState.NEEDS_BACKFILL;
            }
            return draft.position < standAt;
        };
    }

    /** @return how many rows were written */
    JournalThread.Step<Integer> rows(List<ImageRow> rows, long epoch) {
        return (draft, recorder) -> {
            fence(draft, epoch);
            List<ImageRow> wins = new ArrayList<>(rows.size());
            for (ImageRow row : rows) {
                if (wins(row, draft)) {
                    wins.add(row);
                    draft.fold(interned(row));
                }
            }
            if (!wins.isEmpty()) {
                recorder.record(FrameType.IMAGE_ROWS, json.rows(wins));
            }
            return wins.size();
        };
    }

    private ImageRow interned(ImageRow row) {
        Held held = row.held();
        return held == null
                ? row
                : new ImageRow(
                        new Held(
                                interner.entry(held.entry()),
                                held.version(),
                                held.epoch(),
                                held.changeId(),
                                held.digest()),
                        null);
    }

    private static boolean wins(ImageRow row, View draft) {
        long id = row.id();
        long epoch = row.held() != null ? row.held().epoch() : row.tombstone().epoch();
        if (!draft.knows(id) || Decider.supersedes(row.version(), epoch, draft.versionOf(id), draft.epochOf(id))) {
            return true;
        }
        // the same change, but what stands here is not what that change recorded: the image's undamaged values heal it
        Held here = draft.live(id);
        Held there = row.held();
        return here != null
                && there != null
                && here.version() == there.version()
                && Objects.equals(here.changeId(), there.changeId())
                && !here.entry().equals(there.entry())
                && EntryDigest.of(there.entry()).equals(there.digest())
                && !EntryDigest.of(here.entry()).equals(here.digest());
    }

    /** What was not in the image and is older than the run. @param imageIds ascending */
    static List<Long> beyond(View view, long[] imageIds, int count, long epoch) {
        List<Long> beyond = new ArrayList<>();
        for (Held held : view.byId.values()) {
            long id = held.entry().id();
            if (held.epoch() < epoch && Arrays.binarySearch(imageIds, 0, count, id) < 0) {
                beyond.add(id);
            }
        }
        for (Tombstone tombstone : view.tombstones.values()) {
            if (tombstone.epoch() < epoch && Arrays.binarySearch(imageIds, 0, count, tombstone.id()) < 0) {
                beyond.add(tombstone.id());
            }
        }
        return beyond;
    }

    /** @return how many entries and tombstones were removed */
    JournalThread.Step<Integer> remove(List<Long> ids, long epoch) {
        return (draft, recorder) -> {
            fence(draft, epoch);
            var record = RecordJson.object();
            var removed = record.putArray("ids");
            for (long id : ids) {
                if (draft.knows(id) && draft.epochOf(id) < epoch) {
                    removed.add(id);
                    draft.drop(id);
                }
            }
            if (!removed.isEmpty()) {
                recorder.record(FrameType.ROWS_REMOVED, record);
            }
            return removed.size();
        };
    }

    /** @return how many tombstones are gone */
    JournalThread.Step<Integer> prune(List<Tombstone> tombstones, long epoch) {
        return (draft, recorder) -> {
            fence(draft, epoch);
            var record = RecordJson.object();
            var pruned = record.putArray("ids");
            for (Tombstone tombstone : tombstones) {
                if (tombstone.equals(draft.tombstones.get(tombstone.id()))) {
                    pruned.add(tombstone.id());
                    draft.drop(tombstone.id());
                }
            }
            if (!pruned.isEmpty()) {
                recorder.record(FrameType.ROWS_REMOVED, record);
            }
            return pruned.size();
        };
    }

    /** @param imagePosition what was skipped behind it is lost to this synchronisation */
    JournalThread.Step<Void> finishSynchronizing(long imagePosition, long standAt, boolean gap, long epoch) {
        return (draft, recorder) -> {
            fence(draft, epoch);
            if (draft.cutThrough > imagePosition) {
                throw new StoreAway(
                        StoreName.JSON,
                        "the log was cut during the synchronisation, behind position " + imagePosition
                                + ": start it anew",
                        null);
            }
            recorder.record(
                    FrameType.SYNCHRONIZED,
                    RecordJson.object().put("position", standAt).put("gap", gap));
            draft.synchronize(standAt, gap);
            return null;
        };
    }
}
