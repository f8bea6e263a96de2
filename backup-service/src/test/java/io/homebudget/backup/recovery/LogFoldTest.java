package io.homebudget.backup.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogFoldTest {
    private static final int CHANGES = 10_000;

    @TempDir
    Path folder;

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
            LogFold fold = Folds.of(
                    byInstant ? new Moment.AtInstant(set.at()) : new Moment.AtPosition(set.position()),
                    history.sets().subList(base, history.sets().size()));

            assertThat(Folds.live(fold, image)).as("moment %d", nth).isEqualTo(history.after(nth));
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

        LogFold fold = Folds.of(new Moment.AtPosition(history.position()), shuffled);

        assertThat(Folds.over(fold, image)).isEqualTo(history.image());
    }

    @Test
    @Tag("A39")
    void anInstantInsideABulkDeleteHoldsAllOfItOrNothing() throws IOException {
        History history = new History(8);
        history.changes(3_000);
        int bulk = lastBulk(history);
        Instant at = history.sets().get(bulk).at();
        for (Instant moment : List.of(at.minusNanos(1_000), at)) {
            LogFold fold = Folds.of(new Moment.AtInstant(moment), history.sets());

            Map<Long, EntryValues> state = Folds.live(fold, List.of());
            long there = history.sets().get(bulk).changes().stream()
                    .filter(change -> state.containsKey(change.entryId()))
                    .count();
            assertThat(there).isIn(0L, (long) history.sets().get(bulk).changes().size());
        }
    }

    @ParameterizedTest(name = "room for {0} bytes")
    @ValueSource(longs = {2_000, 20_000, 400_000})
    void whatDoesNotFitIntoMemoryComesToTheSameThroughFiles(long bytes) throws IOException {
        // Given changes in any order, some of them twice, over an image that holds some of them
        History history = new History(11);
        history.changes(1_000);
        List<EntryImage> image = history.image();
        history.changes(4_000);
        List<LoggedSet> sets = new ArrayList<>(history.sets());
        sets.addAll(history.sets().subList(500, 1_500));
        Collections.shuffle(sets, new Random(2));
        int half = sets.size() / 2;
        Moment moment = new Moment.AtPosition(history.position() - 100);
        try (LogFold fold = new LogFold(Kind.EXPENSE, moment, new Room(bytes), folder)) {
            // When it is looked at in the middle too
            Folds.add(fold, sets.subList(0, half));
            List<EntryImage> middle = Folds.over(fold, image);
            Folds.add(fold, sets.subList(half, sets.size()));
            // Then
            assertThat(middle).isEqualTo(Folds.over(Folds.of(moment, sets.subList(0, half)), image));
            LogFold unbounded = Folds.of(moment, sets);
            assertThat(Folds.over(fold, image)).isEqualTo(Folds.over(unbounded, image));
            assertThat(fold.sets()).isEqualTo(unbounded.sets());
            assertThat(fold.through()).isEqualTo(unbounded.through());
            assertThat(fold.atMost()).isGreaterThanOrEqualTo(Folds.changed(fold).size());
            assertThat(files()).isBetween(1L, ScratchRuns.MOST - 1L);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void textsThatTabsAndLineEndsAreInComeBackFromFilesAsTheyWere() throws IOException {
        History history = new History(12);
        history.changes(20);
        LoggedSet odd = withNotes(history.sets().get(history.sets().size() - 1), "a\tb\\N\r\n\u05e9\uD83D\uDE00\u0001");
        try (LogFold fold = new LogFold(Kind.EXPENSE, new Moment.AtPosition(Long.MAX_VALUE), new Room(0), folder)) {
            fold.add(odd);

            assertThat(Folds.changed(fold)).isEqualTo(Folds.changed(Folds.of(moment(), List.of(odd))));
        }
    }

    @Test
    void aDiskThatIsTooFullIsNamedBeforeAnythingIsWrittenToIt() throws IOException {
        History history = new History(9);
        history.changes(300);
        LogFold fold = new LogFold(Kind.EXPENSE, moment(), new Room(20_000), folder, any -> 10L << 20);

        assertThatThrownBy(() -> Folds.add(fold, history.sets()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("10 MB are free");

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void textsCountAndTheSameAgainTakesNothingMore() throws IOException {
        History history = new History(9);
        history.changes(300);
        LoggedSet last = history.sets().get(history.sets().size() - 1);
        try (LogFold fold = new LogFold(Kind.EXPENSE, moment(), new Room(1 << 20), folder)) {
            for (int again = 0; again < 5; again++) {
                Folds.add(fold, history.sets());
            }
            assertThat(folder).isEmptyDirectory();

            fold.add(withNotes(last, "n".repeat(1 << 19)));

            assertThat(files()).isEqualTo(1);
        }
    }

    private static Moment moment() {
        return new Moment.AtPosition(Long.MAX_VALUE);
    }

    private long files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).count();
        }
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
}
