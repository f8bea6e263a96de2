package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.phase.Rule;
import java.util.Optional;
import java.util.UUID;

/**
 * What a store durably knows about who rules.
 *
 * @param decided the decision with the highest epoch that reached this store; empty in a new one
 * @param prepared a rule above {@code decided} that this store is ready for and that another store (or the same) decides
 * @param identity the JSON store's identity as recorded here; null where none was recorded yet
 * @param position the head of its log, or as a follower the position through which it has applied
 * @param followerState whether the store may be used as a follower as it stands
 */
public record Standing(
        Optional<Rule> decided, Optional<Rule> prepared, UUID identity, long position, FollowerState followerState) {

    /** Whether a store's data can be brought up to date by applying the log alone. */
    public enum FollowerState {
        /** Its data is complete as of its position. */
        FOLLOWING,
        /** It holds an unknown part of the data: a full synchronisation must come first. */
        NEEDS_BACKFILL
    }
}
