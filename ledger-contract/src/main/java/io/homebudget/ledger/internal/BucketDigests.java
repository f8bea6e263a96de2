package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * Digests of all live entries of one store, {@code id mod buckets} telling the bucket.
 *
 * <p>A bucket's digest is the exclusive or of its entries' digests, each computed from the data itself. Nothing cancels out
 * (A20): a digest contains its id and ids are unique, so no two entries of a store have the same digest; the count catches
 * what is left.
 *
 * @param position the position of the log at which this was taken
 * @param counts live entries per bucket
 * @param damaged live entries per bucket whose data does not give the digest that their last change recorded; all zero where
 *     the data was read from disk
 * @param high the upper 64 bits of each bucket's digest; {@code low} the lower ones
 */
@JsonNaming(SnakeCaseStrategy.class)
public record BucketDigests(
        long position, long entries, int buckets, long[] counts, long[] damaged, long[] high, long[] low) {

    /** Whether the bucket holds the same on both sides, and what its changes recorded. */
    public boolean sameBucket(BucketDigests other, int bucket) {
        return damaged[bucket] == 0
                && other.damaged[bucket] == 0
                && counts[bucket] == other.counts[bucket]
                && high[bucket] == other.high[bucket]
                && low[bucket] == other.low[bucket];
    }
}
