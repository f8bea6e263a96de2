package io.homebudget.migration.gates;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.verify.VerificationBook;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Everything a gate may look at, read a moment ago.
 *
 * @param state as the ledger service tells it
 * @param tablesReady whether this service's own tables in PostgreSQL are there
 * @param databaseConnected whether PostgreSQL answers this service
 * @param verification what is known of comparisons; empty while PostgreSQL is away
 * @param activeRun whether a run of the kind is active, other than the one that asks; empty while PostgreSQL is away
 */
public record Situation(
        Kind kind,
        LedgerState state,
        Phase target,
        boolean tablesReady,
        boolean databaseConnected,
        Optional<VerificationBook.Standing> verification,
        Optional<Boolean> activeRun,
        boolean consentRequired,
        Duration soak,
        Duration verificationAge,
        Instant now) {

    boolean forward() {
        return target.ordinal() > state.phase().ordinal();
    }

    String store(String name) {
        return state.stores() == null ? "unknown" : state.stores().getOrDefault(name, "unknown");
    }
}
