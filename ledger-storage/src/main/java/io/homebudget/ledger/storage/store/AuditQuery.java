package io.homebudget.ledger.storage.store;

import java.time.Instant;

/**
 * @param entryId null for all entries
 * @param from first moment, inclusive; null for no bound
 * @param to last moment, exclusive; null for no bound
 * @param limit at most so many, 1 to 1,000
 * @param beforePosition only changes before this place; {@link Long#MAX_VALUE} from the newest
 * @param beforeOrdinal only changes of {@code beforePosition} with a lower ordinal
 * @param fromVersion of one entry, only the changes to this version and later ones, so that nothing older has to be looked for; 0
 *     for all
 */
public record AuditQuery(
        Long entryId, Instant from, Instant to, int limit, long beforePosition, int beforeOrdinal, long fromVersion) {

    /** Of all versions. */
    public AuditQuery(Long entryId, Instant from, Instant to, int limit, long beforePosition, int beforeOrdinal) {
        this(entryId, from, to, limit, beforePosition, beforeOrdinal, 0);
    }

    /** The newest changes of one entry. */
    public static AuditQuery ofEntry(long entryId, int limit, long fromVersion) {
        return new AuditQuery(entryId, null, null, limit, Long.MAX_VALUE, Integer.MAX_VALUE, fromVersion);
    }
}
