package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.Decider;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Standing.FollowerState;
import io.homebudget.ledger.storage.store.Tombstone;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.pcollections.TreePMap;

/**
 * Everything a store knows at one record of its journal. A published view never changes; the journal thread works on copies,
 * which cost nothing to speak of because every collection in it is persistent. A copy that did not become durable is dropped.
 *
 * <p>The same methods fold live writes and replayed records, so a restart cannot come to another result than the running store.
 */
final class View {
    static final long KEY_LIFE_SECONDS = 24 * 3_600;

    UUID identity;
    /** The number of the last record folded in. */
    long frame;
    /** The number of the last record that a checkpoint would have to hold. */
    long substance;

    TreePMap<Long, Held> byId = TreePMap.empty();
    TreePMap<Held, Held> listed = TreePMap.empty((a, b) -> Entry.compareForListing(a.entry(), b.entry()));
    TreePMap<Long, Tombstone> tombstones = TreePMap.empty();

    /** What happened to {@link #byId} lately. */
    Steps steps = Steps.NONE;

    /** Where the store stands; as a follower, through where it has applied. */
    long position;
    /** The position of the last set in the log. */
    long head;
    /** No position up to here may be given out: another store may have. */
    long floor;
    /** What is asked from before this position cannot be answered from the log. */
    long cutThrough;
    /** Changes in the log since the store began. */
    long changes;

    Instant lastAt = Instant.EPOCH;
    /** No id up to here may be given out again. */
    long ids;

    Rule decided;
    /** The head of the log when {@link #decided} was recorded. */
    long ruledFrom;

    Rule prepared;
    Long published;
    FollowerState follower = FollowerState.FOLLOWING;
    long rejected;
    long orphans;
    /** Changes that once stood and lost since: they are in the journal's files, but no more part of the log. */
    TreePMap<UUID, Long> orphaned = TreePMap.empty();

    /** The newest sets; all those above {@code recentAfter}. */
    TreePMap<Long, ChangeSet> recent = TreePMap.empty();

    long recentAfter;
    int recentCount;

    TreePMap<String, ChangeSet> keys = TreePMap.empty();
    TreePMap<Long, String> keysByPosition = TreePMap.empty();

    final int maxRecent;
    final int maxKeys;

    View(int maxRecent, int maxKeys) {
        this.maxRecent = maxRecent;
        this.maxKeys = maxKeys;
    }

    View copy() {
        View copy = new View(maxRecent, maxKeys);
        copy.identity = identity;
        copy.frame = frame;
        copy.substance = substance;
        copy.byId = byId;
        copy.listed = listed;
        copy.tombstones = tombstones;
        copy.steps = steps;
        copy.position = position;
        copy.head = head;
        copy.floor = floor;
        copy.cutThrough = cutThrough;
        copy.changes = changes;
        copy.lastAt = lastAt;
        copy.ids = ids;
        copy.decided = decided;
        copy.ruledFrom = ruledFrom;
        copy.prepared = prepared;
        copy.published = published;
        copy.follower = follower;
        copy.rejected = rejected;
        copy.orphans = orphans;
        copy.orphaned = orphaned;
        copy.recent = recent;
        copy.recentAfter = recentAfter;
        copy.recentCount = recentCount;
        copy.keys = keys;
        copy.keysByPosition = keysByPosition;
        return copy;
    }

    // ---- asking --------------------------------------------------------------------------------------------------

    Held live(long id) {
        return byId.get(id);
    }

    long versionOf(long id) {
        Held held = byId.get(id);
        if (held != null) {
            return held.version();
        }
        Tombstone tombstone = tombstones.get(id);
        return tombstone == null ? 0 : tombstone.version();
    }

    long epochOf(long id) {
        Held held = byId.get(id);
        if (held != null) {
            return held.epoch();
        }
        Tombstone tombstone = tombstones.get(id);
        return tombstone == null ? 0 : tombstone.epoch();
    }

    UUID changeOf(long id) {
        Held held = byId.get(id);
        if (held != null) {
            return held.changeId();
        }
        Tombstone tombstone = tombstones.get(id);
        return tombstone == null ? null : tombstone.changeId();
    }

    boolean knows(long id) {
        return byId.containsKey(id) || tombstones.containsKey(id);
    }

    boolean rulesIn(long epoch) {
        return decided != null && decided.epoch() == epoch && decided.phase().primary() == StoreName.JSON;
    }

    /** A store that nobody ever told who rules stands alone. */
    boolean primary() {
        return decided == null || decided.phase().primary() == StoreName.JSON;
    }

    Rule ruleOrFirst() {
        return decided == null ? new Rule(1, Phase.JSON_ONLY) : decided;
    }

    Optional<Long> publishedThrough() {
        return Optional.ofNullable(published);
    }

    long nextPosition() {
        return Math.max(position, floor) + 1;
    }

    /** Never falls from one position to the next, whatever the clock does. */
    Instant timeOf(Instant now) {
        Instant micros = now.truncatedTo(ChronoUnit.MICROS);
        return micros.isBefore(lastAt) ? lastAt : micros;
    }

