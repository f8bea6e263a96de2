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
 * come twice, or be in the image already, and in any order. Memory grows with the number of entries that changed after the image,
 * about 500 bytes each; a fold of more than {@link #MOST} is refused.
 */
public final class LogFold {
    /** About 250 MB; who changes more than that between two snapshots needs more snapshots. */
    static final int MOST = 500_000;

    private final Moment moment;
    private final TreeMap<Long, EntryImage> changed = new TreeMap<>();
    private long sets;
    private long through;

    public LogFold(Moment moment) {
        this.moment = moment;
    }

    /** Takes the set where the moment holds it; then all of it. */
    public void add(LoggedSet set) {
        if (!moment.holds(set)) {
            return;
        }
        sets++;
        through = Math.max(through, set.position());
        for (LoggedSet.Logged change : set.changes()) {
            changed.merge(change.entryId(), image(set, change), LogFold::winner);
        }
        if (changed.size() > MOST) {
            throw new IllegalStateException(
                    "more than " + MOST
                            + " entries changed since the snapshot: choose a moment nearer to a snapshot, or make snapshots more often");
        }
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
