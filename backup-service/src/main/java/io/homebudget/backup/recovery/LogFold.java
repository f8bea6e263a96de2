package io.homebudget.backup.recovery;

import io.homebudget.backup.restore.Rows;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * What changes come to, over an image: a pure function of the image, the sets and the moment.
 *
 * <p>By the rule of applying: of an entry counts the highest version, of equal versions the one of the higher epoch. So sets may
 * come twice, or be in the image already, and in any order. Memory grows with the entries that changed after the image, about 700
 * bytes each; what does not fit into its {@link Room} is refused.
 */
public final class LogFold {
    private final Moment moment;
    private final Room room;
    private final TreeMap<Long, EntryImage> changed = new TreeMap<>();
    private long sets;
    private long through;

    public LogFold(Moment moment, Room room) {
        this.moment = moment;
        this.room = room;
    }

    /** Takes the set where the moment holds it; then all of it. */
    public void add(LoggedSet set) {
        if (!moment.holds(set)) {
            return;
        }
        sets++;
        through = Math.max(through, set.position());
        for (LoggedSet.Logged change : set.changes()) {
            take(image(set, change));
        }
    }

    private void take(EntryImage image) {
        EntryImage known = changed.get(image.id());
        EntryImage counts = known == null ? image : winner(known, image);
        if (counts == known) {
            return;
        }
        if (known != null) {
            room.give(known);
        }
        room.take(counts);
        changed.put(counts.id(), counts);
    }

    /** Forgets everything and gives the room back; to be used no more. */
    void drop() {
        changed.values().forEach(room::give);
        changed.clear();
    }

    /** How many sets were taken. */
    public long sets() {
        return sets;
    }

    /** The highest position that was taken; 0 where none was. */
    public long through() {
        return through;
    }

    /** Entries that changed. */
    public Map<Long, EntryImage> changed() {
        return changed;
    }

    /** The image with the changes in it, tombstones included. */
    public Rows over(Rows image) throws IOException {
        return new Merged(image, changed);
    }

    private static EntryImage image(LoggedSet set, LoggedSet.Logged change) {
        return new EntryImage(
                change.entryId(),
                change.version(),
                set.epoch(),
                change.id(),
                change.after() == null,
                change.digest(),
                change.after());
    }

    static EntryImage winner(EntryImage one, EntryImage other) {
        return other.version() > one.version() || other.version() == one.version() && other.epoch() > one.epoch()
                ? other
                : one;
    }

    /** Two ascending sequences as one. */
    private static final class Merged implements Rows {
        private final Rows image;
        private final java.util.Iterator<EntryImage> changes;
        private EntryImage row;
        private EntryImage change;

        Merged(Rows image, TreeMap<Long, EntryImage> changed) throws IOException {
            this.image = image;
            this.changes = changed.values().iterator();
            this.row = image.next();
            this.change = nextChange();
        }

        private EntryImage nextChange() {
            return changes.hasNext() ? changes.next() : null;
        }

        @Override
        public EntryImage next() throws IOException {
            if (row == null && change == null) {
                return null;
            }
            if (change == null || row != null && row.id() < change.id()) {
                return takeRow();
            }
            if (row == null || change.id() < row.id()) {
                return takeChange();
            }
            return winner(takeRow(), takeChange());
        }

        private EntryImage takeRow() throws IOException {
            EntryImage taken = row;
            row = image.next();
            return taken;
        }

        private EntryImage takeChange() {
            EntryImage taken = change;
            change = nextChange();
            return taken;
        }
    }
}
