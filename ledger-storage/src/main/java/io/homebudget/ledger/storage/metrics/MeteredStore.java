package io.homebudget.ledger.storage.metrics;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.ApplyReport;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.GroupTotal;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Handover;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.LogSlice;
import io.homebudget.ledger.storage.store.LoggedChange;
import io.homebudget.ledger.storage.store.Mend;
import io.homebudget.ledger.storage.store.Mended;
import io.homebudget.ledger.storage.store.Restoration;
import io.homebudget.ledger.storage.store.RestoreReport;
import io.homebudget.ledger.storage.store.Standing;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.SyncReport;
import io.homebudget.ledger.storage.store.TextImage;
import io.homebudget.ledger.storage.store.Tombstone;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Times writes and reads of a store and counts its failures; changes nothing else about it. */
public final class MeteredStore implements LedgerStore {
    private final Supplier<LedgerStore> store;
    private final Timer writes;
    private final Timer reads;
    private final Counter writeErrors;
    private final Counter readErrors;
    private final Counter applyErrors;

    public MeteredStore(LedgerStore store, LedgerMetrics metrics) {
        this(store.name(), () -> store, metrics);
    }

    /** @param store asked at every call: what stands behind the name may be replaced */
    public MeteredStore(StoreName name, Supplier<LedgerStore> store, LedgerMetrics metrics) {
        this.store = store;
        this.writes = metrics.writes(name);
        this.reads = metrics.reads(name);
        this.writeErrors = metrics.errors(name, "write");
        this.readErrors = metrics.errors(name, "read");
        this.applyErrors = metrics.errors(name, "apply");
    }

    @Override
    public StoreName name() {
        return store.get().name();
    }

    @Override
    public Uni<WriteOutcome> write(WriteRequest request, long epoch) {
        long began = System.nanoTime();
        return store.get().write(request, epoch).invoke(outcome -> {
            writes.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
            if (outcome instanceof WriteOutcome.NotWritten || outcome instanceof WriteOutcome.Unknown) {
                writeErrors.increment();
            }
        });
    }

    @Override
    public Uni<Held> find(long id) {
        return read(store.get().find(id));
    }

    @Override
    public Multi<List<Held>> list(Listing listing) {
        long began = System.nanoTime();
        return store.get()
                .list(listing)
                .onCompletion()
                .invoke(() -> reads.record(System.nanoTime() - began, TimeUnit.NANOSECONDS))
                .onFailure()
                .invoke(failure -> readErrors.increment());
    }

    @Override
    public Uni<List<GroupTotal>> summarize(Grouping by, Listing filter) {
        return read(store.get().summarize(by, filter));
    }

    @Override
    public Uni<Long> count() {
        return store.get().count();
    }

    @Override
    public Uni<Long> head() {
        return store.get().head();
    }

    @Override
    public Uni<LogSlice> log(long after, int maxChanges) {
        return store.get().log(after, maxChanges);
    }

    @Override
    public Uni<Long> logFrom() {
        return store.get().logFrom();
    }

    @Override
    public Uni<Void> cutLog(long through) {
        return store.get().cutLog(through);
    }

    @Override
    public Uni<List<LoggedChange>> audit(AuditQuery query) {
        return read(store.get().audit(query));
    }

    @Override
    public Uni<ApplyReport> apply(List<ChangeSet> sets, long through, long epoch) {
        return store.get().apply(sets, through, epoch).onFailure().invoke(failure -> applyErrors.increment());
    }

    @Override
    public Uni<Void> skipTo(long position, long epoch) {
        return store.get().skipTo(position, epoch);
    }

    @Override
    public Uni<SyncReport> synchronize(Image image, long standAt, long epoch, SyncListener listener) {
        return store.get().synchronize(image, standAt, epoch, listener);
    }

    @Override
    public Uni<Image> image(long afterId) {
        return store.get().image(afterId);
    }

    @Override
    public Uni<TextImage> text(Kind kind, Executor workers) {
        return store.get().text(kind, workers);
    }

    @Override
    public Uni<Integer> prune(List<Tombstone> tombstones, long epoch) {
        return store.get().prune(tombstones, epoch);
    }

    @Override
    public Uni<RestoreReport> restore(
            Image target, Restoration restoration, long epoch, Supplier<CompletionStage<Void>> fence) {
        return store.get().restore(target, restoration, epoch, fence);
    }

    @Override
    public Uni<BucketDigests> digests(int buckets, DataSource source) {
        return store.get().digests(buckets, source);
    }

    @Override
    public Uni<List<EntryState>> states(int buckets, int bucket, DataSource source) {
        return store.get().states(buckets, bucket, source);
    }

    @Override
    public Uni<List<EntryState>> states(Collection<Long> ids) {
        return store.get().states(ids);
    }

    @Override
    public Uni<List<ImageRow>> rows(Collection<Long> ids, DataSource source) {
        return store.get().rows(ids, source);
    }

    @Override
    public Uni<Mended> mend(Mend mend, long epoch) {
        return store.get().mend(mend, epoch);
    }

    @Override
    public Uni<Standing> standing() {
        return store.get().standing();
    }

    @Override
    public Uni<Void> makeWay() {
        return store.get().makeWay();
    }

    @Override
    public Uni<Void> rehearse() {
        return store.get().rehearse();
    }

    @Override
    public Uni<Void> prepare(Rule rule, Handover handover) {
        return store.get().prepare(rule, handover);
    }

    @Override
    public Uni<Long> decide(Rule from, Rule to) {
        return store.get().decide(from, to);
    }

    @Override
    public Uni<Void> adopt(Rule rule) {
        return store.get().adopt(rule);
    }

    @Override
    public Uni<Void> abandon() {
        return store.get().abandon();
    }

    @Override
    public Uni<Void> needBackfill() {
        return store.get().needBackfill();
    }

    @Override
    public Uni<Long> idsThrough() {
        return store.get().idsThrough();
    }

    @Override
    public Uni<Void> raiseIds(long through) {
        return store.get().raiseIds(through);
    }

    @Override
    public Uni<Optional<Long>> publishedThrough() {
        return store.get().publishedThrough();
    }

    @Override
    public Uni<Void> markPublished(Optional<Long> through) {
        return store.get().markPublished(through);
    }

    private <T> Uni<T> read(Uni<T> question) {
        return Uni.createFrom().deferred(() -> {
            long began = System.nanoTime();
            return question.onItemOrFailure().invoke((item, failure) -> {
                reads.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
                if (failure != null) {
                    readErrors.increment();
                }
            });
        });
    }
}
