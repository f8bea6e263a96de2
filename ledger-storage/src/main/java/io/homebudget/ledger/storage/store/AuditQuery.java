package io.homebudget.ledger.storage.store;

import java.time.Instant;

/**
 * @param entryId null for all entries
 * @param from first moment, inclusive; null for no bound
 * @param to last moment, exclusive; null for no bound
 * @param limit at most so many, 1 to 1,000
 * @param beforePosition only changes before this place; {@link Long#MAX_VALUE} from the newest
 * @param beforeOrdinal only changes of {@code beforePosition} with a lower ordinal
 */
public record AuditQuery(Long entryId, Instant from, Instant to, int limit, long beforePosition, int beforeOrdinal) {}
