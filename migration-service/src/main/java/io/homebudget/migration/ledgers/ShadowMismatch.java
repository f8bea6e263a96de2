package io.homebudget.migration.ledgers;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A sampled read that both stores answered differently, as {@code GET /internal/v1/shadow-reads} lists it. Only a candidate: the
 * answers may be of two moments.
 *
 * @param request method, path and query, as the client sent them
 * @param what how the answers differ, without any value
 * @param entryIds entries that differ in the answers; empty where the request names none
 */
public record ShadowMismatch(UUID id, Instant at, String request, String what, List<Long> entryIds) {
    public ShadowMismatch {
        entryIds = List.copyOf(entryIds);
    }

    static ShadowMismatch of(JsonNode node) {
        List<Long> ids = new ArrayList<>();
        node.path("entry_ids").forEach(id -> ids.add(id.asLong()));
        return new ShadowMismatch(
                UUID.fromString(node.path("id").asText()),
                Instant.parse(node.path("at").asText()),
                node.path("request").asText(),
                node.path("what").asText(),
                ids);
    }
}
