package io.homebudget.migration.gates;

import io.homebudget.ledger.entry.Kind;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Something besides runs that must not go on at the same time as one: an upgrade of the schema, for example. */
public interface Interlock {

    /** What is under way, in one sentence; empty where nothing is. Fails with DatabaseAway where that cannot be told. */
    Uni<Optional<String>> holds(Kind kind);
}
