package io.homebudget.ledger.entry;

import java.time.LocalDate;

/** Reads days as all stores and services write them, {@code YYYY-MM-DD}: a tenth of what the general parser of the JDK takes. */
public final class IsoDate {
    private static final int LENGTH = 10;
    /** Stays below zero whatever is added to it. */
    private static final int NO_NUMBER = -1_000_000;

    private IsoDate() {}

    /**
     * As {@link LocalDate#parse(CharSequence)}.
     *
     * @throws java.time.DateTimeException where it is no day
     */
    public static LocalDate parse(String text) {
        if (text.length() != LENGTH || text.charAt(4) != '-' || text.charAt(7) != '-') {
            return LocalDate.parse(text);
        }
        int year = 100 * twoDigits(text, 0) + twoDigits(text, 2);
        int month = twoDigits(text, 5);
        int day = twoDigits(text, 8);
        // what is no number is for the general parser to explain
        return year < 0 || month < 0 || day < 0 ? LocalDate.parse(text) : LocalDate.of(year, month, day);
    }

    private static int twoDigits(String text, int at) {
        int tens = text.charAt(at) - '0';
        int ones = text.charAt(at + 1) - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? NO_NUMBER : 10 * tens + ones;
    }
}
