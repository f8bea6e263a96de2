package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.Phase;
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
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.SyncReport;
import io.homebudget.ledger.storage.store.Tombstone;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The JSON store after it was given up: it knows who ruled then, and holds nothing. Everything else fails with
 * {@link StoreAway} that says why, so that nothing takes it for an empty ledger.
 */
final class GivenUpStore implements LedgerStore {
    private final GivenUp givenUp;
    private final String why;

    GivenUpStore(GivenUp givenUp, String why) {
        this.givenUp = givenUp;
        this.why = why;
    }

    private StoreAway away() {
        return new StoreAway(StoreName.JSON, why, null);
    }

    private <T> Uni<T> refused() {
        return Uni.createFrom().failure(this::away);
    }

    @Override
    public StoreName name() {
        return StoreName.JSON;
    }

    @Override
    public Uni<Standing> standing() {
        return Uni.createFrom()
                .item(new Standing(
                        Optional.of(givenUp.rule()),
                        Optional.empty(),
                        givenUp.identity(),
                        givenUp.position(),
                        Standing.FollowerState.FOLLOWING));
    }

    /** What PostgreSQL decides for itself is no concern of this store; a rule that needs it is refused. */
    @Override
    public Uni<Void> adopt(Rule rule) {
        return rule.phase() == Phase.DATABASE_ONLY ? Uni.createFrom().voidItem() : refused();
    }

    @Override
    public Uni<Void> abandon() {
        return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Held> find(long id) {
        return refused();
    }

    @Override
    public Multi<List<Held>> list(Listing listing) {
        return Multi.createFrom().failure(this::away);
    }

    @Override
    public Uni<List<GroupTotal>> summarize(Grouping by, Listing filter) {
        return refused();
    }

    @Override
    public Uni<Long> count() {
        return refused();
    }

    @Override
    public Uni<WriteOutcome> write(WriteRequest request, long epoch) {
        return Uni.createFrom().item(new WriteOutcome.NotWritten(why));
    }

    @Override
    public Uni<Long> head() {
        return refused();
    }

    @Override
    public Uni<LogSlice> log(long after, int maxChanges) {
        return refused();
    }

    @Override
    public Uni<Long> logFrom() {
        return refused();
    }

    @Override
    public Uni<Void> cutLog(long through) {
        return refused();
    }

    @Override
    public Uni<List<LoggedChange>> audit(AuditQuery query) {
        return refused();
    }

    @Override
    public Uni<ApplyReport> apply(List<ChangeSet> sets, long through, long epoch) {
        return refused();
    }

    @Override
    public Uni<Void> skipTo(long position, long epoch) {
        return refused();
    }

    @Override
    public Uni<SyncReport> synchronize(Image image, long standAt, long epoch, SyncListener listener) {
        return refused();
    }

    @Override
    public Uni<Image> image(long afterId) {
        return refused();
    }

    @Override
    public Uni<Integer> prune(List<Tombstone> tombstones, long epoch) {
        return refused();
    }

    @Override
    public Uni<RestoreReport> restore(
            Image target, Restoration restoration, long epoch, Supplier<CompletionStage<Void>> fence) {
        return refused();
    }

    @Override
    public Uni<BucketDigests> digests(int buckets, DataSource source) {
        return refused();
    }

    @Override
    public Uni<List<EntryState>> states(int buckets, int bucket, DataSource source) {
        return refused();
    }

    @Override
    public Uni<List<EntryState>> states(Collection<Long> ids) {
        return refused();
    }

    @Override
    public Uni<List<ImageRow>> rows(Collection<Long> ids, DataSource source) {
        return refused();
    }

    @Override
    public Uni<Mended> mend(Mend mend, long epoch) {
        return refused();
    }

    @Override
    public Uni<Void> prepare(Rule rule, Handover handover) {
        return refused();
    }

    @Override
    public Uni<Long> decide(Rule from, Rule to) {
        return refused();
    }

    @Override
    public Uni<Void> needBackfill() {
        return refused();
    }

    @Override
    public Uni<Long> idsThrough() {
        return refused();
    }

    @Override
    public Uni<Void> raiseIds(long through) {
        return refused();
    }

    @Override
    public Uni<Optional<Long>> publishedThrough() {
        return refused();
    }

    @Override
    public Uni<Void> markPublished(Optional<Long> through) {
        return refused();
    }
}
