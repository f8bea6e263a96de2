package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.IsoDate;

/**
 * What an entry says, without its id, as services hand it to each other.
 *
 * @param date {@code YYYY-MM-DD}
 * @param cents the amount in whole cents: no decimal point, so nothing can be rounded on the way
 */
@JsonNaming(SnakeCaseStrategy.class)
public record EntryValues(
        String date, String business, String category, long cents, String account, String currency, String notes) {

    /** Null for null. */
    public static EntryValues of(Entry entry) {
        return entry == null
                ? null
                : new EntryValues(
                        entry.date().toString(),
                        entry.business(),
                        entry.category(),
                        entry.cents(),
                        entry.account(),
                        entry.currency(),
                        entry.notes());
    }

    public Entry withId(long id) {
        return new Entry(id, IsoDate.parse(date), business, category, cents, account, currency, notes);
    }
}
