package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.UUID;

/**
 * What a store holds under one id, for comparing.
 *
 * @param version 0 where the row came from plain SQL and never had a change
 * @param deleted true for a tombstone; both digests are null then
 * @param recorded the digest that the last change recorded; null where none did
 * @param actual the digest computed from the data
 */
@JsonNaming(SnakeCaseStrategy.class)
public record EntryState(
        long id, long version, long epoch, UUID changeId, boolean deleted, UUID recorded, UUID actual) {

    /** Whether the data is what the last change recorded. */
    public boolean intact() {
        return deleted || actual.equals(recorded);
    }
}
