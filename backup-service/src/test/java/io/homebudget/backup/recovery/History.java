package io.homebudget.backup.recovery;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.LoggedSet;
import io.homebudget.ledger.phase.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A ledger's history, made up: creates, updates, deletes and bulk deletes, with positions that skip and times that stand still
 * now and then. Keeps every state that it passed through, as a reference that folds nothing.
 */
public final class History {
    private final Random random;
    private final List<LoggedSet> sets = new ArrayList<>();
    /** What the ledger held after each set. */
    private final List<Map<Long, EntryValues>> states = new ArrayList<>();

    private final TreeMap<Long, EntryImage> now = new TreeMap<>();
    private long nextId = 1;
    private long position;
    private Instant at = Instant.parse("2026-01-01T00:00:00Z");

    private final boolean business;

    public History(long seed) {
        this(Kind.EXPENSE, seed);
    }

    public History(Kind kind, long seed) {
        this.business = kind == Kind.EXPENSE;
        this.random = new Random(seed);
    }

    /** Goes on until so many changes were made. */
    public History changes(int count) {
        int made = 0;
        while (made < count) {
            made += step();
        }
        return this;
    }

    public List<LoggedSet> sets() {
        return sets;
    }

    public long position() {
        return position;
    }

    public Instant at() {
        return at;
    }

    /** The live values after the nth set; of a history before it, none. */
    public Map<Long, EntryValues> after(int nth) {
        return nth < 0 ? Map.of() : states.get(nth);
    }

    /** Everything as it is now, tombstones included. */
    public List<EntryImage> image() {
        return List.copyOf(now.values());
    }

    /** One set that changes exactly one entry or many. @return how many */
    public int step() {
        List<Long> live = now.values().stream()
                .filter(image -> !image.deleted())
                .map(EntryImage::id)
                .toList();
        position += 1 + (random.nextInt(10) == 0 ? random.nextInt(3) : 0);
        at = at.plusMillis(random.nextInt(3) * 250L);
        List<LoggedSet.Logged> changes = new ArrayList<>();
        int what = random.nextInt(100);
        if (live.size() < 5 || what < 55) {
            changes.add(change(nextId++, values()));
        } else if (what < 80) {
            changes.add(change(live.get(random.nextInt(live.size())), values()));
        } else if (what < 97) {
            changes.add(change(live.get(random.nextInt(live.size())), null));
        } else {
            List<Long> some = new ArrayList<>(live);
            Collections.shuffle(some, random);
            some.subList(0, Math.min(some.size(), 2 + random.nextInt(15))).stream()
                    .sorted()
                    .forEach(id -> changes.add(change(id, null)));
        }
        append("user", changes);
        return changes.size();
    }

    private void append(String by, List<LoggedSet.Logged> changes) {
        sets.add(new LoggedSet(position, UUID.randomUUID(), 1, Phase.JSON_ONLY, at, by, null, null, changes));
        Map<Long, EntryValues> state = new TreeMap<>();
        now.values().stream().filter(image -> !image.deleted()).forEach(image -> state.put(image.id(), image.values()));
        states.add(state);
    }

    /** As the engine's restore does: the difference to the target, as one set. */
    public void restore(Map<Long, EntryValues> target) {
        List<LoggedSet.Logged> changes = new ArrayList<>();
        TreeSet<Long> ids = new TreeSet<>(target.keySet());
        ids.addAll(now.keySet());
        for (long id : ids) {
            EntryImage stands = now.get(id);
            EntryValues before = stands == null ? null : stands.values();
            if (!Objects.equals(before, target.get(id))) {
                changes.add(change(id, target.get(id)));
            }
        }
        if (!changes.isEmpty()) {
            position++;
            at = at.plusMillis(250);
            append("restore", changes);
        }
    }

    /** The live values. */
    public Map<Long, EntryValues> live() {
        return states.isEmpty() ? Map.of() : states.get(states.size() - 1);
    }

    private LoggedSet.Logged change(long id, EntryValues after) {
        EntryImage before = now.get(id);
        long version = before == null ? 1 : before.version() + 1;
        UUID change = UUID.randomUUID();
        UUID digest = after == null ? null : EntryDigest.of(after.withId(id));
        now.put(id, new EntryImage(id, version, 1, change, after == null, digest, after));
        Action action = after == null ? Action.DELETED : before == null ? Action.CREATED : Action.UPDATED;
        return new LoggedSet.Logged(
                change, id, version, action, before == null ? null : before.values(), after, digest);
    }

    private EntryValues values() {
        return new EntryValues(
                "2026-01-" + (10 + random.nextInt(18)),
                !business || random.nextBoolean() ? null : "shop " + random.nextInt(9),
                "food",
                random.nextInt(1_000_000),
                "cash",
                "₪",
                random.nextInt(3) == 0 ? null : "note\t\"" + random.nextInt(99) + "\"\n");
    }
}
