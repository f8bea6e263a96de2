package io.homebudget.backup.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.backup.restore.Rows;
import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LogFoldTest {
    private static final int CHANGES = 10_000;

    @Test
    @Tag("A39")
    void everyOfTwentyRandomMomentsOfTenThousandChangesIsTheReferenceState() throws IOException {
        History history = new History(39);
        history.changes(CHANGES / 4);
        List<EntryImage> image = history.image();
        int base = history.sets().size();
        history.changes(CHANGES - CHANGES / 4);
        Random random = new Random(7);
        assertThat(history.sets()).anyMatch(set -> set.changes().size() > 5);
        for (int i = 0; i < 20; i++) {
            int nth = base + random.nextInt(history.sets().size() - base);
            LoggedSet set = history.sets().get(nth);
            boolean byInstant = i % 2 == 0;
            // several sets may carry the same instant: all of them belong to it
            while (byInstant
                    && nth + 1 < history.sets().size()
                    && history.sets().get(nth + 1).at().equals(set.at())) {
                nth++;
            }
            LogFold fold = new LogFold(
                    byInstant ? new Moment.AtInstant(set.at()) : new Moment.AtPosition(set.position()), Room.ofHeap());

            history.sets().subList(base, history.sets().size()).forEach(fold::add);

            assertThat(live(fold.over(rows(image)))).as("moment %d", nth).isEqualTo(history.after(nth));
        }
    }

    @Test
    void overlapAndOrderMakeNoDifference() throws IOException {
        History history = new History(5);
        history.changes(2_000);
        List<EntryImage> image = history.image();
        history.changes(2_000);
        List<LoggedSet> shuffled = new ArrayList<>(history.sets());
        shuffled.addAll(history.sets().subList(100, 900));
        Collections.shuffle(shuffled, new Random(1));
        LogFold fold = new LogFold(new Moment.AtPosition(history.position()), Room.ofHeap());

        shuffled.forEach(fold::add);

        assertThat(all(fold.over(rows(image)))).isEqualTo(history.image());
    }

    @Test
    @Tag("A39")
    void anInstantInsideABulkDeleteHoldsAllOfItOrNothing() throws IOException {
        History history = new History(8);
        history.changes(3_000);
        int bulk = lastBulk(history);
        Instant at = history.sets().get(bulk).at();
        for (Instant moment : List.of(at.minusNanos(1_000), at)) {
            LogFold fold = new LogFold(new Moment.AtInstant(moment), Room.ofHeap());

            history.sets().forEach(fold::add);

            Map<Long, EntryValues> state = live(fold.over(rows(List.of())));
            long there = history.sets().get(bulk).changes().stream()
                    .filter(change -> state.containsKey(change.entryId()))
                    .count();
            assertThat(there).isIn(0L, (long) history.sets().get(bulk).changes().size());
        }
    }

    @Test
    void whatDoesNotFitIntoItsRoomIsRefusedWithAdviceAndTextsCount() {
        History history = new History(9);
        history.changes(300);
        Room room = new Room(1 << 20);
        LogFold fold = new LogFold(new Moment.AtPosition(Long.MAX_VALUE), room);
        history.sets().forEach(fold::add);
        long taken = room.taken();
        LoggedSet last = history.sets().get(history.sets().size() - 1);

        // the same again, and older ones again, take nothing more
        history.sets().forEach(fold::add);
        assertThat(room.taken()).isEqualTo(taken).isLessThan(1 << 20);
        assertThatThrownBy(() -> fold.add(withNotes(last, "n".repeat(1 << 20))))
                .hasMessageContaining("1 MB")
                .hasMessageContaining("make snapshots more often");
    }

    @Test
    void aFoldThatIsDroppedGivesItsRoomBack() {
        History history = new History(10);
        history.changes(300);
        Room room = new Room(1 << 20);
        LogFold fold = new LogFold(new Moment.AtPosition(Long.MAX_VALUE), room);
        history.sets().forEach(fold::add);
        assertThat(room.taken()).isPositive();

        fold.drop();

        assertThat(room.taken()).isZero();
    }

    /** A set of one more change, of an entry of its own. */
    private static LoggedSet withNotes(LoggedSet like, String notes) {
        EntryValues values = new EntryValues("2026-01-10", null, "food", 1, "cash", "₪", notes);
        LoggedSet.Logged change =
                new LoggedSet.Logged(new UUID(1, 1), 1_000_000, 1, Action.CREATED, null, values, new UUID(2, 2));
        return new LoggedSet(
                like.position() + 1,
                new UUID(3, 3),
                like.epoch(),
                like.phase(),
                like.at(),
                "user",
                null,
                null,
                List.of(change));
    }

    private static int lastBulk(History history) {
        for (int i = history.sets().size() - 1; ; i--) {
            if (history.sets().get(i).changes().size() > 5) {
                return i;
            }
        }
    }

    private static Rows rows(List<EntryImage> rows) {
        Iterator<EntryImage> iterator = rows.iterator();
        return () -> iterator.hasNext() ? iterator.next() : null;
    }

    private static List<EntryImage> all(Rows rows) throws IOException {
        List<EntryImage> all = new ArrayList<>();
        for (EntryImage row = rows.next(); row != null; row = rows.next()) {
            all.add(row);
        }
        return all;
    }

    private static Map<Long, EntryValues> live(Rows rows) throws IOException {
        Map<Long, EntryValues> live = new TreeMap<>();
        for (EntryImage row : all(rows)) {
            if (!row.deleted()) {
                live.put(row.id(), row.values());
            }
        }
        return live;
    }
}
