package io.homebudget.backup.retention;

import io.homebudget.backup.format.Reason;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.ledger.entry.Kind;
import java.time.Instant;
import java.util.Set;

/**
 * What retention needs to know of a snapshot.
 *
 * @param good proven whole at its last look
 * @param damaged found damaged at its last look, or without a manifest that can be trusted
 * @param held being read by somebody
 * @param complete false where a follower's image is missing
 * @param arrays the kinds whose JSON files it holds
 */
public record Candidate(
        SnapshotId id,
        Instant createdAt,
        Reason reason,
        boolean pinned,
        boolean good,
        boolean damaged,
        boolean held,
        boolean complete,
        Set<Kind> arrays) {}
