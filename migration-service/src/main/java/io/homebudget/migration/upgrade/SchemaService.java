package io.homebudget.migration.upgrade;

import io.homebudget.ledger.internal.SchemaState;
import io.smallrye.mutiny.Uni;

/** A service with tables in PostgreSQL. It alone changes them; from here it is told to. */
interface SchemaService {

    /** {@code expense}, {@code income} or {@code migration}. */
    String name();

    Uni<SchemaState> state();

    /** Applies what is pending, each step whole or not at all. Repeatable: what is applied stays. */
    Uni<SchemaState> update();

    /** Takes the newest step back by its undo script. */
    Uni<SchemaState> undo();
}
