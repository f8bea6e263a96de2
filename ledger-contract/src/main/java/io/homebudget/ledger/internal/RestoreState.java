package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.UUID;

/**
 * A restore as the ledger service knows it, durable from {@code applying} on.
 *
 * @param state {@code staging}, {@code applying}, {@code succeeded}, {@code failed}: the ledger is as before, or {@code unknown}:
 *     the store did not answer; asked again when it does
 * @param staged rows taken so far
 * @param created entries that the restore brought back, {@code updated} changed, {@code deleted} took away
 * @param position the last position that the restore wrote; that of the head before where nothing differed
 * @param heldMillis for how long writers were turned away
 * @param error one sentence where it failed; null else
 */
@JsonNaming(SnakeCaseStrategy.class)
public record RestoreState(
        UUID id,
        String state,
        RestoreOrder order,
        long staged,
        long created,
        long updated,
        long deleted,
        long position,
        long heldMillis,
        Instant at,
        String error) {

    public boolean over() {
        return state.equals("succeeded") || state.equals("failed");
    }
}
