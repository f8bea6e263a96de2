package io.homebudget.migration.discrepancies;

import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.StoreName;
import java.util.Locale;
import java.util.Objects;

/**
 * One entry that is not equal in both stores, or not what its last change recorded.
 *
 * @param damaged the side whose values do not give the digest that the log recorded: the log is the judge
 * @param leading which store {@code primary} was read from
 * @param place whether two stores were compared, or what the JSON store serves with its own disk
 * @param primary what the primary holds; null where it never heard of the id
 * @param other what the follower (or the disk, where served and disk are compared) holds; null likewise
 * @param cause what went wrong, in one of a few words; {@code detail} says it in a sentence
 */
public record Finding(
        long entryId,
        Type type,
        StoreName damaged,
        StoreName leading,
        Place place,
        EntryState primary,
        EntryState other,
        Cause cause,
        String detail) {
    public Finding {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(damaged, "damaged");
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(detail, "detail");
    }

    /** What a store served; null where it held nothing or was not read. */
    public EntryState side(StoreName store) {
        if (store == leading) {
            return primary;
        }
        return place == Place.DISK ? null : other;
    }

    /** What the damaged side held when it was judged; null where it held nothing. */
    public EntryState seen() {
        if (place == Place.DISK) {
            return other;
        }
        return side(damaged);
    }

    /** Which readings were compared. */
    public enum Place {
        SERVED,
        DISK;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
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
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What went wrong, as far as the readings tell. Few values: it labels a metric. */
    public enum Cause {
        /** A row or tombstone is gone and no change deleted it. */
        ROW_LOST,
        /** A row is there that no change made. */
        WRITTEN_PAST_THE_LOG,
        /** The values are not those that the last change recorded. */
        VALUES_CHANGED,
        /** The store claims to have applied a change and does not hold it. */
        CHANGE_NOT_APPLIED,
        /** The store holds a version, or a digest, that the log does not know. */
        UNKNOWN_TO_THE_LOG;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
