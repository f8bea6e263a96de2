package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * One durable copy of a kind's entries together with the log of their changes. The JSON files and PostgreSQL both are one, and
 * one conformance suite holds both to this contract.
 *
 * <p>In common:
 *
 * <ul>
 *   <li>No method blocks the calling thread, and none waits without a limit. What a method starts goes on when its subscriber
 *       goes away: a write is never half done because a client hung up (A31).
 *   <li>An item means durable: fsynced, or committed with {@code synchronous_commit}. Nothing that is not durable is visible
 *       to any reader of this interface.
 *   <li>A store that cannot be reached fails with {@link StoreAway}; {@link #write} reports it as an outcome instead.
 *   <li>Methods may be called from any thread, and concurrently, unless they say otherwise.
 * </ul>
 */
public interface LedgerStore {

    StoreName name();

    // ---- reading -------------------------------------------------------------------------------------------------

    /** The live entry with this id; the item is null where there is none. */
    Uni<Held> find(long id);

    /**
     * The wanted entries in the order of lists, in chunks of at most 1,000, all from one position of the log. Memory use does
     * not grow with the number of entries, however slowly the subscriber asks.
     */
    Multi<List<Held>> list(Listing listing);

    /** Totals of the entries that {@code filter} selects (its limit and place are ignored), ordered by group, currency. */
    Uni<List<GroupTotal>> summarize(Grouping by, Listing filter);

    /** How many live entries there are. */
    Uni<Long> count();

    // ---- writing, as primary -------------------------------------------------------------------------------------

    /**
     * Decides and commits one write in one step: entry, change and digest, or nothing. Never fails; see the outcomes.
     *
     * <p>If the request carries an Idempotency-Key that a change of the last 24 h carries, nothing is written: the outcome is
     * that change as {@code Written(set, repeated = true)}, or the refusal {@link Decider#KEY_REUSED} where the request's
     * digest differs.
     *
     * @param epoch the epoch in which the caller believes this store to rule; in any other the outcome is {@code Fenced}
     */
    Uni<WriteOutcome> write(WriteRequest request, long epoch);

    // ---- the log -------------------------------------------------------------------------------------------------

    /** The highest position of a durable set; 0 in a log that never had one. */
    Uni<Long> head();

    /**
     * The sets after a position, oldest first, at most about {@code maxChanges} changes (at least one set if there is any).
     * Never skips a set that commits late (A22), never shows a set in part, and shows an entry's versions in their order.
     */
    Uni<LogSlice> log(long after, int maxChanges);

    /** Where the log begins: what is asked from before this position is answered as {@code cut}. */
    Uni<Long> logFrom();

    /** Forgets the log through this position; what is asked from before it is then answered as {@code cut}. */
    Uni<Void> cutLog(long through);

    /** The changes of the retained log that the query selects, newest first. Reads bounded memory; may take long. */
    Uni<List<LoggedChange>> audit(AuditQuery query);

    // ---- following -----------------------------------------------------------------------------------------------

    /**
     * Applies sets of the primary's log, each whole, in the given order, by the rule of {@link Decider#supersedes}; appends
     * every one of them to the own log under its own position, except losers; then stands at {@code through}. Idempotent: what
     * was applied is skipped. A set at or below the own position is skipped without being looked at.
     *
     * @param through the position to stand at afterwards, at least that of the last set
     * @param epoch the rule's epoch in which the caller leads; fails with {@link StoreFenced} when this store knows a higher one
     */
    Uni<ApplyReport> apply(List<ChangeSet> sets, long through, long epoch);

    /**
     * The primary's log no longer reaches back to where this follower stands. In one durable step: it needs a full
     * synchronisation, stands at {@code position}, and its own log begins there, because it lacks what was before. Fails with
     * {@link StoreFenced} as {@link #apply} does.
     *
     * @param position the head of the primary's log; what comes behind it is applied from now on
     */
    Uni<Void> skipTo(long position, long epoch);

    /**
     * Makes this store hold what the image holds, by the rule of applying: newer entries stay, tombstones stay; entries and
     * tombstones beyond the image whose epoch is below {@code epoch} are removed. Afterwards the store is {@code FOLLOWING}.
     * {@link #apply} may run meanwhile. Staged in chunks: interrupted, it goes on behind the last staged id when called again
     * with the same {@code epoch}.
     *
     * <p>A synchronisation whose image is older than a {@link #skipTo} fails and leaves the store in need of another one: what
     * was skipped is neither in the image nor was it applied.
     *
     * @param standAt the position to stand at when the store stood below it
     */
    Uni<SyncReport> synchronize(Image image, long standAt, long epoch, SyncListener listener);

    /** Everything, at one position; see {@link Image}. @param afterId only rows with a higher id */
    Uni<Image> image(long afterId);

    /**
     * Everything, at one position, as lines: what {@link #image} gives, in the way that costs the store least.
     *
     * @param workers threads on which lines are made of rows, where the store has only those
     */
    default Uni<TextImage> text(Kind kind, Executor workers) {
        return image(0).map(image -> TextImage.of(kind, image, workers));
    }

    /**
     * Forgets these tombstones, each only where it is still exactly this one. Ids and the log stay as they are. Fails with
     * {@link StoreFenced} as {@link #apply} does.
     *
     * @return how many are gone
     */
    Uni<Integer> prune(List<Tombstone> tombstones, long epoch);

    // ---- restoring, as primary -----------------------------------------------------------------------------------

    /**
     * Makes the live entries exactly those of the target, by appending the difference to what stands as changes: versions,
     * tombstones and ids never fall, entries that are equal are left alone. Cost under the fence: one comparison of everything,
     * and writing in proportion to the difference.
     *
     * <p>PostgreSQL: one transaction, whole or not at all, also across a crash; where its outcome stays unknown the failure is
     * {@link InDoubt}. JSON: in sets, one after the other; interrupted, the caller repeats it with the same restoration until it
     * succeeds and before anybody writes, which comes to the same end. Fails with {@link StoreFenced} outside the epoch.
     *
     * @param target ascending by id; of tombstones only the versions count; may be read more than once
     * @param fence called once, when the target is staged: nothing is compared before it has completed, and from then on the
     *     caller lets nobody write
     */
    Uni<RestoreReport> restore(
            Image target, Restoration restoration, long epoch, Supplier<CompletionStage<Void>> fence);

    // ---- comparing -----------------------------------------------------------------------------------------------

    /** Digests of all live entries by bucket, computed from the data itself, at one position. */
    Uni<BucketDigests> digests(int buckets, DataSource source);

    /** The states of all entries and tombstones of one bucket; {@code id mod buckets == bucket}. */
    Uni<List<EntryState>> states(int buckets, int bucket, DataSource source);

    /** The states of these ids, each read at a moment of its own; ids that the store never had are not in the answer. */
    Uni<List<EntryState>> states(Collection<Long> ids);

    /**
     * What the store holds under these ids, whole and as it stands, damaged or not, each read at a moment of its own; ids that
     * the store never had are not in the answer.
     *
     * @param ids at most {@value #MOST_ROWS}
     * @param source from the JSON store's disk it costs about as much as a start
     */
    Uni<List<ImageRow>> rows(Collection<Long> ids, DataSource source);

    /**
     * Makes one damaged entry what its last change recorded, if the store still holds what was seen: durable, and no change of
     * its own, so no position, version or event comes of it (A24). In the JSON store damage of the files alone is mended too.
     * Fails with {@link StoreFenced} when this store knows a higher epoch than the caller's, and with {@link BeingRestored}
     * from the beginning of a {@link #restore} of this store to its end, whichever replica makes it.
     */
    Uni<Mended> mend(Mend mend, long epoch);

    /** The most ids that one call of {@link #rows} may name. */
    int MOST_ROWS = 1_000;

    /** Where the data of a comparison comes from. PostgreSQL has only one answer; the JSON store has two. */
    enum DataSource {
        /** What readers get: memory, or the database. */
        SERVED,
        /** What a restart would read: array file plus journal. */
        DISK
    }

    // ---- who rules -----------------------------------------------------------------------------------------------

    /** What is durably recorded, read anew. */
    Uni<Standing> standing();

    /**
     * Ends what a fence of this store would have to wait for beside writes, while writers go on. To be called shortly before
     * {@link #decide} or {@link #adopt}, and not while writers are held.
     */
    default Uni<Void> makeWay() {
        return Uni.createFrom().voidItem();
    }

    /**
     * Does what the first writes to a store cost beyond the later ones, and writes nothing. To be called before this store becomes
     * the primary, while the other one is.
     */
    default Uni<Void> rehearse() {
        return Uni.createFrom().voidItem();
    }

    /**
     * Makes this store durably ready for a rule that somebody else decides (or itself, later): ids and positions are raised so
     * that nothing is given twice. Idempotent; replaces an earlier preparation. Changes nothing about who rules now.
     */
    Uni<Void> prepare(Rule rule, Handover handover);

    /**
     * The decision: this store, primary until now, durably ends its rule {@code from} and records {@code to}. Waits for writes
     * in flight; later ones with the old epoch write nothing. Fails with {@link StoreFenced} when {@code from} does not rule
     * here. Where the outcome is unknown it fails with {@link StoreAway}: read {@link #standing} before anybody writes.
     *
     * @return the head of the log at the decision: every set of the old epoch is at or below it
     */
    Uni<Long> decide(Rule from, Rule to);

    /** Records a decision taken elsewhere and acts on it; ends a preparation. Idempotent, ignored below the own epoch. */
    Uni<Void> adopt(Rule rule);

    /** Forgets a preparation that was not decided. */
    Uni<Void> abandon();

    /** Durably says that this store, as a follower, needs a full synchronisation before it can be trusted. */
    Uni<Void> needBackfill();

    // ---- what is carried over ------------------------------------------------------------------------------------

    /** The largest id that may have been given out under this store's knowledge. */
    Uni<Long> idsThrough();

    /** Durably raises {@link #idsThrough}; never lowers it. */
    Uni<Void> raiseIds(long through);

    /**
     * The position through which the log has been published; negative: nothing yet, see {@link InitialFile}; empty: a baseline of
     * everything must be published first.
     */
    Uni<Optional<Long>> publishedThrough();

    /** Records it; at least once, so an older value after a crash is harmless. Empty: needs baseline. */
    Uni<Void> markPublished(Optional<Long> through);
}
