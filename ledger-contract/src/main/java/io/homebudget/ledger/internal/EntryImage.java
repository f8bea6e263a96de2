package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.UUID;

/**
 * What a store holds under one id, whole: a live entry or what stays of a deleted one.
 *
 * @param version 0 where the row came from plain SQL and never had a change; {@code changeId} is null then
 * @param deleted true for a tombstone; {@code recorded} and {@code values} are null then
 * @param recorded the digest that the last change recorded; null where none did
 */
@JsonNaming(SnakeCaseStrategy.class)
public record EntryImage(
        long id, long version, long epoch, UUID changeId, boolean deleted, UUID recorded, EntryValues values) {}
