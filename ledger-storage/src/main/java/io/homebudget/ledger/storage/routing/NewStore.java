package io.homebudget.ledger.storage.routing;

import java.time.Duration;
import java.util.Optional;

/**
 * How long a store that is new and empty waits for PostgreSQL to say that the ledger does not lie elsewhere, before it serves
 * an empty one.
 *
 * @param limit after which it serves where nobody listens at PostgreSQL's address; a server that is there and has not answered
 *     yet is waited for beyond it. Empty: it waits until PostgreSQL has answered
 */
public record NewStore(Optional<Duration> limit) {
    /** Where there is no PostgreSQL to ask. */
    public static final NewStore SERVES_AT_ONCE = new NewStore(Optional.of(Duration.ZERO));

    public static final NewStore WAITS = new NewStore(Optional.empty());

    public static NewStore servesAfter(Duration limit) {
        return new NewStore(Optional.of(limit));
    }

    boolean isZero() {
        return limit.isPresent() && limit.get().isZero();
    }
}
