package io.homebudget.backup.recovery;

import io.homebudget.backup.restore.Rows;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;

/**
 * What changes come to, over an image: a pure function of the image, the sets and the moment.
 *
 * <p>By the rule of applying: of an entry counts the highest version, of equal versions the one of the higher epoch. So sets may
 * come twice, or be in the image already, and in any order. Memory is the fold's {@link Room}: what does not fit into it lies in
 * scratch files until the fold is closed. For one thread.
 */
public final class LogFold implements Closeable {
    private final Moment moment;
    private final Room room;
    private final ScratchRuns runs;
    private final TreeMap<Long, EntryImage> changed = new TreeMap<>();
    private long held;
    private long sets;
    private long through;

    /** @param scratch the folder in which what does not fit into memory is kept, about as much as the room for each time it is full */
    public LogFold(Kind kind, Moment moment, Room room, Path scratch) {
        this(kind, moment, room, scratch, ScratchRuns.Disk.REAL);
    }

    LogFold(Kind kind, Moment moment, Room room, Path scratch, ScratchRuns.Disk disk) {
        this.moment = moment;
        this.room = room;
        this.runs = new ScratchRuns(kind, scratch, disk);
    }

    /**
     * Takes the set where the moment holds it; then all of it.
     *
     * @throws IOException where the changes fit neither into memory nor on the disk; the fold is of no more use then
     */
    public void add(LoggedSet set) throws IOException {
        if (!moment.holds(set)) {
            return;
        }
        sets++;
        through = Math.max(through, set.position());
        for (LoggedSet.Logged change : set.changes()) {
            take(image(set, change));
        }
    }

    private void take(EntryImage image) throws IOException {
        EntryImage known = changed.get(image.id());
        EntryImage counts = known == null ? image : MergedRows.winner(known, image);
        if (counts == known) {
            return;
        }
        held += Room.weight(counts) - (known == null ? 0 : Room.weight(known));
        changed.put(counts.id(), counts);
        if (held > room.bytes()) {
            runs.add(changed.values(), held);
            changed.clear();
            held = 0;
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

    /** How many entries changed, or more: some are counted twice where not all fitted into memory. */
    public long atMost() {
        return runs.rows() + changed.size();
    }

    /** The image with the changes in it, tombstones included. To be read and closed before the next set is taken. */
    public MergedRows over(Rows image) throws IOException {
        return runs.with(List.of(image), changed.values());
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

    /** Removes what lies in scratch files. */
    @Override
    public void close() throws IOException {
        changed.clear();
        runs.close();
    }
}
