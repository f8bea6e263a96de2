package io.homebudget.ledger.storage.postgres;

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
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Pool;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The ledger in PostgreSQL, in the schema named like the kind. Works on the tables of the services' migrations, which must have run.
 *
 * <p>The pool must set the limits of {@link PostgresPools}: the store relies on a short statement timeout on every connection and
 * raises it itself where a step may take longer.
 */
public final class PostgresStore implements LedgerStore, AutoCloseable {
    private final Link link;
    private final IdLeases leases;
    private final Reading reading;
    private final Copying copying;
    private final Writing writing;
    private final LogReading log;
    private final Following following;
    private final Synchronizing synchronizing;
    private final Restoring restoring;
    private final Comparing comparing;
    private final Mending mending;
    private final PhaseRecord phases;
    private final Returning returning;
    private final Rehearsal rehearsal;

    /**
     * What the store works with.
     *
     * @param pool for everything short; not closed by the store
     * @param streams for lists and images, which hold a connection as long as somebody reads; not closed by the store
     * @param bulk connections for bulk loading
     * @param workers threads that may block
     * @param ids makes the ids of changes and sets
     */
    public record Parts(
            Kind kind,
            Pool pool,
            Pool streams,
            BulkConnections bulk,
            Executor workers,
            PostgresSettings settings,
            Clock clock,
            Supplier<UUID> ids,
            LeaseGuard guard,
            StoreTimings timings) {}

    public PostgresStore(Parts parts) {
        Statements sql = new Statements(parts.kind());
        PostgresSettings settings = parts.settings();
        link = new Link(
                parts.pool(), parts.streams(), parts.timings(), parts.kind().word());
        leases = new IdLeases(link, sql, settings, parts.guard());
        reading = new Reading(link, sql, settings);
        copying = new Copying(sql, settings, parts.bulk(), parts.workers());
        writing = new Writing(link, sql, settings, parts.clock(), parts.ids(), leases);
        log = new LogReading(link, sql, settings, parts.clock());
        following = new Following(link, sql, settings);
        synchronizing = new Synchronizing(sql, parts.bulk(), parts.workers());
        restoring = new Restoring(sql, settings, parts.bulk(), parts.workers());
        comparing = new Comparing(link, sql, settings);
        mending = new Mending(link, sql, settings);
        phases = new PhaseRecord(link, sql, settings);
        returning = new Returning(link, sql, settings, phases, following);
        rehearsal = new Rehearsal(link, sql, settings);
    }

    @Override
    public StoreName name() {
        return StoreName.POSTGRES;
    }

    @Override
    public Uni<Held> find(long id) {
        return Link.uni(() -> reading.find(id));
    }

    @Override
    public Multi<List<Held>> list(Listing listing) {
        return reading.list(listing);
    }

    @Override
    public Uni<List<GroupTotal>> summarize(Grouping by, Listing filter) {
        return Link.uni(() -> reading.summarize(by, filter));
    }

    @Override
    public Uni<Long> count() {
        return Link.uni(reading::count);
    }

    @Override
    public Uni<WriteOutcome> write(WriteRequest request, long epoch) {
        return Link.uni(() -> writing.write(request, epoch));
    }

    @Override
    public Uni<Long> head() {
        return Link.uni(log::head);
    }

    @Override
    public Uni<LogSlice> log(long after, int maxChanges) {
        return Link.uni(() -> log.log(after, maxChanges));
    }

    @Override
    public Uni<Long> logFrom() {
        return Link.uni(log::from);
    }

    @Override
    public Uni<Void> cutLog(long through) {
        return Link.uni(() -> log.cut(through));
    }

    @Override
    public Uni<List<LoggedChange>> audit(AuditQuery query) {
        return Link.uni(() -> log.audit(query));
    }

    @Override
    public Uni<ApplyReport> apply(List<ChangeSet> sets, long through, long epoch) {
        return Link.uni(() -> following.apply(sets, through, epoch));
    }

    @Override
    public Uni<Void> skipTo(long position, long epoch) {
        return Link.uni(() -> following.skipTo(position, epoch)).invoke(log::forget);
    }

