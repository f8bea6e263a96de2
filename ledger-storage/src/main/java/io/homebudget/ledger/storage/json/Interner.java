package io.homebudget.ledger.storage.json;

import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;

/**
 * Gives equal texts and dates as one object while a file is loaded: categories, accounts and dates repeat a thousandfold, and a
 * million entries must fit in memory. Bounded, for files in which they do not.
 */
final class Interner {
    private static final int MAX = 1 << 16;
    private final Map<String, String> texts = new HashMap<>();
    private final Map<Integer, LocalDate> dates = new HashMap<>();

    String text(String value) {
        if (value == null || value.isEmpty()) {
            return value == null ? null : "";
        }
        String known = texts.get(value);
        if (known != null) {
            return known;
        }
        if (texts.size() < MAX) {
            texts.put(value, value);
        }
        return value;
    }

    LocalDate date(int year, int month, int day) {
        int key = year * 10_000 + month * 100 + day;
        LocalDate known = dates.get(key);
        if (known != null) {
            return known;
        }
        LocalDate date = LocalDate.of(year, month, day);
        if (dates.size() < MAX) {
            dates.put(key, date);
        }
        return date;
    }
}
