package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.storage.store.GroupTotal;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.Tombstone;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/** Answers from one view: whatever is written meanwhile, an answer is of one position. */
final class Reads {
    private static final int CHUNK = 1_000;

    private Reads() {}

    /** The wanted entries in the order of lists, in chunks. */
    static Iterator<List<Held>> list(View view, Listing listing) {
        Iterator<Held> entries = candidates(view, listing).iterator();
        int limit = listing.limit() == 0 ? Integer.MAX_VALUE : listing.limit();
        return chunks(new Supplier<>() {
            private int left = limit;

            @Override
            public Held get() {
                while (left > 0 && entries.hasNext()) {
                    Held held = entries.next();
                    if (listing.from() != null && held.entry().date().isBefore(listing.from())) {
                        return null;
                    }
                    if (wanted(held.entry(), listing)) {
                        left--;
                        return held;
                    }
                }
                return null;
            }
        });
    }

    private static Iterable<Held> candidates(View view, Listing listing) {
        Held start = null;
        boolean including = false;
        if (listing.to() != null) {
            start = place(listing.to(), Entry.MAX_ID);
            including = true;
        }
        if (listing.after() != null) {
            Held after = place(listing.after().date(), listing.after().id());
            if (start == null || view.listed.comparator().compare(after, start) >= 0) {
                start = after;
                including = false;
            }
        }
        return start == null
                ? view.listed.values()
                : view.listed.tailMap(start, including).values();
    }

    private static Held place(LocalDate date, long id) {
        return new Held(new Entry(id, date, null, "", 0, "", "", null), 0, 0, null, null);
    }

    static boolean wanted(Entry entry, Listing listing) {
        return (listing.from() == null || !entry.date().isBefore(listing.from()))
                && (listing.to() == null || !entry.date().isAfter(listing.to()))
                && (listing.category() == null || listing.category().equals(entry.category()))
                && (listing.account() == null || listing.account().equals(entry.account()))
                && (listing.text() == null
                        || contains(entry.business(), listing.text())
                        || contains(entry.category(), listing.text())
                        || contains(entry.account(), listing.text())
                        || contains(entry.notes(), listing.text()));
    }

    /** ASCII letters without case, everything else exactly: what every database does with them too. */
    private static boolean contains(String value, String part) {
        if (value == null) {
            return false;
        }
        for (int from = 0; from <= value.length() - part.length(); from++) {
            int i = 0;
            while (i < part.length() && fold(value.charAt(from + i)) == fold(part.charAt(i))) {
                i++;
            }
            if (i == part.length()) {
                return true;
            }
        }
        return false;
    }

    private static char fold(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 'a' - 'A') : c;
    }

    private record Group(String name, String currency) {}

    static List<GroupTotal> summarize(View view, Grouping by, Listing filter) {
        Map<Group, long[]> totals = new HashMap<>();
        for (Held held : view.byId.values()) {
            Entry entry = held.entry();
            if (wanted(entry, filter)) {
                long[] total = totals.computeIfAbsent(new Group(group(by, entry), entry.currency()), g ->
                        new long[] {0, 0, Long.MAX_VALUE, Long.MIN_VALUE});
                total[0]++;
                total[1] += entry.cents();
                total[2] = Math.min(total[2], entry.cents());
                total[3] = Math.max(total[3], entry.cents());
            }
        }
        List<GroupTotal> answer = new ArrayList<>(totals.size());
        totals.forEach(
                (group, t) -> answer.add(new GroupTotal(group.name(), group.currency(), t[0], t[1], t[2], t[3])));
        answer.sort(GroupTotal.ORDER);
        return answer;
    }

    private static String group(Grouping by, Entry entry) {
        return switch (by) {
            case CATEGORY -> entry.category();
            case ACCOUNT -> entry.account();
            case MONTH -> entry.date().toString().substring(0, 7);
        };
    }

    /** Live entries and tombstones, ascending by id. */
    static Iterator<List<ImageRow>> image(View view, long afterId) {
        Iterator<Held> live = view.byId.tailMap(afterId, false).values().iterator();
        Iterator<Tombstone> dead =
                view.tombstones.tailMap(afterId, false).values().iterator();
        return chunks(new Supplier<>() {
            private Held nextLive = live.hasNext() ? live.next() : null;
            private Tombstone nextDead = dead.hasNext() ? dead.next() : null;

            @Override
            public ImageRow get() {
                if (nextLive != null && (nextDead == null || nextLive.entry().id() < nextDead.id())) {
                    ImageRow row = new ImageRow(nextLive, null);
                    nextLive = live.hasNext() ? live.next() : null;
                    return row;
                }
                if (nextDead != null) {
                    ImageRow row = new ImageRow(null, nextDead);
                    nextDead = dead.hasNext() ? dead.next() : null;
                    return row;
                }
                return null;
            }
        });
    }

    /** @param source answers null at its end */
    private static <T> Iterator<List<T>> chunks(Supplier<T> source) {
        return new Iterator<>() {
            private T next = source.get();

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public List<T> next() {
                if (next == null) {
                    throw new NoSuchElementException();
                }
                List<T> chunk = new ArrayList<>(CHUNK);
                while (next != null && chunk.size() < CHUNK) {
                    chunk.add(next);
                    next = source.get();
                }
                return chunk;
            }
        };
    }
}
