package io.homebudget.backup.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class EventSetsTest {
    @Test
    @Tag("A23")
    void setsThatWerePublishedComeOutAsTheyWereInAnyOrderAndMoreThanOnce() throws IOException {
        History history = new History(23);
        history.changes(1_500);
        List<Event> events = new ArrayList<>();
        history.sets().forEach(set -> events.addAll(Event.of(set)));
        LogFold reference = Folds.of(new Moment.AtPosition(history.position()), history.sets());
        Collections.shuffle(events, new Random(3));
        LogFold fold = Folds.empty();
        EventSets sets = new EventSets(Kind.EXPENSE, 0);

        for (Event event : events) {
            LoggedSet whole = sets.take(event.headers()::get, event.value());
            if (whole != null) {
                fold.add(whole);
            }
        }

        sets.requireWhole();
        assertThat(Folds.changed(fold)).isEqualTo(Folds.changed(reference));
        assertThat(fold.sets()).isEqualTo(history.sets().size());
    }

    @Test
    @Tag("A39")
    void aSetOfWhichAnEventIsGoneIsMissingUnlessTheImageHoldsIt() throws IOException {
        History history = new History(23);
        history.changes(1_500);
        LoggedSet bulk = history.sets().stream()
                .filter(set -> set.changes().size() > 5)
                .findFirst()
                .orElseThrow();
        EventSets held = new EventSets(Kind.EXPENSE, bulk.position());
        EventSets needed = new EventSets(Kind.EXPENSE, bulk.position() - 1);

        for (Event event : Event.of(bulk).subList(1, bulk.changes().size())) {
            assertThat(held.take(event.headers()::get, event.value())).isNull();
            assertThat(needed.take(event.headers()::get, event.value())).isNull();
        }

        held.requireWhole();
        assertThatThrownBy(needed::requireWhole).isInstanceOf(Changes.MissingChanges.class);
    }

    @Test
    void ofWhatALaterReadingMeetsOnlyTheSetsUpToTheHighestPositionOfTheFirstCount() throws IOException {
        // Given a reading that met a part of a bulk delete, and nothing of the set before it
        History history = new History(23);
        history.changes(1_500);
        int nth = 100;
        while (history.sets().get(nth).changes().size() < 5) {
            nth++;
        }
        List<Event> before = Event.of(history.sets().get(nth - 1));
        List<Event> bulk = Event.of(history.sets().get(nth));
        List<Event> later = Event.of(history.sets().get(nth + 1));
        EventSets sets = new EventSets(Kind.EXPENSE, 0);
        sets.take(bulk.get(0).headers()::get, bulk.get(0).value());
        sets.nothingNew();
        List<Long> whole = new ArrayList<>();
        // When
        List<Event> met = new ArrayList<>(later);
        met.addAll(bulk.subList(1, bulk.size()));
        met.addAll(before);
        for (Event event : met) {
            LoggedSet set = sets.take(event.headers()::get, event.value());
            if (set != null) {
                whole.add(set.position());
            }
        }
        // Then
        sets.requireWhole();
        assertThat(whole)
                .containsExactly(
                        history.sets().get(nth).position(),
                        history.sets().get(nth - 1).position());
    }
}
