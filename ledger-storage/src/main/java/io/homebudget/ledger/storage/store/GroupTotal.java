package io.homebudget.ledger.storage.store;

/**
 * One line of a summary. Sums are exact cents; |sum| stays below 2^63 for up to 9 * 10^8 entries.
 *
 * @param group the category, the account, or the month as {@code YYYY-MM}
 */
public record GroupTotal(String group, String currency, long count, long totalCents, long minCents, long maxCents) {}
