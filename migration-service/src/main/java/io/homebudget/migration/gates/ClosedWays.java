package io.homebudget.migration.gates;

import io.homebudget.ledger.internal.LedgerState;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Knows whose way back was closed for good. */
public interface ClosedWays {

    /** Who closed it, when, and where the archive lies, in one sentence; empty where it is open. Never fails. */
    Uni<Optional<String>> closed(LedgerState state);
}
