package io.homebudget.ledger.storage.postgres;

import io.smallrye.mutiny.Uni;

/**
 * Makes the end of an id block durable wherever else ids could be given from, before the first id of the block is used. Prevents
 * a takeover from giving an id twice.
 */
@FunctionalInterface
public interface LeaseGuard {
    /** For phases in which no other store could take over. */
    LeaseGuard NONE = through -> Uni.createFrom().voidItem();

    /** Completes once {@code through} is durable; a failure means that the block is not used. */
    Uni<Void> guard(long through);
}
