package io.homebudget.backup.recovery;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.LoggedSet;
import io.homebudget.ledger.json.EntryWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A change of the expenses as the publisher writes it. */
record Event(long entry, Map<String, String> headers, byte[] value) {

    static List<Event> of(LoggedSet set) {
        return set.changes().stream()
                .map(change -> new Event(
                        change.entryId(),
                        Map.of(
                                "ce_id",
                                change.id().toString(),
                                "ce_time",
                                set.at().toString()),
                        ("{\"kind\":\"expense\",\"id\":" + change.entryId() + ",\"version\":" + change.version()
                                        + ",\"epoch\":" + set.epoch() + ",\"position\":" + set.position()
                                        + ",\"set_id\":\""
                                        + set.id() + "\",\"set_size\":"
                                        + set.changes().size() + ",\"phase\":\"" + set.phase()
                                        + "\",\"primary\":\"json\",\"before\":"
                                        + json(change.entryId(), change.before())
                                        + ",\"after\":" + json(change.entryId(), change.after())
                                        + ",\"changed_by\":\"" + set.by() + "\"}")
                                .getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    private static String json(long id, EntryValues values) {
        return values == null ? "null" : EntryWriter.compact(Kind.EXPENSE, values.withId(id));
    }
}
