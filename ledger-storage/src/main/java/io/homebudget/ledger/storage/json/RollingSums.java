package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.internal.BucketDigests;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Digests by bucket of what is in memory. Added up over all entries when a number of buckets is asked for the first time, and
 * from then on brought up to date with what changed since: their cost follows the writes, not the entries.
 *
 * <p>Always exact: sums whose changes are no more remembered are added up anew. Memory: 32 bytes per bucket for each of the
 * {@value #KEPT} numbers of buckets that were asked for last, up to {@value #MOST_KEPT_BUCKETS} buckets each.
 */
final class RollingSums {
    private static final int KEPT = 4;
    private static final int MOST_KEPT_BUCKETS = 1 << 17;

    private final Supplier<View> view;
    private final Map<Integer, Sums> kept = new LinkedHashMap<>(8, 0.75f, true);

    /** @param nth the change that the sums hold as the last one */
    private record Sums(BucketSums sums, long nth) {}

    RollingSums(Supplier<View> view) {
        this.view = view;
    }

    /** Blocks the first time: about a second per million entries. */
    synchronized BucketDigests digests(int buckets) {
        View now = view.get();
        Sums known = kept.get(buckets);
        BucketSums sums = known != null && follow(known, now.steps) ? known.sums() : added(now, buckets);
        if (buckets <= MOST_KEPT_BUCKETS) {
            kept.put(buckets, new Sums(sums, now.steps.nth()));
            if (kept.size() > KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
        }
        return sums.result(now.position);
    }

    private static BucketSums added(View now, int buckets) {
        BucketSums sums = new BucketSums(buckets);
        now.byId.values().forEach(sums::add);
        return sums;
    }

    /** @return false, the sums unchanged, where some of the changes since are forgotten */
    private static boolean follow(Sums known, Steps newest) {
        long oldest = newest.nth() - newest.length() + 1;
        if (known.nth() + 1 < oldest) {
            return false;
        }
        for (Steps step = newest; step != null && step.nth() > known.nth(); step = step.earlier()) {
            if (step.before() != null) {
                known.sums().remove(step.before());
            }
            if (step.after() != null) {
                known.sums().add(step.after());
            }
        }
        return true;
    }
}
