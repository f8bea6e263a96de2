package io.homebudget.backup.recovery;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.backup.format.SnapshotJson;
import io.homebudget.backup.recovery.Changes.MissingChanges;
import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.LoggedSet;
import io.homebudget.ledger.phase.Phase;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Puts sets together again from their events, which lie on several partitions and may come twice. A set is given when it is whole;
 * one that never becomes whole is missing (A39). Memory is the sets that are not whole yet.
 */
final class EventSets {
    /** Events that tell how an entry stands instead of what happened to it. */
    private static final String BASELINE = "baseline";

    private final Kind kind;
    private final long after;
    private final Map<UUID, Growing> growing = new HashMap<>();
    private long first = Long.MAX_VALUE;
    private long highest;
    private long limit = Long.MAX_VALUE;

    /** @param after the image's position: what it holds may be missing */
    EventSets(Kind kind, long after) {
        this.kind = kind;
        this.after = after;
    }

    /** A set on its way: its changes so far. */
    private record Growing(JsonNode first, Instant at, Map<UUID, LoggedSet.Logged> changes) {}

    /**
     * @param header gives a header by its name; null where there is none
     * @return the set that this event made whole; null where it made none
     */
    LoggedSet take(UnaryOperator<String> header, byte[] value) throws IOException {
        JsonNode data = SnapshotJson.MAPPER.readTree(value);
        if (data.path("position").asLong() > limit) {
            return null;
        }
        if (data.path("changed_by").asText().equals(BASELINE)) {
            if (data.path("position").asLong() > after) {
                throw new MissingChanges(
                        "the topic goes on with a baseline: what was changed before it was never published one by one");
            }
            return null;
        }
        first = Math.min(first, data.path("position").asLong());
        highest = Math.max(highest, data.path("position").asLong());
        UUID set = UUID.fromString(data.path("set_id").asText());
        Instant at = Instant.parse(present(header, "ce_time"));
        Growing one = growing.computeIfAbsent(set, id -> new Growing(data, at, new LinkedHashMap<>()));
        LoggedSet.Logged change = change(UUID.fromString(present(header, "ce_id")), data);
        one.changes().putIfAbsent(change.id(), change);
        if (one.changes().size() < data.path("set_size").asInt()) {
            return null;
        }
        growing.remove(set);
        return new LoggedSet(
                one.first().path("position").asLong(),
                set,
                one.first().path("epoch").asLong(),
                Phase.valueOf(one.first().path("phase").asText()),
                one.at(),
                one.first().path("changed_by").asText(),
                null,
                null,
                List.copyOf(one.changes().values()));
    }

    /** The lowest position that was seen; the largest number where none was. */
    long first() {
        return first;
    }

    /** From now on only what completes the sets up to the highest position that was seen: of later ones some may be unseen. */
    void nothingNew() {
        limit = highest;
    }

    /** Of a set that the image holds, some events may lie before the place where reading began. */
    void requireWhole() throws MissingChanges {
        long torn = growing.values().stream()
                .filter(one -> one.first().path("position").asLong() > after)
                .count();
        if (torn > 0) {
            throw new MissingChanges(torn + " sets are in Kafka in part only");
        }
    }

    private static LoggedSet.Logged change(UUID changeId, JsonNode data) {
        long id = data.path("id").asLong();
        EntryValues after = values(data.path("after"));
        EntryValues before = values(data.path("before"));
        Action action = after == null ? Action.DELETED : before == null ? Action.CREATED : Action.UPDATED;
        return new LoggedSet.Logged(
                changeId,
                id,
                data.path("version").asLong(),
                action,
                before,
                after,
                after == null ? null : EntryDigest.of(after.withId(id)));
    }

    private static EntryValues values(JsonNode entry) {
        return entry.isObject()
                ? new EntryValues(
                        entry.path("date").asText(),
                        text(entry, "business"),
                        entry.path("category").asText(),
                        Amounts.ofDecimal(entry.path("amount").decimalValue()),
                        entry.path("account").asText(),
                        entry.path("currency").asText(),
                        text(entry, "notes"))
                : null;
    }

    private static String text(JsonNode entry, String field) {
        return entry.path(field).isTextual() ? entry.path(field).asText() : null;
    }

    private String present(UnaryOperator<String> header, String name) throws MissingChanges {
        String value = header.apply(name);
        if (value == null) {
            throw new MissingChanges("an event of the " + kind.plural() + " has no " + name);
        }
        return value;
    }
}
