package io.homebudget.ledger.storage.testing;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.GroupTotal;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.LoggedChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What lists, totals and the audit answer, said as plainly as it can be: everything is looked at. */
public final class Selecting {
    private static final int CHUNK = 1_000;

    private Selecting() {}

    static List<Held> select(Collection<Held> entries, Listing listing) {
        return entries.stream()
                .filter(held -> matches(listing, held.entry()))
                .filter(held -> listing.after() == null || comesAfter(held.entry(), listing.after()))
                .sorted((a, b) -> Entry.compareForListing(a.entry(), b.entry()))
                .limit(listing.limit() == 0 ? Long.MAX_VALUE : listing.limit())
                .toList();
    }

    static List<List<Held>> chunks(List<Held> found) {
        List<List<Held>> chunks = new ArrayList<>();
        for (int from = 0; from < found.size(); from += CHUNK) {
            chunks.add(List.copyOf(found.subList(from, Math.min(from + CHUNK, found.size()))));
        }
        return chunks;
    }

    private static boolean comesAfter(Entry entry, Listing.After place) {
        int byDate = entry.date().compareTo(place.date());
        return byDate < 0 || byDate == 0 && entry.id() < place.id();
    }

    private static boolean matches(Listing listing, Entry entry) {
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

    private static boolean contains(String text, String wanted) {
        return text != null && asciiLower(text).contains(asciiLower(wanted));
    }

    private static String asciiLower(String text) {
        StringBuilder out = new StringBuilder(text);
        for (int i = 0; i < out.length(); i++) {
            char c = out.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                out.setCharAt(i, (char) (c + 32));
            }
        }
        return out.toString();
    }

    static List<GroupTotal> totals(Collection<Held> entries, Grouping by, Listing filter) {
        Map<List<String>, GroupTotal> totals = new HashMap<>();
        for (Held held : entries) {
            Entry entry = held.entry();
            if (matches(filter, entry)) {
                String group =
                        switch (by) {
                            case CATEGORY -> entry.category();
                            case ACCOUNT -> entry.account();
                            case MONTH -> entry.date().toString().substring(0, 7);
                        };
                long cents = entry.cents();
                totals.merge(
                        List.of(group, entry.currency()),
                        new GroupTotal(group, entry.currency(), 1, cents, cents, cents),
                        (a, b) -> new GroupTotal(
                                group,
                                entry.currency(),
                                a.count() + 1,
                                a.totalCents() + cents,
                                Math.min(a.minCents(), cents),
                                Math.max(a.maxCents(), cents)));
            }
        }
        return totals.values().stream().sorted(GroupTotal.ORDER).toList();
    }

    /** @param log oldest first */
    public static List<LoggedChange> changes(Collection<ChangeSet> log, AuditQuery query) {
        List<LoggedChange> found = new ArrayList<>();
        for (ChangeSet set : log) {
            for (int i = 0; i < set.changes().size(); i++) {
                Change change = set.changes().get(i);
                if ((query.entryId() == null || query.entryId() == change.entryId())
                        && change.version() >= query.fromVersion()
                        && (query.from() == null || !set.at().isBefore(query.from()))
                        && (query.to() == null || set.at().isBefore(query.to()))
                        && (set.position() < query.beforePosition()
                                || set.position() == query.beforePosition() && i < query.beforeOrdinal())) {
                    found.add(
                            0,
                            new LoggedChange(
                                    set.position(), i, set.id(), set.rule().epoch(), set.at(), set.by(), change));
                }
            }
        }
        return List.copyOf(found.subList(0, Math.min(query.limit(), found.size())));
    }
}
