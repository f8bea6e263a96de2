package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import java.util.UUID;

/**
 * Decides what a write does to an entry as it stands. Both stores ask this one function, so both give the same verdict for
 * the same request in every phase (A10, A14). The order of the checks is part of the contract: absent, then the edit's own
 * refusal, then If-Match, then whether anything changes.
 */
public final class Decider {
    /** The answer to an Idempotency-Key that came with another request; the same in every store and phase. */
    public static final Refusal KEY_REUSED = Refusal.of(
            LedgerError.KEY_REUSED, "The Idempotency-Key was used with another request within the last 24 hours.");

    private Decider() {}

    /** One of: a change to commit, nothing to do, or a refusal. */
    public record Decision(Change change, Refusal refusal) {
        public boolean unchanged() {
            return change == null && refusal == null;
        }
    }

    /**
     * @param id the new entry's id
     * @param tombstoneVersion the version of the tombstone under that id; 0 where there is none
     */
    public static Change create(Entry draft, long id, long tombstoneVersion, UUID changeId) {
        Entry entry = draft.withId(id);
        return new Change(changeId, id, tombstoneVersion + 1, Action.CREATED, null, entry, EntryDigest.of(entry));
    }

    /** @param current null where there is no such entry */
    public static Decision modify(Intent.Modify intent, Held current, UUID changeId) {
        if (current == null) {
            return refused(absent(intent.id()));
        }
        if (!intent.edit().accepted()) {
            return refused(intent.edit().refusal());
        }
        if (!intent.ifMatch().holdsFor(current.changeId())) {
            return refused(stale(intent.id()));
        }
        Entry after = intent.edit().value().applyTo(current.entry());
        if (after.equals(current.entry())) {
            return new Decision(null, null);
        }
        return new Decision(
                new Change(
                        changeId,
                        intent.id(),
                        current.version() + 1,
                        Action.UPDATED,
                        current.entry(),
                        after,
                        EntryDigest.of(after)),
                null);
    }

    /** @param current null where there is no such entry */
    public static Decision delete(Intent.Delete intent, Held current, UUID changeId) {
        if (current == null) {
            return refused(absent(intent.id()));
        }
        if (!intent.ifMatch().holdsFor(current.changeId())) {
            return refused(stale(intent.id()));
        }
        return new Decision(deletion(current, changeId), null);
    }

    /** The deletion of an entry that exists. */
    public static Change deletion(Held current, UUID changeId) {
        return new Change(
                changeId, current.entry().id(), current.version() + 1, Action.DELETED, current.entry(), null, null);
    }

    /**
     * The rule of applying (A18, A35): a change applies over what stands if its version is newer, or if at the same version
     * its epoch is higher.
     */
    public static boolean supersedes(long version, long epoch, long standingVersion, long standingEpoch) {
        return version > standingVersion || version == standingVersion && epoch > standingEpoch;
    }

    private static Decision refused(Refusal refusal) {
        return new Decision(null, refusal);
    }

    private static Refusal absent(long id) {
        return Refusal.of(LedgerError.NOT_FOUND, "There is no entry with id " + id + ".");
    }

    private static Refusal stale(long id) {
        return Refusal.of(
                LedgerError.PRECONDITION_FAILED,
                "Entry " + id + " has changed since the version named in If-Match. Read it again, then repeat.");
    }
}
