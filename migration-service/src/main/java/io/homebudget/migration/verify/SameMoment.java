package io.homebudget.migration.verify;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.internal.LoggedSet;
import io.homebudget.migration.ledgers.Stores;
import io.smallrye.mutiny.Uni;
import java.util.BitSet;
import java.util.UUID;

/**
 * Compares digests that were taken at different positions of one log, while clients write: the earlier ones are rolled forward
 * by the changes between the two, so that a bucket differs because of damage and not because somebody wrote into it.
 *
 * <p>No blind spot: what is compared is the later side as it is with the earlier side as it was, plus what the log says. Where
 * the log cannot tell (it was cut, a change does not know what was there before, a set committed late) the bucket differs, and
 * its rows are looked at.
 */
final class SameMoment {
    private static final int PAGE = 1_000;

    /** Beyond so many changes another reading of both sides is cheaper than the log. */
    private static final int MOST_PAGES = 50;

    private SameMoment() {}

    /** The buckets that differ. */
    static Uni<BitSet> differing(Stores stores, BucketDigests a, BucketDigests b) {
        BitSet apart = Buckets.differing(a, b);
        if (apart.isEmpty() || a.position() == b.position()) {
            return Uni.createFrom().item(apart);
        }
        BucketDigests earlier = a.position() < b.position() ? a : b;
        BucketDigests later = earlier == a ? b : a;
        Rolled rolled = new Rolled(earlier);
        return roll(stores, rolled, earlier.position(), later.position(), 1)
                .map(complete -> complete ? Buckets.differing(rolled.result(later.position()), later) : apart);
    }

    /** The item is false where the log does not reach or is too long. */
    private static Uni<Boolean> roll(Stores stores, Rolled rolled, long after, long through, int page) {
        return stores.log(after, PAGE).chain(slice -> {
            if (slice.cut() || page > MOST_PAGES) {
                return Uni.createFrom().item(false);
            }
            rolled.forward(slice, through);
            return slice.through() >= through || slice.through() <= after
                    ? Uni.createFrom().item(slice.through() >= through)
                    : roll(stores, rolled, slice.through(), through, page + 1);
        });
    }

    /** Digests in the making. */
    private static final class Rolled {
        private final int buckets;
        private final long[] counts;
        private final long[] damaged;
        private final long[] high;
        private final long[] low;
        private long entries;

        Rolled(BucketDigests from) {
            buckets = from.buckets();
            counts = from.counts().clone();
            damaged = from.damaged().clone();
            high = from.high().clone();
            low = from.low().clone();
            entries = from.entries();
        }

        void forward(LogPage page, long through) {
            for (LoggedSet set : page.sets()) {
                if (set.position() <= through) {
                    set.changes().forEach(this::forward);
                }
            }
        }

        private void forward(LoggedSet.Logged change) {
            int bucket = (int) (change.entryId() % buckets);
            if (change.action() != Action.CREATED) {
                mix(bucket, change.entryId(), change.before());
            }
            if (change.action() != Action.DELETED) {
                mix(bucket, change.entryId(), change.after());
            }
            int more = change.action() == Action.CREATED ? 1 : change.action() == Action.DELETED ? -1 : 0;
            counts[bucket] += more;
            entries += more;
        }

        private void mix(int bucket, long id, EntryValues values) {
            if (values != null) {
                UUID digest = EntryDigest.of(values.withId(id));
                high[bucket] ^= digest.getMostSignificantBits();
                low[bucket] ^= digest.getLeastSignificantBits();
            }
        }

        BucketDigests result(long position) {
            return new BucketDigests(position, entries, buckets, counts, damaged, high, low);
        }
    }
}
