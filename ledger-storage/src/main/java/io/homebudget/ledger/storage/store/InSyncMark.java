package io.homebudget.ledger.storage.store;

import io.smallrye.mutiny.Uni;

/**
 * The durable statement "the JSON store holds everything that was acknowledged". It decides whether JSON may take over from a
 * lost PostgreSQL without losing a write (A34), so it is cleared and fsynced before the first acknowledgement that JSON lacks.
 * Its place on disk is allocated beforehand: clearing it works on a full disk.
 */
public interface InSyncMark {

    boolean isSet();

    /** Done when durable; fails when it could not be made so, and then nothing may be acknowledged. */
    Uni<Void> set(boolean inSync);
}
