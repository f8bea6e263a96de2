package io.homebudget.ledger.storage.postgres;

import java.util.UUID;

/** This database belongs to another JSON store: a process with an empty or wrong volume must not lead it (A44). */
public final class ForeignStore extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ForeignStore(UUID recorded, UUID offered) {
        super("this database belongs to the JSON store " + recorded + ", not to " + offered
                + ": check that the service runs on its own data folder");
    }
}
