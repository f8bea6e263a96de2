package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.store.Decider;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Restoration;
import io.homebudget.ledger.storage.store.RestoreReport;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A restore of the primary: the target's rows, chunk after chunk, are merged with the entries of the same range of ids, and every
 * difference becomes a change. One step of the journal thread writes one set at most. What is equal already, and was recorded by a change,
 * is passed over, so a repetition goes on where an interruption left off.
 */
final class Restoring {
    private final JournalThread journal;
    private final RecordJson json;
    private final Supplier<UUID> ids;
    private final Restoration restoration;
    private final long epoch;
    private long created;
    private long updated;
    private long deleted;
    private long below;

    Restoring(JournalThread journal, RecordJson json, Supplier<UUID> ids, Restoration restoration, long epoch) {
        this.journal = journal;
        this.json = json;
        this.ids = ids;
        this.restoration = restoration;
        this.epoch = epoch;
    }

    /** Reads with memory for a chunk of the target and a set. */
    Uni<RestoreReport> run(Image target) {
        return stage(Ruling.raiseIds(restoration.idsThrough()))
                .chain(() -> target.chunks()
                        .onItem()
                        .transformToUniAndConcatenate(chunk -> Uni.createFrom()
                                .deferred(() -> range(
                                        chunk,
                                        below,
                                        chunk.get(chunk.size() - 1).id())))
                        .collect()
                        .last())
                .chain(last -> range(List.of(), below, Long.MAX_VALUE))
                .map(through -> new RestoreReport(created, updated, deleted, journal.view().head));
    }

    private <T> Uni<T> stage(JournalThread.Step<T> step) {
        return Uni.createFrom().completionStage(() -> journal.submit(step));
    }

    /** What one step came to. @param through ids up to here are as the target has them */
    private record Done(long through, long created, long updated, long deleted) {}

    private Uni<Long> range(List<ImageRow> rows, long above, long upTo) {
        return stage(step(rows, above, upTo)).chain(done -> {
            created += done.created();
            updated += done.updated();
            deleted += done.deleted();
            below = done.through();
            return done.through() < upTo
                    ? range(rows, done.through(), upTo)
                    : Uni.createFrom().item(upTo);
        });
    }

    private JournalThread.Step<Done> step(List<ImageRow> rows, long above, long upTo) {
        return (draft, recorder) -> {
            if (!draft.rulesIn(epoch)) {
                throw new StoreFenced(StoreName.JSON, epoch, draft.decided == null ? 0 : draft.decided.epoch());
            }
            List<Change> changes = new ArrayList<>();
            long through = differences(rows, draft, above, upTo, changes);
            if (!changes.isEmpty()) {
                ChangeSet set = new ChangeSet(
                        draft.nextPosition(),
                        ids.get(),
                        draft.decided,
                        draft.timeOf(restoration.at()),
                        Restoration.BY,
                        null,
                        changes);
                recorder.record(FrameType.CHANGES, json.set(set));
                draft.fold(set);
            }
            return new Done(
                    through,
                    count(changes, Action.CREATED),
                    count(changes, Action.UPDATED),
                    count(changes, Action.DELETED));
        };
    }

    private static long count(List<Change> changes, Action action) {
        return changes.stream().filter(change -> change.action() == action).count();
    }

    /** Merges two ascending sequences until the range or the set is full. @return the id through which it came */
    private long differences(List<ImageRow> rows, View draft, long above, long upTo, List<Change> changes) {
        Iterator<ImageRow> wanted =
                rows.stream().filter(row -> row.id() > above).iterator();
        Iterator<Held> standing = draft.byId.tailMap(above, false).values().iterator();
        ImageRow row = next(wanted);
        Held held = within(standing, upTo);
        while (row != null || held != null) {
            long id = Math.min(row == null ? Long.MAX_VALUE : row.id(), held == null ? Long.MAX_VALUE : id(held));
            ImageRow target = row != null && row.id() == id ? row : null;
            Held present = held != null && id(held) == id ? held : null;
            Change change = difference(id, present, target, draft);
            if (change != null) {
                changes.add(change);
                if (changes.size() == Restoration.MOST) {
                    return id;
                }
            }
            row = target == null ? row : next(wanted);
            held = present == null ? held : within(standing, upTo);
        }
        return upTo;
    }

    private Change difference(long id, Held present, ImageRow target, View draft) {
        Entry before = present == null ? null : present.entry();
        Entry after =
                target == null || target.held() == null ? null : target.held().entry();
        // values that no change recorded may look as the target wants them: a repair would take them back to what was
        // recorded
        boolean recorded =
                after == null || present != null && target.held().digest().equals(present.digest());
        if (recorded && Objects.equals(before, after)) {
            return null;
        }
        if (target == null) {
            return Decider.deletion(present, ids.get());
        }
        // a tombstone may have been pruned: what the target knows of the entry's versions counts too
        long version = Math.max(draft.versionOf(id), target.version()) + 1;
        return new Change(
                ids.get(),
                id,
                version,
                after == null ? Action.DELETED : before == null ? Action.CREATED : Action.UPDATED,
                before,
                after,
                after == null ? null : EntryDigest.of(after));
    }

    private static long id(Held held) {
        return held.entry().id();
    }

    private static ImageRow next(Iterator<ImageRow> rows) {
        return rows.hasNext() ? rows.next() : null;
    }

    private static Held within(Iterator<Held> standing, long upTo) {
        if (!standing.hasNext()) {
            return null;
        }
        Held held = standing.next();
        return id(held) <= upTo ? held : null;
    }
}
