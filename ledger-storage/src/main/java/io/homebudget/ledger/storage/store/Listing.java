package io.homebudget.ledger.storage.store;

import java.time.LocalDate;

/**
 * Which entries of a list are wanted, newest date first, then highest id.
 *
 * @param from first date, null for no bound; {@code to} is the last one, inclusive
 * @param category exactly this; null for any; {@code account} likewise
 * @param text contained in business, category, account or notes, ASCII letters compared without case; null for any
 * @param limit how many at most; 0 for all
 * @param after only what comes after this place in the order; null from the start
 */
public record Listing(
        LocalDate from, LocalDate to, String category, String account, String text, int limit, After after) {

    /** A place in the order of a list: behind the entry with this date and id. */
    public record After(LocalDate date, long id) {}

    public static final Listing ALL = new Listing(null, null, null, null, null, 0, null);
}
