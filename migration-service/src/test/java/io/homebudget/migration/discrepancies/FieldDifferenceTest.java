package io.homebudget.migration.discrepancies;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.discrepancies.Finding.Cause;
import io.homebudget.migration.discrepancies.Finding.Place;
import io.homebudget.migration.discrepancies.Finding.Type;
import io.homebudget.migration.ledgers.RecordedChange;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FieldDifferenceTest {
    private static final EntryValues RIGHT =
            new EntryValues("2026-01-31", "Shop", "food", 12_50, "cash", "EUR", "note");
    private static final UUID CHANGE = new UUID(1, 1);

    static Stream<Arguments> damage() {
        return Stream.of(
                Arguments.of("date", new EntryValues("2026-02-01", "Shop", "food", 12_50, "cash", "EUR", "note")),
                Arguments.of("business", new EntryValues("2026-01-31", "Shop ", "food", 12_50, "cash", "EUR", "note")),
                Arguments.of("business", new EntryValues("2026-01-31", null, "food", 12_50, "cash", "EUR", "note")),
                Arguments.of("category", new EntryValues("2026-01-31", "Shop", "Food", 12_50, "cash", "EUR", "note")),
                Arguments.of("amount", new EntryValues("2026-01-31", "Shop", "food", 12_51, "cash", "EUR", "note")),
                Arguments.of("account", new EntryValues("2026-01-31", "Shop", "food", 12_50, "", "EUR", "note")),
                Arguments.of("currency", new EntryValues("2026-01-31", "Shop", "food", 12_50, "cash", "eur", "note")),
                Arguments.of("notes", new EntryValues("2026-01-31", "Shop", "food", 12_50, "cash", "EUR", "")));
    }

    @ParameterizedTest
    @MethodSource("damage")
    void eachFieldIsNamedByTheLogAndWithoutItByTheOtherSideA12(String field, EntryValues wrong) {
        assertThat(fields(wrong, List.of(change(3, RIGHT)), Optional.empty())).containsExactly(field);
        assertThat(fields(wrong, List.of(), Optional.of(image(RIGHT, RIGHT)))).containsExactly(field);
    }

    @Test
    void nothingIsSaidWhereWhatWasRecordedIsNotKnown() {
        EntryValues wrong = new EntryValues("2026-02-01", "Shop", "food", 12_50, "cash", "EUR", "note");
        assertThat(fields(wrong, List.of(), Optional.empty())).isEmpty();
        assertThat(fields(wrong, List.of(change(2, RIGHT)), Optional.empty())).isEmpty();
        assertThat(fields(wrong, List.of(), Optional.of(image(RIGHT, wrong)))).isEmpty();
    }

    @Test
    void nothingIsSaidOfAnImageThatIsNotWhatWasJudged() {
        EntryState judged = new EntryState(7, 3, 1, CHANGE, false, digest(RIGHT), new UUID(9, 9));
        assertThat(FieldDifference.of(
                        Kind.EXPENSE,
                        finding(judged),
                        Optional.of(image(RIGHT, RIGHT)),
                        Optional.empty(),
                        List.of(change(3, RIGHT))))
                .isEmpty();
    }

    @Test
    void anIncomeHasNoBusinessToDiffer() {
        EntryValues other = new EntryValues("2026-01-31", null, "food", 12_50, "cash", "EUR", "note");
        assertThat(FieldDifference.between(Kind.INCOME, RIGHT, other)).isEmpty();
    }

    private static List<String> fields(EntryValues wrong, List<RecordedChange> changes, Optional<EntryImage> other) {
        EntryState judged = new EntryState(7, 3, 1, CHANGE, false, digest(RIGHT), digest(wrong));
        return FieldDifference.of(Kind.EXPENSE, finding(judged), Optional.of(image(wrong, RIGHT)), other, changes);
    }

    private static Finding finding(EntryState damaged) {
        return new Finding(
                7,
                Type.FIELD,
                StoreName.POSTGRES,
                StoreName.JSON,
                Place.SERVED,
                null,
                damaged,
                Cause.VALUES_CHANGED,
                "not as recorded");
    }

    private static EntryImage image(EntryValues values, EntryValues recorded) {
        return new EntryImage(7, 3, 1, CHANGE, false, digest(recorded), values);
    }

    private static RecordedChange change(long version, EntryValues after) {
        return new RecordedChange(CHANGE, 7, version, false, digest(after), 10, null, null, after);
    }

    private static UUID digest(EntryValues values) {
        return EntryDigest.of(values.withId(7));
    }
}
