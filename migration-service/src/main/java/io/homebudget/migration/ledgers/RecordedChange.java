package io.homebudget.migration.ledgers;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.internal.EntryValues;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;

/**
 * What the log says about one version of one entry.
 *
 * @param deleted whether the change removed the entry
 * @param digest the digest of the entry after it; null for a deletion
 * @param at when it was made; {@code by} whom; null where the ledger service does not tell
 * @param after what the entry said after it; null for a deletion, and where the ledger service does not tell
 */
public record RecordedChange(
        UUID id,
        long entryId,
        long version,
        boolean deleted,
        UUID digest,
        long position,
        Instant at,
        String by,
        EntryValues after) {

    /**
     * Reads a change as {@code GET /internal/v1/changes} lists it: with the change nested under {@code change} beside its
     * position, or all members on one level.
     */
    public static RecordedChange of(JsonNode node) {
        JsonNode change = node.hasNonNull("change") ? node.get("change") : node;
        UUID digest = uuid(change.get("digest"));
        boolean deleted = change.hasNonNull("deleted")
                ? change.get("deleted").asBoolean()
                : change.hasNonNull("action")
                        ? change.get("action").asText().toUpperCase(Locale.ROOT).startsWith("DELETE")
                        : digest == null;
        UUID id = uuid(change.hasNonNull("id") ? change.get("id") : change.get("change_id"));
        return new RecordedChange(
                id,
                change.path("entry_id").asLong(),
                change.path("version").asLong(),
                deleted,
                digest,
                node.path("position").asLong(),
                node.hasNonNull("at") ? Instant.parse(node.get("at").asText()) : null,
                text(node.get("by")),
                values(change.get("after")));
    }

    private static EntryValues values(JsonNode after) {
        return after == null || after.isNull() || !after.has("cents")
                ? null
                : new EntryValues(
                        text(after.get("date")),
                        text(after.get("business")),
                        text(after.get("category")),
                        after.path("cents").asLong(),
                        text(after.get("account")),
                        text(after.get("currency")),
                        text(after.get("notes")));
    }

    private static String text(JsonNode node) {
        return node == null || node.isNull() ? null : node.asText();
    }

    private static UUID uuid(JsonNode node) {
        return node == null || node.isNull() ? null : UUID.fromString(node.asText());
    }
}
