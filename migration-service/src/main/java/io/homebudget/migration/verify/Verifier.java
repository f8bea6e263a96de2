package io.homebudget.migration.verify;

import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.discrepancies.Finding;
import io.homebudget.migration.ledgers.Stores;
import io.homebudget.migration.ledgers.Stores.Source;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Compares everything that both stores of a kind hold, while clients write: no false alarm, no blind spot.
 *
 * <p>Digests of a few thousand buckets are compared first, as of one moment ({@link SameMoment}). A bucket that was once equal in
 * a reading of the primary and a later one of the follower is proven; buckets that differ all the same because somebody writes
 * fall out in a second and third round, so the rows that are read one by one are few. Those go through {@link ComparisonRule}. Memory is bounded by one bucket and one batch.
 */
public final class Verifier {
    /** Buckets few enough to read their rows at once instead of comparing digests another time. */
    private static final int FEW = 12;

    private static final int ROUNDS = 3;

    /** Buckets whose rows are read at the same time: the services have clients to serve. */
    private static final int PARALLEL = 2;

    private static final Set<String> FILLING = Set.of("needs_backfill", "backfilling");

    private final MigrationConfig.Verify config;
    private final Clock clock;

    public Verifier(MigrationConfig.Verify config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    /**
     * Fails with {@link PhaseMoved} where the phase changed meanwhile, with {@link FollowerIncomplete}, and with the stores'
     * failures.
     */
    public Uni<VerificationResult> verify(Stores stores, Progress progress) {
        return Uni.createFrom().deferred(() -> {
            Instant began = clock.instant();
            return stores.state().chain(state -> {
                if (state.phase() == null) {
                    return Uni.createFrom().failure(new PhaseMoved("the phase is not known at the moment"));
                }
                complete(state);
                Tally tally = new Tally(progress);
                return compare(new CountedStores(stores, tally::entriesRead), state, tally)
                        .call(() -> stores.state().invoke(after -> stillThe(state, after)))
                        .map(scope -> tally.result(
                                scope.compared(),
                                scope.through(),
                                Duration.between(began, clock.instant()).toNanos() / 1e9));
            });
        });
    }

    /** What was compared. */
    private record Scope(long compared, long through) {}

    /** Buckets that still differ after some rounds. */
    private record Open(BucketDigests first, BitSet stores, BitSet disk, int round) {}

    private Uni<Scope> compare(Stores stores, LedgerState state, Tally tally) {
        Phase phase = state.phase();
        long entries =
                state.entries() == null || state.entries().get(phase.primary().word()) == null
                        ? 0
                        : state.entries().get(phase.primary().word());
        tally.total(entries);
        int buckets = Buckets.forComparing(entries, config.buckets(), config.growAbove());
        return phase.dual()
                ? compareBoth(stores, phase.primary(), buckets, tally)
                : compareAlone(stores, phase.primary(), buckets, tally);
    }

    // ---- two stores ----------------------------------------------------------------------------------------------

    private Uni<Scope> compareBoth(Stores stores, StoreName primary, int buckets, Tally tally) {
        return round(stores, primary, buckets, null)
                .invoke(open -> tally.total(open.first().entries()))
                .invoke(open -> tally.done(proven(open.first(), open.stores())))
                .chain(open -> narrowStores(stores, primary, open, tally)
                        .chain(() -> narrowDisk(stores, open.disk(), open.first(), tally))
                        .replaceWith(open.first()))
                .invoke(first -> tally.done(first.entries()))
                .map(first -> new Scope(first.entries(), first.position()));
    }

    private Uni<Open> round(Stores stores, StoreName primary, int buckets, Open before) {
        StoreName follower = primary.other();
        return stores.digests(primary, buckets, Source.SERVED).chain(p -> {
            Uni<BucketDigests> followers = stores.awaitFollower(p.position(), patience())
                    .chain(() -> stores.digests(follower, buckets, Source.SERVED));
            // one works the database's processor, the other this service's own
            return Uni.combine()
                    .all()
                    .unis(followers, stores.digests(StoreName.JSON, buckets, Source.DISK))
                    .asTuple()
                    .chain(read -> apart(stores, primary, p, read.getItem1(), read.getItem2(), before))
                    .chain(open -> worthAnother(open, before)
                            ? round(stores, primary, buckets, open)
                            : Uni.createFrom().item(open));
        });
    }

    private static Uni<Open> apart(
            Stores stores, StoreName primary, BucketDigests p, BucketDigests f, BucketDigests disk, Open before) {
        BucketDigests json = primary == StoreName.JSON ? p : f;
        return SameMoment.differing(stores, p, f)
                .chain(apart -> SameMoment.differing(stores, json, disk).map(fromDisk -> {
                    if (before != null) {
                        apart.and(before.stores());
                        fromDisk.and(before.disk());
                    }
                    return new Open(
                            before == null ? p : before.first(),
                            apart,
                            fromDisk,
                            before == null ? 1 : before.round() + 1);
                }));
    }

    /** Live writes make buckets differ that agree a moment later; damage stays. Another round pays while it halves them. */
    private static boolean worthAnother(Open open, Open before) {
        int left = open.stores().cardinality() + open.disk().cardinality();
        int earlier = before == null
                ? Integer.MAX_VALUE
                : before.stores().cardinality() + before.disk().cardinality();
        return left > FEW && open.round() < ROUNDS && left < earlier / 2;
    }

    private Uni<Void> narrowStores(Stores stores, StoreName primary, Open open, Tally tally) {
        EntryComparison comparison = EntryComparison.ofFollower(stores, primary, patience());
        int sweep = Buckets.forSweeping(open.first().entries());
        boolean sweeping = open.stores().cardinality() > Math.max(FEW, 2 * sweep);
        int buckets = sweeping ? sweep : open.first().buckets();
        BitSet which = sweeping ? all(sweep) : open.stores();
        return each(which, bucket -> stores.bucket(primary, buckets, bucket, Source.SERVED)
                .chain(p -> stores.bucket(primary.other(), buckets, bucket, Source.SERVED)
                        .map(f -> Narrowing.suspects(p, f)))
                .chain(suspects -> inBatches(suspects, comparison, tally))
                .invoke(tally::bucketRead));
    }

    // ---- the JSON store against its disk -------------------------------------------------------------------------

    private Uni<Void> narrowDisk(Stores stores, BitSet differing, BucketDigests shape, Tally tally) {
        int sweep = Buckets.forSweeping(shape.entries());
        boolean sweeping = differing.cardinality() > Math.max(FEW, 2 * sweep);
        int buckets = sweeping ? sweep : shape.buckets();
        BitSet which = sweeping ? all(sweep) : differing;
        return each(which, bucket -> {
            EntryComparison.OtherSide disk = ids -> stores.bucket(StoreName.JSON, buckets, bucket, Source.DISK)
                    .map(rows ->
                            rows.stream().filter(row -> ids.contains(row.id())).collect(Collectors.toList()));
            EntryComparison comparison = EntryComparison.ofDisk(stores, disk);
            return stores.bucket(StoreName.JSON, buckets, bucket, Source.SERVED)
                    .chain(served -> stores.bucket(StoreName.JSON, buckets, bucket, Source.DISK)
                            .map(onDisk -> Narrowing.suspects(served, onDisk)))
                    .chain(suspects -> inBatches(suspects, comparison, tally))
                    .invoke(tally::bucketRead);
        });
    }

    // ---- one store -----------------------------------------------------------------------------------------------

    private Uni<Scope> compareAlone(Stores stores, StoreName primary, int buckets, Tally tally) {
        return stores.digests(primary, buckets, Source.SERVED).chain(first -> {
            tally.total(first.entries());
            tally.done(first.entries());
            return damagedRows(stores, primary, first, tally)
                    .chain(() -> disk(stores, primary, buckets, tally))
                    .replaceWith(new Scope(first.entries(), first.position()));
        });
    }

    /** The store compared every row with what its own change recorded; what it found damaged is read and judged. */
    private Uni<Void> damagedRows(Stores stores, StoreName primary, BucketDigests digests, Tally tally) {
        ComparisonRule rule = ComparisonRule.ofOne(primary);
        return each(Buckets.damaged(digests), bucket -> stores.bucket(primary, digests.buckets(), bucket, Source.SERVED)
                .invoke(states -> {
                    List<Finding> findings = states.stream()
                            .map(rule::judgeAlone)
                            .filter(Judgement.Differs.class::isInstance)
                            .map(judgement -> ((Judgement.Differs) judgement).finding())
                            .collect(Collectors.toList());
                    tally.compared(findings.size(), findings);
                    tally.bucketRead();
                })
                .replaceWithVoid());
    }

    private Uni<Void> disk(Stores stores, StoreName primary, int buckets, Tally tally) {
        return primary == StoreName.JSON
                ? diskRound(stores, buckets, null).chain(open -> narrowDisk(stores, open.disk(), open.first(), tally))
                : Uni.createFrom().voidItem();
    }

    private Uni<Open> diskRound(Stores stores, int buckets, Open before) {
        return stores.digests(StoreName.JSON, buckets, Source.SERVED)
                .chain(served -> stores.digests(StoreName.JSON, buckets, Source.DISK)
                        .chain(disk -> SameMoment.differing(stores, served, disk))
                        .map(apart -> {
                            if (before != null) {
                                apart.and(before.disk());
                            }
                            return new Open(served, new BitSet(), apart, before == null ? 1 : before.round() + 1);
                        }))
                .chain(open -> worthAnother(open, before)
                        ? diskRound(stores, buckets, open)
                        : Uni.createFrom().item(open));
    }

    // ---- in common -----------------------------------------------------------------------------------------------

    private Uni<Void> inBatches(List<Long> suspects, EntryComparison comparison, Tally tally) {
        List<Collection<Long>> batches = new ArrayList<>();
        for (int from = 0; from < suspects.size(); from += config.batch()) {
            batches.add(suspects.subList(from, Math.min(from + config.batch(), suspects.size())));
        }
        return Multi.createFrom()
                .iterable(batches)
                .onItem()
                .transformToUniAndConcatenate(
                        batch -> comparison.compare(batch).invoke(findings -> tally.compared(batch.size(), findings)))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private static Uni<Void> each(BitSet buckets, IntFunction<Uni<Void>> work) {
        return Multi.createFrom()
                .iterable(() -> buckets.stream().iterator())
                .onItem()
                .transformToUni(bucket -> work.apply(bucket).replaceWith(Boolean.TRUE))
                .merge(PARALLEL)
                .collect()
                .last()
                .replaceWithVoid();
    }

    private static BitSet all(int buckets) {
        BitSet all = new BitSet(buckets);
        all.set(0, buckets);
        return all;
    }

    private static long proven(BucketDigests digests, BitSet open) {
        return digests.entries()
                - IntStream.range(0, digests.buckets())
                        .filter(open::get)
                        .mapToLong(bucket -> digests.counts()[bucket])
                        .sum();
    }

    private static void stillThe(LedgerState before, LedgerState after) {
        complete(after);
        if (before.epoch() != after.epoch()) {
            throw new PhaseMoved("the phase changed during the verification");
        }
    }

    /** What a follower lacks that is only being filled is no difference. */
    private static void complete(LedgerState state) {
        boolean filling = FILLING.contains(String.valueOf(state.followerState()));
        if (state.phase() != null && state.phase().dual() && filling) {
            throw new FollowerIncomplete(
                    "the follower is not complete: " + state.followerState().replace('_', ' '));
        }
    }

    private long patience() {
        return config.patience().toMillis();
    }

    /** The follower is still to be filled, or is being filled: comparing says nothing yet. */
    public static final class FollowerIncomplete extends RuntimeException {
        private static final long serialVersionUID = 1L;

        FollowerIncomplete(String why) {
            super(why);
        }
    }

    /** The stores changed their roles while they were compared: what was compared says nothing. Start again. */
    public static final class PhaseMoved extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PhaseMoved(String why) {
            super(why);
        }
    }
}
