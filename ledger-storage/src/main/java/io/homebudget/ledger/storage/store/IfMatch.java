package io.homebudget.ledger.storage.store;

import java.util.Set;
import java.util.UUID;

/**
 * The condition of an If-Match header (RFC 9110, 13.1.1). Where no header was sent it is {@link #NONE}, which always holds.
 *
 * @param any {@code *}: any existing entry matches
 */
public record IfMatch(boolean any, Set<UUID> changeIds) {
    public static final IfMatch NONE = new IfMatch(true, Set.of());

    public IfMatch {
        changeIds = Set.copyOf(changeIds);
    }

    public boolean holdsFor(UUID changeId) {
        return any || changeId != null && changeIds.contains(changeId);
    }
}
