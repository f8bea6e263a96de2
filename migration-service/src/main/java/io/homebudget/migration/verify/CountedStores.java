package io.homebudget.migration.verify;

import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.ledgers.RecordedChange;
import io.homebudget.migration.ledgers.Stores;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Tells how many rows were read one by one, so that an operator sees whether narrowing works. A row counts each time it is read,
 * so an entry that is read from both sides counts twice. Digests count nothing: they are what is read instead.
 */
final class CountedStores implements Stores {
    private final Stores stores;
    private final LongConsumer read;

    CountedStores(Stores stores, LongConsumer read) {
        this.stores = stores;
        this.read = read;
    }

    private <T> Uni<List<T>> counted(Uni<List<T>> rows) {
        return rows.invoke(list -> read.accept(list.size()));
    }

    @Override
    public Uni<List<EntryState>> bucket(StoreName store, int buckets, int bucket, Source source) {
        return counted(stores.bucket(store, buckets, bucket, source));
    }

    @Override
    public Uni<List<EntryState>> states(StoreName store, Collection<Long> ids) {
        return counted(stores.states(store, ids));
    }

    @Override
    public Uni<List<EntryImage>> images(StoreName store, Collection<Long> ids, Source source) {
        return counted(stores.images(store, ids, source));
    }

    @Override
    public Uni<LedgerState> state() {
        return stores.state();
    }

    @Override
    public Uni<Long> head(StoreName store) {
        return stores.head(store);
    }

    @Override
    public Uni<Long> awaitFollower(long position, long millis) {
        return stores.awaitFollower(position, millis);
    }

    @Override
    public Uni<BucketDigests> digests(StoreName store, int buckets, Source source) {
        return stores.digests(store, buckets, source);
    }

    @Override
    public Uni<LogPage> log(long after, int max) {
        return stores.log(after, max);
    }

    @Override
    public Uni<List<RecordedChange>> changes(long entryId, int limit, long fromVersion) {
        return stores.changes(entryId, limit, fromVersion);
    }
}
