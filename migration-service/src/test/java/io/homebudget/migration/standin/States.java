package io.homebudget.migration.standin;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What a ledger service could tell of itself. */
public final class States {
    private States() {}

    /** In DUAL_WRITE, with a follower that has everything. @param postgres how that store is */
    public static LedgerState dual(String kind, UUID identity, long epoch, Instant since, String postgres) {
        return new LedgerState(
                kind,
                Phase.DUAL_WRITE,
                epoch,
                "json",
                "postgres",
                "following",
                true,
                0,
                0,
                0,
                "running",
                Map.of(),
                0,
                0,
                0,
                0,
                true,
                "JSON is in sync.",
                null,
                Map.of("json", "connected", "postgres", postgres),
                "1",
                null,
                identity,
                since,
                List.of());
    }
}
