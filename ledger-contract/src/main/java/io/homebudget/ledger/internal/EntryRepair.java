package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.UUID;

/**
 * {@code POST /internal/v1/repair}: make the damaged store hold what the entry's last change recorded. Writes only while the
 * damaged side is still what was seen; makes no change and no version of its own, so no event follows (A24).
 *
 * @param store the damaged side, {@code json} or {@code postgres}; the primary or not (A37)
 * @param seenVersion the version that the damaged side had when it was judged; 0 where it had no row or one without a change
 * @param seenActual the digest of the values that it had; null where it had no live row
 * @param actor who asks; {@code reason} why, for the record
 */
@JsonNaming(SnakeCaseStrategy.class)
public record EntryRepair(String store, long entryId, long seenVersion, UUID seenActual, String actor, String reason) {

    /**
     * @param result {@code repaired}; {@code intact}: it already holds what was recorded; {@code moved}: it is no longer what was
     *     seen, judge anew; {@code unknown}: neither the log nor the other store tells what was recorded
     * @param version the version that the store holds now
     * @param from where the image came from: {@code log}, {@code json} or {@code postgres}; null where nothing was written
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Done(String result, long version, String from) {}
}
