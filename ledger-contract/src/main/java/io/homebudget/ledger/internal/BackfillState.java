package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * A full synchronisation of the follower: the answer of {@code POST} and {@code GET /internal/v1/backfill}.
 *
 * @param state {@code none}, {@code running}, {@code succeeded}, {@code failed} or {@code cancelled}
 * @param target the store that is filled
 * @param done rows staged, {@code total} in the image; done never exceeds total
 * @param removed what the target had beyond the image
 * @param error one sentence where it failed; null else
 */
@JsonNaming(SnakeCaseStrategy.class)
public record BackfillState(
        String state,
        String target,
        long epoch,
        long done,
        long total,
        long written,
        long removed,
        double seconds,
        String error) {}
