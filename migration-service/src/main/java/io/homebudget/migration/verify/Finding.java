package io.homebudget.migration.verify;

import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.StoreName;
import java.util.Objects;

/**
 * One entry that is not equal in both stores, or not what its last change recorded.
 *
 * @param damaged the side whose values do not give the digest that the log recorded: the log is the judge
 * @param leading which store {@code primary} was read from
 * @param primary what the primary holds; null where it never heard of the id
 * @param other what the follower (or the disk, where served and disk are compared) holds; null likewise
 * @param cause one sentence, as far as it is known
 */
public record Finding(
        long entryId,
        Type type,
        StoreName damaged,
        StoreName leading,
        EntryState primary,
        EntryState other,
        String cause) {
    public Finding {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(damaged, "damaged");
        Objects.requireNonNull(cause, "cause");
    }

    /** What a store held; null where it held nothing or was not read. */
    public EntryState side(StoreName store) {
        return store == leading ? primary : other;
    }

    /** How an entry can differ. */
    public enum Type {
        /** The damaged side lacks an entry that the log says is there. */
        MISSING,
        /** The damaged side has an entry that no change made, or that a change deleted. */
        EXTRA,
        /** The damaged side stands at an older version although it claims to have passed the newer one. */
        STALE,
        /** Same version, other values. */
        FIELD;

        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
