package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.ApplyReport;
import io.homebudget.ledger.storage.store.Decider;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Tombstone;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What sets of changes come to, over what stands: the last state of every entry, what goes into the log, and what lost. Nothing here
 * knows the database; the rule is {@link Decider#supersedes}.
 */
final class Fold {
    /** What stands under an id. @param held null for a tombstone */
    private record Standing(long version, long epoch, UUID changeId, Held held) {}

    /** One change of a set on its way into the log. */
    record Logged(ChangeSet set, int ordinal, Change change, boolean first) {}

    /** A change that stood here and lost to another one at its version. */
    record Displaced(long id, long version, long epoch, UUID changeId, Held held) {}

    private final Map<Long, Standing> standing = new HashMap<>();
    private final Map<Long, Held> live = new LinkedHashMap<>();
    private final Map<Long, Tombstone> dead = new LinkedHashMap<>();
    private final List<Logged> logged = new ArrayList<>();
    private final Map<UUID, Displaced> displaced = new LinkedHashMap<>();
    private final List<ApplyReport.Orphan> orphans = new ArrayList<>();
    private int applied;
    private int skipped;
    private long largestId;

    /** Tells what the store holds; of an entry and a tombstone under the same id the one that supersedes counts. */
    void stands(long id, long version, long epoch, UUID changeId, Held held) {
        Standing known = standing.get(id);
        if (known == null || Decider.supersedes(version, epoch, known.version(), known.epoch())) {
            standing.put(id, new Standing(version, epoch, changeId, held));
        }
    }

    void add(ChangeSet set) {
        List<Change> losers = new ArrayList<>();
        boolean first = true;
        int ordinal = 0;
        for (Change change : set.changes()) {
            if (take(change, set.rule().epoch())) {
                logged.add(new Logged(set, ordinal, change, first));
                first = false;
            } else {
                losers.add(change);
            }
            ordinal++;
        }
        if (!losers.isEmpty()) {
            orphans.add(new ApplyReport.Orphan(
                    new ChangeSet(set.position(), set.id(), set.rule(), set.at(), set.by(), set.key(), losers),
                    "another change stands at this version, written in a higher epoch"));
        }
    }

    /** Takes the change if it supersedes what stands. @return false for a loser, which does not belong into the log */
    private boolean take(Change change, long epoch) {
        Standing before = standing.get(change.entryId());
        largestId = Math.max(largestId, change.entryId());
        if (before != null && !Decider.supersedes(change.version(), epoch, before.version(), before.epoch())) {
            skipped++;
            return change.version() != before.version() || change.id().equals(before.changeId());
        }
        if (before != null
                && before.version() == change.version()
                && before.changeId() != null
                && !before.changeId().equals(change.id())) {
            displace(change.entryId(), before);
        }
        applied++;
        if (change.after() != null) {
            Held held = Held.after(change, epoch);
            live.put(change.entryId(), held);
            dead.remove(change.entryId());
            standing.put(change.entryId(), new Standing(change.version(), epoch, change.id(), held));
        } else {
            dead.put(change.entryId(), Tombstone.after(change, epoch));
            live.remove(change.entryId());
            standing.put(change.entryId(), new Standing(change.version(), epoch, change.id(), null));
        }
        return true;
    }

    private void displace(long id, Standing before) {
        for (Logged other : List.copyOf(logged)) {
            if (other.change().id().equals(before.changeId())) {
                logged.remove(other);
                lost(other.set(), other.change());
                return;
            }
        }
        displaced.put(
                before.changeId(),
                new Displaced(id, before.version(), before.epoch(), before.changeId(), before.held()));
    }

    private void lost(ChangeSet set, Change change) {
        orphans.add(new ApplyReport.Orphan(
                new ChangeSet(set.position(), set.id(), set.rule(), set.at(), set.by(), set.key(), List.of(change)),
                "lost against another change at this version, written in a higher epoch"));
    }

    /** The log's own record of a displaced change. */
    void found(Rows.LogRow row) {
        if (displaced.remove(row.change().id()) != null) {
            lost(Rows.sets(List.of(row)).get(0), row.change());
        }
    }

    /** Displaced changes whose record is no more in the log are described by what stood. */
    void describeRest() {
        for (Displaced lost : displaced.values()) {
            Change change = lost.held() == null
                    ? new Change(lost.changeId(), lost.id(), lost.version(), Action.DELETED, null, null, null)
                    : new Change(
                            lost.changeId(),
                            lost.id(),
                            lost.version(),
                            lost.version() == 1 ? Action.CREATED : Action.UPDATED,
                            null,
                            lost.held().entry(),
                            EntryDigest.of(lost.held().entry()));
            Rule rule = new Rule(Math.max(1, lost.epoch()), Phase.DATABASE_READS);
            orphans.add(new ApplyReport.Orphan(
                    new ChangeSet(0, lost.changeId(), rule, Instant.EPOCH, "unknown", null, List.of(change)),
                    "lost against another change at this version, written in a higher epoch; its log record is gone"));
        }
    }

    Collection<Displaced> displaced() {
        return displaced.values();
    }

    List<Held> live() {
        return List.copyOf(live.values());
    }

    List<Tombstone> dead() {
        return List.copyOf(dead.values());
    }

    List<Logged> logged() {
        return logged;
    }

    List<ApplyReport.Orphan> orphans() {
        return orphans;
    }

    long largestId() {
        return largestId;
    }

    ApplyReport report(int below) {
        return new ApplyReport(applied, skipped + below, List.copyOf(orphans));
    }
}
