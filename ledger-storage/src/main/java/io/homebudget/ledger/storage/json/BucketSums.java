package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.storage.store.Held;
import java.util.UUID;

/** Adds digests up by bucket, each computed from the entry's values. */
final class BucketSums {
    private final int buckets;
    private final long[] counts;
    private final long[] damaged;
    private final long[] high;
    private final long[] low;
    private long entries;

    BucketSums(int buckets) {
        this.buckets = buckets;
        this.counts = new long[buckets];
        this.damaged = new long[buckets];
        this.high = new long[buckets];
        this.low = new long[buckets];
    }

    /** An entry as it is served, with what its last change recorded. */
    void add(Held held) {
        UUID digest = add(held.entry());
        if (!digest.equals(held.digest())) {
            damaged[(int) (held.entry().id() % buckets)]++;
        }
    }

    /** Takes back an {@link #add} of the same. */
    void remove(Held held) {
        UUID digest = EntryDigest.of(held.entry());
        int bucket = (int) (held.entry().id() % buckets);
        counts[bucket]--;
        high[bucket] ^= digest.getMostSignificantBits();
        low[bucket] ^= digest.getLeastSignificantBits();
        entries--;
        if (!digest.equals(held.digest())) {
            damaged[bucket]--;
        }
    }

    /** @return the digest of the entry's values */
    UUID add(Entry entry) {
        UUID digest = EntryDigest.of(entry);
        add(entry.id(), digest);
        return digest;
    }

    /** An entry of which only the digest of its values is at hand. */
    void add(long id, UUID digest) {
        int bucket = (int) (id % buckets);
        counts[bucket]++;
        high[bucket] ^= digest.getMostSignificantBits();
        low[bucket] ^= digest.getLeastSignificantBits();
        entries++;
    }

    /** As they are now; later additions do not show in it. */
    BucketDigests result(long position) {
        return new BucketDigests(
                position, entries, buckets, counts.clone(), damaged.clone(), high.clone(), low.clone());
    }
}
