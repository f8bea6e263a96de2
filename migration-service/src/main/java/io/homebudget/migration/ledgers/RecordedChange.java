package io.homebudget.migration.ledgers;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.UUID;

/**
 * What the log says about one version of one entry.
 *
 * @param deleted whether the change removed the entry
 * @param digest the digest of the entry after it; null for a deletion
 */
public record RecordedChange(UUID id, long entryId, long version, boolean deleted, UUID digest, long position) {

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
                        ? change.get("action")
                                .asText()
                                .toUpperCase(java.util.Locale.ROOT)
                                .startsWith("DELETE")
                        : digest == null;
        UUID id = uuid(change.hasNonNull("id") ? change.get("id") : change.get("change_id"));
        return new RecordedChange(
                id,
                change.path("entry_id").asLong(),
                change.path("version").asLong(),
                deleted,
                digest,
                node.path("position").asLong());
    }

    private static UUID uuid(JsonNode node) {
        return node == null || node.isNull() ? null : UUID.fromString(node.asText());
    }
}