    /** The set which a key of the last 24 h belongs to; null where there is none. */
    ChangeSet answerOf(String key, Instant now) {
        ChangeSet set = keys.get(key);
        return set == null || expired(set, now) ? null : set;
    }

    private static boolean expired(ChangeSet set, Instant now) {
        return set.at().plusSeconds(KEY_LIFE_SECONDS).isBefore(now);
    }

    // ---- folding -------------------------------------------------------------------------------------------------

    void put(Held held) {
        long id = held.entry().id();
        Held old = byId.get(id);
        if (old != null) {
            listed = listed.minus(old);
        } else if (!tombstones.isEmpty()) {
            tombstones = tombstones.minus(id);
        }
        byId = byId.plus(id, held);
        listed = listed.plus(held, held);
        steps = steps.plus(old, held);
        ids = Math.max(ids, id);
    }

    void bury(Tombstone tombstone) {
        drop(tombstone.id());
        tombstones = tombstones.plus(tombstone.id(), tombstone);
        ids = Math.max(ids, tombstone.id());
    }

    /** As if it had never been. */
    void drop(long id) {
        Held old = byId.get(id);
        if (old != null) {
            byId = byId.minus(id);
            listed = listed.minus(old);
            steps = steps.plus(old, null);
        } else {
            tombstones = tombstones.minus(id);
        }
    }

    /** @return how many of the set's changes took effect */
    int fold(ChangeSet set) {
        int applied = 0;
        long epoch = set.rule().epoch();
        for (Change change : set.changes()) {
            long id = change.entryId();
            if (Decider.supersedes(change.version(), epoch, versionOf(id), epochOf(id))) {
                applied++;
                if (change.after() == null) {
                    bury(Tombstone.after(change, epoch));
                } else {
                    put(Held.after(change, epoch));
                }
            }
            ids = Math.max(ids, id);
        }
        position = Math.max(position, set.position());
        head = Math.max(head, set.position());
        changes += set.changes().size();
        lastAt = set.at().isAfter(lastAt) ? set.at() : lastAt;
        remember(set);
        recall(set);
        return applied;
    }

    void fold(ImageRow row) {
        if (row.held() != null) {
            put(row.held());
        } else {
            bury(row.tombstone());
        }
    }

    private void remember(ChangeSet set) {
        recent = recent.plus(set.position(), set);
        recentCount += set.changes().size();
        while (recentCount > maxRecent && recent.size() > 1) {
            ChangeSet oldest = recent.firstEntry().getValue();
            recentAfter = oldest.position();
            recentCount -= oldest.changes().size();
            recent = recent.minus(oldest.position());
        }
    }

    void recall(ChangeSet set) {
        if (set.key() == null) {
            return;
        }
        ChangeSet earlier = keys.get(set.key().key());
        if (earlier != null) {
            keysByPosition = keysByPosition.minus(earlier.position());
        }
        keys = keys.plus(set.key().key(), set);
        keysByPosition = keysByPosition.plus(set.position(), set.key().key());
        while (!keysByPosition.isEmpty()) {
            var oldest = keysByPosition.firstEntry();
            if (keys.size() <= maxKeys && !expired(keys.get(oldest.getValue()), set.at())) {
                return;
            }
            keys = keys.minus(oldest.getValue());
            keysByPosition = keysByPosition.minus(oldest.getKey());
        }
    }

    /** The set as the log shows it: without changes that lost since; null where none is left. */
    ChangeSet shown(ChangeSet set) {
        if (orphaned.isEmpty() || set.changes().stream().noneMatch(c -> lost(c, set))) {
            return set;
        }
        var left = set.changes().stream().filter(c -> !lost(c, set)).toList();
        return left.isEmpty()
                ? null
                : new ChangeSet(set.position(), set.id(), set.rule(), set.at(), set.by(), set.key(), left);
    }

    private boolean lost(Change change, ChangeSet set) {
        Long position = orphaned.get(change.id());
        return position != null && set.position() <= position;
    }

    /** @param position no set above it is meant */
    void orphan(UUID changeId, long position) {
        orphans++;
        orphaned = orphaned.plus(changeId, position);
    }

    void cut(long through) {
        cutThrough = Math.max(cutThrough, through);
    }

    void raiseIds(long through) {
        ids = Math.max(ids, through);
    }

    void decide(Rule rule) {
        if (decided == null || rule.epoch() > decided.epoch()) {
            // moves among the phases in which JSON rules do not change since when it has ruled
            if (decided == null || decided.phase().primary() != rule.phase().primary()) {
                ruledFrom = position;
            }
            decided = rule;
        }
        if (prepared != null && prepared.epoch() <= decided.epoch()) {
            prepared = null;
        }
    }

    void prepare(Rule rule, long position, long idsThrough, Long publishedThrough) {
        prepared = rule;
        floor = Math.max(floor, position);
        raiseIds(idsThrough);
        published = publishedThrough;
    }

    /** @param standAt the position of the image; @param gap whether the log lacks what was before it */
    void synchronize(long standAt, boolean gap) {
        position = Math.max(position, standAt);
        follower = FollowerState.FOLLOWING;
        if (gap) {
            cut(standAt);
        }
    }
}
