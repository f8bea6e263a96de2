package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.internal.BucketDigests;
import java.util.UUID;

/** Adds digests up by bucket, each computed from the entry's values. */
final class BucketSums {
    private final int buckets;
    private final long[] counts;
    private final long[] high;
    private final long[] low;
    private long entries;

    BucketSums(int buckets) {
        this.buckets = buckets;
        this.counts = new long[buckets];
        this.high = new long[buckets];
        this.low = new long[buckets];
    }

    void add(Entry entry) {
        UUID digest = EntryDigest.of(entry);
        int bucket = (int) (entry.id() % buckets);
        counts[bucket]++;
        high[bucket] ^= digest.getMostSignificantBits();
        low[bucket] ^= digest.getLeastSignificantBits();
        entries++;
    }

    BucketDigests result(long position) {
        return new BucketDigests(position, entries, buckets, counts, high, low);
    }
}
