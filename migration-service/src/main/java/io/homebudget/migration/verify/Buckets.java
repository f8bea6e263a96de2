package io.homebudget.migration.verify;

import io.homebudget.ledger.internal.BucketDigests;
import java.util.BitSet;

/** How many buckets, and which of them differ. Pure functions. */
final class Buckets {
    /** Above the configured number of entries a bucket is to hold about this many. */
    private static final int ENTRIES_PER_BUCKET = 500;

    /** A sweep reads about this many rows at once: about 6 MB of JSON, and one scan of the table in PostgreSQL. */
    private static final int ROWS_PER_SWEEP = 25_000;

    private Buckets() {}

    /** A prime, so that ids handed out in even steps spread over all buckets (A21). */
    static int forComparing(long entries, int usual, long growAbove) {
        return entries <= growAbove ? usual : primeFrom((int) Math.min(entries / ENTRIES_PER_BUCKET, 1_000_003));
    }

    /** For reading every row: few calls, each of bounded size. */
    static int forSweeping(long entries) {
        return entries <= ROWS_PER_SWEEP ? 1 : primeFrom((int) Math.min(entries / ROWS_PER_SWEEP + 1, 1_000_003));
    }

    static BitSet differing(BucketDigests a, BucketDigests b) {
        BitSet differing = new BitSet(a.buckets());
        for (int bucket = 0; bucket < a.buckets(); bucket++) {
            if (!a.sameBucket(b, bucket)) {
                differing.set(bucket);
            }
        }
        return differing;
    }

    /** Buckets with rows that are not what their last change recorded. */
    static BitSet damaged(BucketDigests digests) {
        BitSet damaged = new BitSet(digests.buckets());
        for (int bucket = 0; bucket < digests.buckets(); bucket++) {
            damaged.set(bucket, digests.damaged()[bucket] > 0);
        }
        return damaged;
    }

    private static int primeFrom(int atLeast) {
        int candidate = Math.max(2, atLeast);
        while (!prime(candidate)) {
            candidate++;
        }
        return candidate;
    }

    private static boolean prime(int n) {
        for (int divisor = 2; (long) divisor * divisor <= n; divisor++) {
            if (n % divisor == 0) {
                return false;
            }
        }
        return n > 1;
    }
}
