package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.ledger.phase.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Where a ledger service stands: the answer of {@code GET /internal/v1/state}, given without asking any store that may be away.
 *
 * @param phase the phase that rules; null while it is not known (the store that decides is out of reach)
 * @param follower {@code json}, {@code postgres}, or null where there is none
 * @param followerState {@code none}, {@code following}, {@code needs_backfill}, {@code backfilling} or {@code away}
 * @param inSync whether the follower has everything that was acknowledged
 * @param followerLag changes the follower has not applied
 * @param oldestPendingSeconds age of the oldest of them; 0 where there is none
 * @param publishBacklog changes not yet published
 * @param publisher {@code running}, {@code away}, {@code paused}, {@code needs_baseline} or {@code standby}
 * @param entries live entries per store; a store that is away or not in use has null
 * @param rejected records that the first take of the array file could not take in
 * @param head the highest position of the primary's log
 * @param followerPosition the position through which the follower has applied
 * @param rollbackReady whether one phase back is possible now; {@code rollbackReason} says why or why not
 * @param pinned the phase that the environment pins; null where none is pinned
 * @param stores per store {@code connected}, {@code disconnected}, {@code not_configured}, {@code recovery}, {@code unused} or
 *     {@code closed} (the JSON store after it was given up)
 * @param schemaVersion the version of the schema in PostgreSQL; null while unknown
 * @param schemaPending the newer version that it waits to be updated to; null where it waits for none, or that is not known
 * @param notices what a person should know: foreign edits kept aside, orphans, recovery advice
 */
@JsonNaming(SnakeCaseStrategy.class)
public record LedgerState(
        String kind,
        Phase phase,
        long epoch,
        String primary,
        String follower,
        String followerState,
        boolean inSync,
        long followerLag,
        double oldestPendingSeconds,
        long publishBacklog,
        String publisher,
        Map<String, Long> entries,
        long rejected,
        long orphans,
        long head,
        long followerPosition,
        boolean rollbackReady,
        String rollbackReason,
        Phase pinned,
        Map<String, String> stores,
        String schemaVersion,
        String schemaPending,
        UUID identity,
        Instant phaseSince,
        List<String> notices) {

    /** The same with what is known of the schema. @param pending null for none */
    public LedgerState withSchema(String version, String pending) {
        List<String> all = new ArrayList<>(notices);
        if (pending != null) {
            all.add("The schema in PostgreSQL has version " + version + "; " + pending
                    + " is known, and the service runs on without it until it is updated.");
        }
        return with(version, pending, phaseSince, List.copyOf(all));
    }

    /** The same, ruling since another moment. */
    public LedgerState withPhaseSince(Instant since) {
        return with(schemaVersion, schemaPending, since, notices);
    }

    private LedgerState with(String version, String pending, Instant since, List<String> told) {
        return new LedgerState(
                kind,
                phase,
                epoch,
                primary,
                follower,
                followerState,
                inSync,
                followerLag,
                oldestPendingSeconds,
                publishBacklog,
                publisher,
                entries,
                rejected,
                orphans,
                head,
                followerPosition,
                rollbackReady,
                rollbackReason,
                pinned,
                stores,
                version,
                pending,
                identity,
                since,
                told);
    }
}
