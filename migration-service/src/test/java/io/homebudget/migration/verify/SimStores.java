package io.homebudget.migration.verify;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.ledgers.LedgerAway;
import io.homebudget.migration.ledgers.RecordedChange;
import io.homebudget.migration.ledgers.Stores;
import io.homebudget.migration.standin.SimLedger;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/** {@link SimLedger} as a comparison reads it, with something happening between any two readings. */
final class SimStores implements Stores {
    private final SimLedger ledger;
    private final Runnable between;
    int bucketReads;
    int digestReads;

    SimStores(SimLedger ledger, Runnable between) {
        this.ledger = ledger;
        this.between = between;
    }

    static VerificationResult verify(Stores stores) {
        return new Verifier(config(), Clock.systemUTC())
                .verify(stores, Progress.NONE)
                .await()
                .atMost(Duration.ofSeconds(20));
    }

    private static MigrationConfig.Verify config() {
        return new MigrationConfig.Verify() {
            @Override
            public int buckets() {
                return 61;
            }

            @Override
            public long growAbove() {
                return 2_000_000;
            }

            @Override
            public int batch() {
                return 7;
            }

            @Override
            public Duration patience() {
                return Duration.ofSeconds(1);
            }
        };
    }

    private <T> Uni<T> after(Supplier<T> reading) {
        return Uni.createFrom().item(() -> {
            between.run();
            return reading.get();
        });
    }

    @Override
    public Uni<LedgerState> state() {
        return after(ledger::state);
    }

    @Override
    public Uni<Long> head(StoreName store) {
        return after(ledger::head);
    }

    @Override
    public Uni<Long> awaitFollower(long position, long millis) {
        return after(() -> {
            long at = ledger.await(position);
            if (at < 0) {
                throw new LedgerAway(Kind.EXPENSE, "the follower does not get there", null);
            }
            return at;
        });
    }

    @Override
    public Uni<BucketDigests> digests(StoreName store, int buckets, Source source) {
        digestReads++;
        return after(() -> ledger.digests(store, buckets, source == Source.DISK));
    }

    @Override
    public Uni<LogPage> log(long after, int max) {
        return after(() -> ledger.page(after, max));
    }

    @Override
    public Uni<List<EntryState>> bucket(StoreName store, int buckets, int bucket, Source source) {
        bucketReads++;
        return after(() -> ledger.bucket(store, buckets, bucket, source == Source.DISK));
    }

    @Override
    public Uni<List<EntryState>> states(StoreName store, Collection<Long> ids) {
        return after(() -> ledger.states(store, ids));
    }

    @Override
    public Uni<List<EntryImage>> images(StoreName store, Collection<Long> ids, Source source) {
        return after(() -> ledger.images(store, ids, source == Source.DISK));
    }

    @Override
    public Uni<List<RecordedChange>> changes(long entryId, int limit, long fromVersion) {
        return after(() -> ledger.changes(entryId, limit, fromVersion));
    }
}
