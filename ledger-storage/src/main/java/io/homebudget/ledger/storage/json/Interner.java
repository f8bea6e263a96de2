package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Entry;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;

/**
 * Gives equal texts and dates as one object, whether they come from a file or from a client: categories, accounts and dates repeat
 * a thousandfold, and a million entries must fit in memory. Bounded, for ledgers in which they do not.
 */
final class Interner {
    private final int max;
    private final Map<String, String> texts = new HashMap<>();
    private final Map<Integer, LocalDate> dates = new HashMap<>();

    /** One that remembers; it belongs to one thread. */
    Interner() {
        this(1 << 16);
    }

    private Interner(int max) {
        this.max = max;
    }

    /** One that remembers nothing, for any thread. */
    static Interner none() {
        return new Interner(0);
    }

    String text(String value) {
        if (value == null || value.isEmpty()) {
            return value == null ? null : "";
        }
        String known = texts.get(value);
        if (known != null) {
            return known;
        }
        if (texts.size() < max) {
            texts.put(value, value);
        }
        return value;
    }

    /** The same entry, made of the one object that each of its repeated values has. */
    Entry entry(Entry entry) {
        LocalDate date = entry.date();
        return new Entry(
                entry.id(),
                date(date.getYear(), date.getMonthValue(), date.getDayOfMonth()),
                text(entry.business()),
                text(entry.category()),
                entry.cents(),
                text(entry.account()),
                text(entry.currency()),
                entry.notes() == null || entry.notes().isEmpty() ? text(entry.notes()) : entry.notes());
    }

    /** The same set, its values as those of {@link #entry}. */
    ChangeSet set(ChangeSet set) {
        return new ChangeSet(
                set.position(),
                set.id(),
                set.rule(),
                set.at(),
                set.by(),
                set.key(),
                set.changes().stream().map(this::change).toList());
    }

    private Change change(Change change) {
        return change.after() == null
                ? change
                : new Change(
                        change.id(),
                        change.entryId(),
                        change.version(),
                        change.action(),
                        change.before(),
                        entry(change.after()),
                        change.digest());
    }

    LocalDate date(int year, int month, int day) {
        int key = year * 10_000 + month * 100 + day;
        LocalDate known = dates.get(key);
        if (known != null) {
            return known;
        }
        LocalDate date = LocalDate.of(year, month, day);
        if (dates.size() < max) {
            dates.put(key, date);
        }
        return date;
    }
}
