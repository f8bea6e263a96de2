package io.homebudget.migration.ledgers;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Since when this process has seen the stores in their present roles. A ledger service tells part of its state from a memory of
 * a second; right after a phase change that memory may still call an empty follower complete.
 */
@ApplicationScoped
public class Roles {
    /** Twice the memory, and a slow refresh. */
    private static final Duration SETTLING = Duration.ofSeconds(3);

    private final Clock clock;
    private final Map<Kind, Seen> seen = new ConcurrentHashMap<>();

    Roles(Clock clock) {
        this.clock = clock;
    }

    private record Seen(long epoch, Instant since) {}

    public void saw(Kind kind, LedgerState state) {
        Instant now = clock.instant();
        seen.merge(
                kind, new Seen(state.epoch(), now), (before, next) -> before.epoch() == next.epoch() ? before : next);
    }

    /** Whether what the state says of the follower is certainly of this epoch. */
    public boolean settled(Kind kind, LedgerState state) {
        saw(kind, state);
        Seen known = seen.get(kind);
        return known.epoch() == state.epoch() && !known.since().plus(SETTLING).isAfter(clock.instant());
    }
}
