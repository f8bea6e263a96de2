package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.journal.Journal;
import io.homebudget.ledger.storage.journal.Segment;
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
import java.io.IOException;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The ledger in files: the old backend's array, a journal that every write goes to first, and metadata.
 *
 * <p>Guarantees beyond {@link LedgerStore}: positions are dense while this store is primary; the array file is current within 5 s
 * of the last write up to 100,000 entries, after {@link #checkpoint} and after {@link #close}; a folder belongs to one process.
 */
public final class JsonStore implements LedgerStore, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JsonStore.class);
    private static final long CLOSE_MILLIS = 30_000;
    /** For a checkpoint that runs when the files are let go; an orderly close has waited for it before. */
    private static final long CHECKPOINT_END_MILLIS = 10_000;

    private final JsonStoreConfig config;
    private final Notices notices;
    private final FolderLock lock;
    private final InSyncMark mark;
    private final Journal journal;
    private final JournalThread thread;
    private final Checkpointer checkpointer;
    private final RecordJson json;
    private final Supplier<UUID> ids;
    private final Writing writing;
    private final Following following;
    private final Mending mending;
    private final Comparing comparing;
    private final LogReads logReads;
    private final ExecutorService answers;
    private final ExecutorService workers;
    /** Writers wait for the mark: it must not queue behind those who read whole files. */
    private final ExecutorService marking;

    JsonStore(JsonStoreConfig config, Clock clock, Supplier<UUID> ids, Disk disk, StartedFiles files) {
        this.config = config;
        this.notices = files.notices();
        this.lock = files.lock();
        this.mark = files.mark();
        this.journal = files.found().journal();
        this.json = files.json();
        this.ids = ids;
        this.writing = new Writing(json, clock, ids);
        this.following = new Following(json);
        this.mending = new Mending(json);
        this.answers = Background.daemons(1, "ledger-answers-" + config.kind().word());
        this.workers = Background.daemons(2, "ledger-files-" + config.kind().word());
        this.marking = Background.daemons(1, "ledger-mark-" + config.kind().word());
        this.checkpointer = new Checkpointer(config, disk, json, notices);
        this.logReads = new LogReads(json, checkpointer);
        // what the journal brought in at the start was added up by nobody before
        files.found().view().steps = Steps.NONE;
        this.thread = new JournalThread(journal, files.found().view(), config, answers, checkpointer::wrote);
        this.comparing = new Comparing(config, checkpointer, json, thread::view);
        this.checkpointer.begin(journal, thread, files.found().pair());
    }

    /** What a start hands over. */
    record StartedFiles(Notices notices, FolderLock lock, InSyncMark mark, RecordJson json, Start.Found found) {}

    /** As {@link #open(JsonStoreConfig, Clock, Supplier, RecordRules, Disk)} on the real disk. */
    public static JsonStore open(JsonStoreConfig config, Clock clock, Supplier<UUID> ids, RecordRules rules)
            throws IOException {
        return open(config, clock, ids, rules, Disk.REAL);
    }

    /**
     * Opens a folder, making it where it is not there. Blocks: reads all data, may wait up to {@code stableLimit} for a file that
     * somebody else still writes.
     *
     * @throws io.homebudget.ledger.storage.journal.RecoveryRequired where the files cannot be trusted or are in use; nothing was
     *     changed in them
     * @throws IOException where the disk fails
     */
    public static JsonStore open(JsonStoreConfig config, Clock clock, Supplier<UUID> ids, RecordRules rules, Disk disk)
            throws IOException {
        return Opener.open(config, clock, ids, rules, disk);
    }

    /** Begins to serve; writes what the start left to be written. */
    void begin(List<Change> edits, boolean mustCheckpoint) throws IOException {
        thread.start();
        if (!edits.isEmpty()) {
            Opener.await(thread.submit(writing.takeIn(edits)));
        }
        if (mustCheckpoint) {
            checkpointer.run();
        }
    }

    private <T> Uni<T> onWorker(Background.Work<T> work) {
        return Background.on(workers, work);
    }

    private <T> Uni<T> step(JournalThread.Step<T> step) {
        return Background.started(thread.submit(step));
    }

    private View view() {
        return thread.view();
    }

    // ---- reading -------------------------------------------------------------------------------------------------

    @Override
    public StoreName name() {
        return StoreName.JSON;
    }

    @Override
    public Uni<Held> find(long id) {
        return Uni.createFrom().item(() -> view().live(id));
    }

    @Override
    public Multi<List<Held>> list(Listing listing) {
        return Multi.createFrom()
                .deferred(() -> {
                    View view = view();
                    return Multi.createFrom().iterable(() -> Reads.list(view, listing));
                })
                .runSubscriptionOn(workers);
    }

    @Override
    public Uni<List<GroupTotal>> summarize(Grouping by, Listing filter) {
        return onWorker(() -> Reads.summarize(view(), by, filter));
    }

    @Override
    public Uni<Long> count() {
        return Uni.createFrom().item(() -> (long) view().byId.size());
    }

    // ---- writing -------------------------------------------------------------------------------------------------

    @Override
    public Uni<WriteOutcome> write(WriteRequest request, long epoch) {
        return Background.started(
                thread.submit(writing.write(request, epoch), WriteOutcome.NotWritten::new, WriteOutcome.Unknown::new));
    }

    // ---- the log -------------------------------------------------------------------------------------------------

    @Override
    public Uni<Long> head() {
        return Uni.createFrom().item(() -> view().head);
    }

    @Override
    public Uni<LogSlice> log(long after, int maxChanges) {
        View view = view();
        LogSlice slice = LogReads.fromMemory(view, after, maxChanges);
        return slice != null
                ? Uni.createFrom().item(slice)
                : onWorker(() -> logReads.fromSegments(view, segments(), after, maxChanges));
    }

    private List<Segment> segments() {
        return List.copyOf(journal.segments());
    }

    @Override
    public Uni<Long> logFrom() {
        return Uni.createFrom().item(() -> view().cutThrough);
    }

    @Override
    public Uni<Void> cutLog(long through) {
        CompletableFuture<Void> cut = thread.submit((draft, recorder) -> {
            long to = Math.min(through, draft.position);
            if (to > draft.cutThrough) {
                recorder.record(FrameType.LOG_CUT, RecordJson.object().put("through", to));
                draft.cut(to);
            }
            return null;
        });
        return Background.started(cut.thenCompose(done -> checkpoint().subscribeAsCompletionStage()));
    }

    @Override
    public Uni<List<LoggedChange>> audit(AuditQuery query) {
        return onWorker(() -> logReads.audit(view(), segments(), query));
    }

    // ---- following -----------------------------------------------------------------------------------------------

    @Override
    public Uni<ApplyReport> apply(List<ChangeSet> sets, long through, long epoch) {
        return step(following.apply(sets, through, epoch));
    }

    @Override
    public Uni<Void> skipTo(long position, long epoch) {
        return step(following.skipTo(position, epoch));
    }

    @Override
    public Uni<SyncReport> synchronize(Image image, long standAt, long epoch, SyncListener listener) {
        Uni<SyncReport> run =
                new Synchronizing(thread, following, checkpointer.worker(), image, standAt, epoch, listener).run();
        return Background.started(run.subscribeAsCompletionStage()
                .thenCompose(report -> checkpoint().replaceWith(report).subscribeAsCompletionStage()));
    }

    @Override
    public Uni<Image> image(long afterId) {
        return Uni.createFrom().item(() -> {
            View view = view();
            long rows = afterId < 1
                    ? view.byId.size() + view.tombstones.size()
                    : view.byId.tailMap(afterId, false).size()
                            + view.tombstones.tailMap(afterId, false).size();
            return new Image(
                    view.position,
                    rows,
                    Multi.createFrom()
                            .iterable(() -> Reads.image(view, afterId))
                            .runSubscriptionOn(workers));
        });
    }

    @Override
    public Uni<Integer> prune(List<Tombstone> tombstones, long epoch) {
        return step(following.prune(tombstones, epoch));
    }

    // ---- restoring -----------------------------------------------------------------------------------------------

    @Override
    public Uni<RestoreReport> restore(
            Image target, Restoration restoration, long epoch, Supplier<CompletionStage<Void>> fence) {
        Uni<RestoreReport> run = Uni.createFrom()
                .completionStage(fence)
                .chain(() -> new Restoring(thread, json, ids, restoration, epoch).run(target));
        return Background.started(mending.refusedDuring(run).subscribeAsCompletionStage());
    }

    // ---- comparing -----------------------------------------------------------------------------------------------

    @Override
    public Uni<BucketDigests> digests(int buckets, DataSource source) {
        return onWorker(() -> comparing.digests(buckets, source));
    }

    @Override
    public Uni<List<EntryState>> states(int buckets, int bucket, DataSource source) {
        return onWorker(() -> comparing.states(buckets, bucket, source));
    }

    @Override
    public Uni<List<EntryState>> states(Collection<Long> ids) {
        List<Long> wanted = List.copyOf(ids);
        return onWorker(() -> comparing.states(wanted));
    }

    @Override
    public Uni<List<ImageRow>> rows(Collection<Long> ids, DataSource source) {
        List<Long> wanted = List.copyOf(ids);
        if (source == DataSource.DISK) {
            return onWorker(() -> comparing.rowsOnDisk(wanted));
        }
        return Uni.createFrom().item(() -> {
            View view = view();
            return wanted.stream()
                    .map(id -> Mending.row(view, id))
                    .filter(Objects::nonNull)
                    .toList();
        });
    }

    @Override
    public Uni<Mended> mend(Mend mend, long epoch) {
        return Background.started(thread.submit(mending.mend(mend, epoch))
                .thenCompose(outcome -> outcome.onlyOnDisk()
                        ? mendFiles(outcome.mended()).subscribeAsCompletionStage()
                        : CompletableFuture.completedFuture(outcome.mended())));
    }

    private Uni<Mended> mendFiles(Mended intact) {
        return Background.on(
                checkpointer.worker(),
                () -> checkpointer.mend() ? new Mended(Mended.Result.MENDED, intact.version()) : intact);
    }

    // ---- who rules -----------------------------------------------------------------------------------------------

    @Override
    public Uni<Standing> standing() {
        return Uni.createFrom().item(() -> {
            View view = view();
            return new Standing(
                    Optional.ofNullable(view.decided),
                    Optional.ofNullable(view.prepared),
                    view.identity,
                    view.position,
                    view.follower);
        });
    }

    @Override
    public Uni<Void> prepare(Rule rule, Handover handover) {
        return step(Ruling.prepare(rule, handover));
    }

    @Override
    public Uni<Long> decide(Rule from, Rule to) {
        return step(Ruling.decide(from, to));
    }

    @Override
    public Uni<Void> adopt(Rule rule) {
        return step(Ruling.adopt(rule));
    }

    @Override
    public Uni<Void> abandon() {
        return step(Ruling.abandon());
    }

    @Override
    public Uni<Void> needBackfill() {
        return step(Ruling.needBackfill());
    }

    // ---- what is carried over ------------------------------------------------------------------------------------

    @Override
    public Uni<Long> idsThrough() {
        return Uni.createFrom().item(() -> view().ids);
    }

    @Override
    public Uni<Void> raiseIds(long through) {
        return step(Ruling.raiseIds(through));
    }

    @Override
    public Uni<Optional<Long>> publishedThrough() {
        return Uni.createFrom().item(() -> view().publishedThrough());
    }

    @Override
    public Uni<Void> markPublished(Optional<Long> through) {
        return step(Ruling.markPublished(through));
    }

    // ---- beyond the interface ------------------------------------------------------------------------------------

    /** Brings the array file up to date now; the item comes when it is on disk. */
    public Uni<Void> checkpoint() {
        return Background.on(checkpointer.worker(), () -> {
            checkpointer.run();
            return null;
        });
    }

    /** Durably sets or clears the in-sync mark. Clearing works on a full disk. Fails with {@link StoreAway}. */
    public Uni<Void> markInSync(boolean inSync) {
        return Background.on(marking, () -> {
            mark.mark(inSync);
            return null;
        });
    }

    /** Whether the mark stands. */
    public boolean inSync() {
        return mark.set();
    }

    /** What a person should know, oldest first. */
    public List<String> notices() {
        return notices.all();
    }

    /** Records of array files that could not be taken in; they are in {@code rejected.ndjson}. */
    public long rejected() {
        return view().rejected;
    }

    /** Changes that lost against another one at the same version, since the store began. */
    public long orphans() {
        return view().orphans;
    }

    /** The head of the log when the store that rules now, this one or the other, began to. */
    public long ruledFrom() {
        return view().ruledFrom;
    }

    /** This store's identity, made with it and never changed (A44). */
    public UUID identity() {
        return view().identity;
    }

    /** What the log holds. @param cutThrough what is asked from before this position is answered as cut */
    public record LogSize(long bytes, long changes, long cutThrough) {}

    public LogSize logSize() {
        View view = view();
        List<Segment> segments = segments();
        long before = segments.isEmpty() ? 0 : segments.get(0).header().changesBefore();
        return new LogSize(journal.bytes(), view.changes - before, view.cutThrough);
    }

    /**
     * Where the log should be cut to be within its limits again; empty while it is. Whoever calls {@link #cutLog} with it first
     * records that follower or publisher lose their place (A43).
     */
    public Optional<Long> logOverLimit() {
        return LogLimit.cut(config, logSize(), segments());
    }

    /** Finishes what was asked for, brings the array file up to date and lets the folder go. Blocks up to 70 s. */
    @Override
    public void close() {
        try {
            checkpoint().subscribeAsCompletionStage().get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf("the array file is not current at the end; the journal holds the rest: %s", e.getMessage());
        }
        stop();
    }

    /** Lets the folder go without bringing the array file up to date. */
    void stop() {
        close(letGo());
    }

    /** Lets the files go, and nothing else: the folder stays this process's. @return what holds it */
    FolderLock letGo() {
        try {
            checkpointer.close(CHECKPOINT_END_MILLIS);
            thread.close(CLOSE_MILLIS);
            workers.shutdown();
            marking.shutdown();
            answers.shutdown();
            journal.close();
            mark.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("closing the store's files failed", e);
        }
        return lock;
    }

    static void close(FolderLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("letting the folder go failed", e);
        }
    }
}