    @Override
    public Uni<SyncReport> synchronize(Image image, long standAt, long epoch, SyncListener listener) {
        return synchronizing.synchronize(image, standAt, epoch, listener).invoke(report -> log.forget());
    }

    @Override
    public Uni<Image> image(long afterId) {
        return Link.uni(() -> reading.image(afterId));
    }

    @Override
    public Uni<TextImage> text(Kind kind, Executor makers) {
        return copying.image();
    }

    @Override
    public Uni<Integer> prune(List<Tombstone> tombstones, long epoch) {
        return Link.uni(() -> following.prune(tombstones, epoch));
    }

    @Override
    public Uni<RestoreReport> restore(
            Image target, Restoration restoration, long epoch, Supplier<CompletionStage<Void>> fence) {
        return restoring.restore(target, restoration, epoch, fence).invoke(this::forget);
    }

    @Override
    public Uni<BucketDigests> digests(int buckets, DataSource source) {
        return Link.uni(() -> comparing.digests(buckets));
    }

    @Override
    public Uni<List<EntryState>> states(int buckets, int bucket, DataSource source) {
        return Link.uni(() -> comparing.states(buckets, bucket));
    }

    @Override
    public Uni<List<EntryState>> states(Collection<Long> ids) {
        return Link.uni(() -> comparing.states(ids));
    }

    @Override
    public Uni<List<ImageRow>> rows(Collection<Long> ids, DataSource source) {
        return Link.uni(() -> mending.rows(ids));
    }

    @Override
    public Uni<Mended> mend(Mend mend, long epoch) {
        return Link.uni(() -> mending.mend(mend, epoch));
    }

    @Override
    public Uni<Standing> standing() {
        return Link.uni(phases::standing);
    }

    @Override
    public Uni<Void> makeWay() {
        return Link.uni(phases::makeWay);
    }

    @Override
    public Uni<Void> rehearse() {
        return Link.uni(rehearsal::run);
    }

    @Override
    public Uni<Void> prepare(Rule rule, Handover handover) {
        return Link.uni(() -> phases.prepare(rule, handover)).invoke(this::forget);
    }

    @Override
    public Uni<Long> decide(Rule from, Rule to) {
        return Link.uni(() -> phases.decide(from, to)).invoke(this::forget);
    }

    @Override
    public Uni<Void> adopt(Rule rule) {
        return Link.uni(() -> phases.adopt(rule)).invoke(this::forget);
    }

    private void forget() {
        leases.forget();
        log.forget();
    }

    @Override
    public Uni<Void> abandon() {
        return Link.uni(phases::abandon);
    }

    @Override
    public Uni<Void> needBackfill() {
        return Link.uni(phases::needBackfill);
    }

    @Override
    public Uni<Long> idsThrough() {
        return Link.uni(phases::idsThrough);
    }

    @Override
    public Uni<Void> raiseIds(long through) {
        return Link.uni(() -> phases.raiseIds(through)).invoke(leases::forget);
    }

    @Override
    public Uni<Optional<Long>> publishedThrough() {
        return Link.uni(phases::publishedThrough);
    }

    @Override
    public Uni<Void> markPublished(Optional<Long> through) {
        return Link.uni(() -> phases.markPublished(through));
    }

    /** Waits for writes in flight and lets none begin any more; who rules instead is told by {@link #adopt}. */
    public Uni<Void> fence() {
        return Link.uni(returning::fence).invoke(this::forget);
    }

    /**
     * After a takeover by {@code truth}: moves this store's sets behind the position out of its log into {@code orphans}, and
     * makes the entries they touched what {@code truth} holds. Call after {@link #fence}.
     *
     * @return how many sets
     */
    public Uni<Integer> undoBeyond(long position, LedgerStore truth) {
        return Link.uni(() -> returning.undoBeyond(position, truth)).invoke(this::forget);
    }

    /** Stops the store's timer. What is in flight comes to its end. */
    @Override
    public void close() {
        link.close();
    }
}
