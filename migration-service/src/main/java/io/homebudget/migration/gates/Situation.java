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
 * @param interlock what else forbids a run now, in one sentence
 * @param wayBackClosed who closed the way back and when, in one sentence
 */
public record Situation(
        Kind kind,
        LedgerState state,
        Phase target,
        boolean tablesReady,
        boolean databaseConnected,
        Optional<VerificationBook.Standing> verification,
        Optional<Boolean> activeRun,
        Optional<String> interlock,
        Optional<String> wayBackClosed,
        Surroundings around,
        Rules rules,
        Instant now) {

    /**
     * What the environment asks for.
     *
     * @param snapshotByRun whether the run makes and verifies a snapshot itself before it changes anything
     * @param verificationAge how old a clean verification may be; {@code snapshotAge} a verified snapshot
     */
    public record Rules(
            boolean consentRequired,
            boolean snapshotByRun,
            Duration soak,
            Duration verificationAge,
            Duration snapshotAge) {}

    boolean forward() {
        return target.ordinal() > state.phase().ordinal();
    }

    String store(String name) {
        return state.stores() == null ? "unknown" : state.stores().getOrDefault(name, "unknown");
    }
}
