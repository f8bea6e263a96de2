package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.ledger.phase.Phase;
import java.time.Instant;
import java.util.List;

/**
 * A read whose answer would have been another one from the follower, both stores being at rest: an item of
 * {@code GET /internal/v1/shadow-reads}.
 *
 * @param number rises by one from mismatch to mismatch since the service started
 * @param request the read in words, with its filters
 * @param primary the store that answered the client
 * @param position of the primary's log at which both were asked; entries that differ at one version tell even under writes
 * @param entryIds which entries differ, at most 100; empty for a summary
 * @param served the answer as the client saw it, {@code shadow} the follower's, each cut after 2,000 characters
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ShadowMismatch(
        long number,
        Instant at,
        Phase phase,
        long epoch,
        String request,
        String primary,
        long position,
        List<Long> entryIds,
        String served,
        String shadow) {}
