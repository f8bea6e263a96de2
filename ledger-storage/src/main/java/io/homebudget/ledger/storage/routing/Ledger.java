package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.GroupTotal;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.LoggedChange;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;

/**
 * A kind's ledger as its HTTP API sees it: one store's behaviour in every phase, whichever store rules.
 *
 * <p>Reads fail with {@link io.homebudget.ledger.storage.store.StoreAway} when no store can answer. Nothing here blocks, and a
 * started write goes on when its subscriber goes away.
 */
public interface Ledger {

    Kind kind();

    /**
     * Writes. The item is {@code Written}, {@code Unchanged}, {@code Refused}, {@code NotWritten} or {@code Unknown}; never
     * {@code Fenced}, never a failure. {@code Written} means acknowledged as the phase demands it.
     */
    Uni<WriteOutcome> write(WriteRequest request);

    /** An answer and where it came from. @param byFollower true when the follower answered because the primary is away */
    record Served<T>(T value, boolean byFollower) {}

    /** The value is null where there is no such entry. */
    Uni<Served<Held>> find(long id);

    /** The value streams with backpressure from one position of the log. */
    Uni<Served<Multi<List<Held>>>> list(Listing listing);

    Uni<Served<List<GroupTotal>>> summarize(Grouping by, Listing filter);

    Uni<Served<List<LoggedChange>>> audit(AuditQuery query);

    /**
     * Why nothing is served although the service runs: a store's files cannot be trusted.
     *
     * @param place the first byte that cannot be trusted, in words
     * @param advice what a person should do
     */
    record Recovery(String file, String place, String advice) {}

    /** Empty while the ledger serves. */
    default Optional<Recovery> recovery() {
        return Optional.empty();
    }

    /** Where the ledger stands; does not ask any store that may be away. */
    LedgerState state();
}
