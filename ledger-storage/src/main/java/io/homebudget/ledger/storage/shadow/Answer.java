package io.homebudget.ledger.storage.shadow;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.storage.store.GroupTotal;
import io.homebudget.ledger.storage.store.Held;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What a client would see of a store's answer: the entries' bytes in their order, and the ETag where the call answers with one.
 *
 * @param text all of it
 * @param entries the same by entry
 */
record Answer(String text, Map<Long, Seen> entries) {

    /** One entry as a client sees it, and the version that it is said to be of. */
    record Seen(long version, UUID changeId, String bytes) {
        /** Two answers about the same version of an entry can be compared whatever is written meanwhile. */
        boolean sameChange(Seen other) {
            return version == other.version && changeId != null && changeId.equals(other.changeId);
        }
    }

    static Answer of(Kind kind, Held held) {
        if (held == null) {
            return new Answer("no such entry", Map.of());
        }
        Seen seen = seen(kind, held);
        return new Answer(
                seen.bytes() + " etag " + held.changeId(), Map.of(held.entry().id(), seen));
    }

    static Answer of(Kind kind, List<Held> page) {
        StringBuilder text = new StringBuilder("[");
        Map<Long, Seen> entries = new LinkedHashMap<>();
        for (Held held : page) {
            Seen seen = seen(kind, held);
            text.append(text.length() > 1 ? "," : "").append(seen.bytes());
            entries.put(held.entry().id(), seen);
        }
        return new Answer(text.append(']').toString(), entries);
    }

    static Answer of(List<GroupTotal> totals) {
        return new Answer(totals.toString(), Map.of());
    }

    private static Seen seen(Kind kind, Held held) {
        return new Seen(held.version(), held.changeId(), EntryWriter.compact(kind, held.entry()));
    }

    boolean same(Answer other) {
        return text.equals(other.text);
    }

    /** Entries of which both answers show the same version, but not the same bytes: damage, whatever is written meanwhile. */
    List<Long> damaged(Answer other) {
        List<Long> damaged = new ArrayList<>();
        entries.forEach((id, seen) -> {
            Seen there = other.entries.get(id);
            if (there != null && seen.sameChange(there) && !seen.bytes().equals(there.bytes())) {
                damaged.add(id);
            }
        });
        return damaged;
    }

    /** Entries that are not the same in both, or not in both. */
    List<Long> differing(Answer other) {
        List<Long> differing = new ArrayList<>();
        entries.forEach((id, seen) -> {
            if (!seen.equals(other.entries.get(id))) {
                differing.add(id);
            }
        });
        other.entries.keySet().stream().filter(id -> !entries.containsKey(id)).forEach(differing::add);
        return differing;
    }
}
