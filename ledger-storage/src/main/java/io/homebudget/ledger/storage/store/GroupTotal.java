package io.homebudget.ledger.storage.store;

import java.util.Comparator;

/**
 * One line of a summary. Sums are exact cents; |sum| stays below 2^63 for up to 9 * 10^8 entries.
 *
 * @param group the category, the account, or the month as {@code YYYY-MM}
 */
public record GroupTotal(String group, String currency, long count, long totalCents, long minCents, long maxCents) {
    /** The order of every summary: by group, then by currency, by code point, so that it does not depend on the store (A13). */
    public static final Comparator<GroupTotal> ORDER = Comparator.comparing(GroupTotal::group, GroupTotal::byCodePoint)
            .thenComparing(GroupTotal::currency, GroupTotal::byCodePoint);

    /** The order of UTF-8 bytes; {@code String}'s own, by UTF-16 unit, puts an emoji before U+E000. */
    private static int byCodePoint(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean high = Character.isSurrogate(x);
                return high == Character.isSurrogate(y) ? Character.compare(x, y) : high ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
