package io.homebudget.ledger.entry;

import java.time.LocalDate;
import java.util.Objects;

/**
 * One expense or income as both stores hold it: already validated by {@link EntryRules}, so every instance can be written to
 * either store.
 *
 * @param id 1 to 2^53 - 1, so that JavaScript clients read it exactly
 * @param cents the amount in whole cents, see {@link Amounts}
 * @param business null where there is none; always null for an income
 * @param notes null where there are none; null and "" differ
 */
public record Entry(
        long id,
        LocalDate date,
        String business,
        String category,
        long cents,
        String account,
        String currency,
        String notes) {

    /** The largest id: 2^53 - 1. */
    public static final long MAX_ID = (1L << 53) - 1;

    public Entry {
        if (id < 0 || id > MAX_ID) {
            throw new IllegalArgumentException("id " + id + " is not within 0.." + MAX_ID);
        }
        Objects.requireNonNull(date, "date");
        Objects.requireNonNull(category, "category");
        Objects.requireNonNull(account, "account");
        Objects.requireNonNull(currency, "currency");
    }

    public Entry withId(long newId) {
        return new Entry(newId, date, business, category, cents, account, currency, notes);
    }

    /** The order of every list: newest date first, then highest id. */
    public static int compareForListing(Entry a, Entry b) {
        int byDate = b.date.compareTo(a.date);
        return byDate != 0 ? byDate : Long.compare(b.id, a.id);
    }
}
