package io.homebudget.ledger.storage.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.change.IdempotencyKey;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.testing.Sample;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store promises as follower, and about taking over. */
public abstract class FollowerContract {
    protected static final Duration LIMIT = Duration.ofSeconds(20);
    private static final UUID IDENTITY = new UUID(1, 1);

    protected LedgerStore store;
    /** Epoch 1, in a dual phase in which the other store is primary. */
    protected Rule rule;

    /** A new, empty store that has adopted {@link #rule()}. */
    protected abstract LedgerStore openFollower();

    protected abstract Rule rule();

    /** The neighbouring phase in which this store is primary. */
    protected abstract Phase takeover();

    protected abstract LedgerStore reopen(LedgerStore store);

    protected abstract void close(LedgerStore store);

    @BeforeEach
    void openStore() {
        rule = rule();
        store = openFollower();
    }

    @AfterEach
    void closeStore() {
        close(store);
    }

    protected static <T> T await(Uni<T> uni) {
        return uni.await().atMost(LIMIT);
    }

    protected ApplyReport apply(ChangeSet... sets) {
        return await(store.apply(List.of(sets), sets[sets.length - 1].position(), rule.epoch()));
    }

    protected List<Entry> entries() {
        List<Entry> all = new ArrayList<>();
        await(store.list(Listing.ALL).collect().asList()).forEach(c -> c.forEach(h -> all.add(h.entry())));
        return all;
    }

    private long position() {
        return await(store.standing()).position();
    }

    protected static Image image(long position, ImageRow... rows) {
        return new Image(position, rows.length, Multi.createFrom().items(List.of(rows)));
    }

    protected static ImageRow live(Change change, long epoch) {
        return new ImageRow(Held.after(change, epoch), null);
    }

    protected static ImageRow dead(Change change, long epoch) {
        return new ImageRow(null, Tombstone.after(change, epoch));
    }

    protected SyncReport synchronize(Image image, long epoch) {
        return await(store.synchronize(image, image.position(), epoch, SyncListener.NONE));
    }

    // ---- applying ------------------------------------------------------------------------------------------------

    @Test
    void applied_sets_are_in_the_data_and_in_the_log_under_their_own_positions() {
        Change a = Sample.created(Sample.entry(5, 1));
        Change a2 = Sample.updated(a, Sample.entry(5, 2));
        Change b = Sample.created(Sample.entry(9, 3));
        ChangeSet one = Sample.set(3, rule, a);
        ChangeSet two = Sample.set(4, rule, b);
        ChangeSet three = Sample.set(8, rule, a2);
        ApplyReport report = await(store.apply(List.of(one, two, three), 10, rule.epoch()));
        assertThat(report).isEqualTo(new ApplyReport(3, 0, List.of()));
        assertThat(await(store.find(5))).isEqualTo(Held.after(a2, rule.epoch()));
        assertThat(await(store.find(9))).isEqualTo(Held.after(b, rule.epoch()));
        assertThat(position()).isEqualTo(10);
        assertThat(await(store.log(0, 100)).sets()).containsExactly(one, two, three);
        store = reopen(store);
        assertThat(position()).isEqualTo(10);
        assertThat(entries()).hasSize(2);
        assertThat(await(store.log(0, 100)).sets()).containsExactly(one, two, three);
    }

    @Test
    void A23_applying_again_changes_nothing() {
        Change a = Sample.created(Sample.entry(1, 1));
        Change a2 = Sample.updated(a, Sample.entry(1, 2));
        ChangeSet one = Sample.set(1, rule, a);
        ChangeSet two = Sample.set(2, rule, a2);
        apply(one, two);
        ApplyReport again = apply(one, two);
        assertThat(again.applied()).isZero();
        assertThat(again.skipped()).isEqualTo(2);
        assertThat(await(store.find(1))).isEqualTo(Held.after(a2, rule.epoch()));
        // the same change under a later position, as a replay from an older place would bring it
        ApplyReport replayed = apply(new ChangeSet(3, two.id(), rule, two.at(), "user", null, List.of(a)));
        assertThat(replayed.applied()).isZero();
        assertThat(await(store.find(1))).isEqualTo(Held.after(a2, rule.epoch()));
        assertThat(position()).isEqualTo(3);
    }

    @Test
    void a_deleted_entry_stays_deleted_whatever_comes_late() {
        Change a = Sample.created(Sample.entry(1, 1));
        Change gone = Sample.deleted(a);
        apply(Sample.set(1, rule, a), Sample.set(2, rule, gone));
        apply(Sample.set(3, rule, a));
        assertThat(entries()).isEmpty();
        assertThat(await(store.states(List.of(1L)))).singleElement().satisfies(s -> {
            assertThat(s.deleted()).isTrue();
            assertThat(s.version()).isEqualTo(2);
        });
    }

    @Test
    void A8_a_change_of_an_entry_that_the_follower_never_had_puts_it_there() {
        Change a = Sample.created(Sample.entry(1, 1));
        Change a2 = Sample.updated(a, Sample.entry(1, 2));
        apply(Sample.set(7, rule, a2));
        assertThat(await(store.find(1))).isEqualTo(Held.after(a2, rule.epoch()));
    }

    @Test
    void a_set_of_many_and_a_long_batch_are_applied_whole() {
        List<ChangeSet> sets = new ArrayList<>();
        List<Change> creations = new ArrayList<>();
        for (int i = 1; i <= 1_000; i++) {
            Change change = Sample.created(Sample.entry(i, i));
            creations.add(change);
            sets.add(Sample.set(i, rule, change));
        }
        Change[] deletions = creations.stream().limit(400).map(Sample::deleted).toArray(Change[]::new);
        sets.add(Sample.set(1_001, rule, deletions));
        ApplyReport report = await(store.apply(sets, 1_001, rule.epoch()));
        assertThat(report.applied()).isEqualTo(1_400);
        assertThat(await(store.count())).isEqualTo(600);
        LogSlice tail = await(store.log(1_000, 10));
        assertThat(tail.sets()).containsExactly(sets.get(1_000));
    }

    @Test
    void A35_at_the_same_version_the_higher_epoch_wins_and_the_loser_is_reported() {
        Change a = Sample.created(Sample.entry(1, 1));
        Change ours = Sample.updated(a, Sample.entry(1, 2));
        Change theirs = Sample.updated(a, Sample.entry(1, 3));
        Rule later = new Rule(rule.epoch() + 1, rule.phase());
        apply(Sample.set(1, rule, a), Sample.set(2, rule, ours));
        ApplyReport won = await(store.apply(List.of(Sample.set(3, later, theirs)), 3, later.epoch()));
        assertThat(won.applied()).isEqualTo(1);
        assertThat(won.orphans())
                .singleElement()
                .satisfies(o ->
                        assertThat(o.set().changes()).extracting(Change::id).containsExactly(ours.id()));
        assertThat(await(store.find(1))).isEqualTo(Held.after(theirs, later.epoch()));
        ApplyReport lost = await(store.apply(List.of(Sample.set(4, rule, ours)), 4, later.epoch()));
        assertThat(lost.applied()).isZero();
        assertThat(lost.orphans())
                .singleElement()
                .satisfies(o ->
                        assertThat(o.set().changes()).extracting(Change::id).containsExactly(ours.id()));
        assertThat(await(store.find(1))).isEqualTo(Held.after(theirs, later.epoch()));
        assertThat(await(store.log(0, 100)).sets().stream()
                        .flatMap(s -> s.changes().stream())
                        .map(Change::id))
                .containsExactly(a.id(), theirs.id());
    }

    @Test
    void who_leads_in_an_epoch_that_is_over_cannot_apply() {
        await(store.adopt(new Rule(5, rule.phase())));
        ChangeSet set = Sample.set(1, rule, Sample.created(Sample.entry(1, 1)));
        assertThatThrownBy(() -> await(store.apply(List.of(set), 1, 4))).isInstanceOf(StoreFenced.class);
        assertThatThrownBy(() -> await(store.synchronize(image(1), 1, 4, SyncListener.NONE)))
                .isInstanceOf(StoreFenced.class);
        assertThat(entries()).isEmpty();
        assertThat(position()).isZero();
        assertThat(await(store.apply(List.of(set), 1, 5)).applied()).isEqualTo(1);
    }

    @Test
    void a_follower_takes_no_writes() {
        apply(Sample.set(1, rule, Sample.created(Sample.entry(1, 1))));
        assertThat(await(store.write(Sample.create(1), rule.epoch()))).isEqualTo(new WriteOutcome.Fenced());
        assertThat(await(store.write(Sample.delete(1), rule.epoch()))).isEqualTo(new WriteOutcome.Fenced());
    }

    // ---- losing and forgetting ----------------------------------------------------------------------------------

    @Test
    void A43_a_follower_whose_place_the_log_no_longer_has_says_so_and_follows_from_the_head_on() {
        Change a = Sample.created(Sample.entry(1, 1));
        apply(Sample.set(1, rule, a));

        await(store.skipTo(50, rule.epoch()));
        store = reopen(store);

        assertThat(await(store.standing()).followerState()).isEqualTo(Standing.FollowerState.NEEDS_BACKFILL);
        assertThat(position()).isEqualTo(50);
        assertThat(await(store.logFrom())).isEqualTo(50);
        assertThat(await(store.log(1, 100)).cut()).isTrue();
        ChangeSet next = Sample.set(51, rule, Sample.created(Sample.entry(9, 1)));
        apply(next);
        assertThat(await(store.log(50, 100)).sets()).containsExactly(next);
    }

    @Test
    void A43_an_image_from_before_a_skip_does_not_make_a_follower_complete() {
        Change a = Sample.created(Sample.entry(1, 1));
        Image old = image(10, live(a, rule.epoch()));
        await(store.skipTo(50, rule.epoch()));

        assertThatThrownBy(() -> synchronize(old, rule.epoch())).isInstanceOf(StoreAway.class);

        assertThat(await(store.standing()).followerState()).isEqualTo(Standing.FollowerState.NEEDS_BACKFILL);
        synchronize(image(50, live(a, rule.epoch())), rule.epoch());
        assertThat(await(store.standing()).followerState()).isEqualTo(Standing.FollowerState.FOLLOWING);
    }

    @Test
    void who_leads_in_an_epoch_that_is_over_can_neither_skip_nor_prune() {
        await(store.adopt(new Rule(5, rule.phase())));
        Standing before = await(store.standing());

        assertThatThrownBy(() -> await(store.skipTo(7, 4))).isInstanceOf(StoreFenced.class);
        assertThatThrownBy(() -> await(store.prune(List.of(), 4))).isInstanceOf(StoreFenced.class);

        assertThat(await(store.standing())).isEqualTo(before);
    }

    @Test
    void only_a_tombstone_that_is_still_the_same_is_pruned() {
        Change a = Sample.created(Sample.entry(1, 1));
        Change aGone = Sample.deleted(a);
        Change b = Sample.created(Sample.entry(2, 1));
        Change bGone = Sample.deleted(b);
        Change bBack = new Change(UUID.randomUUID(), 2, 3, Action.CREATED, null, b.after(), EntryDigest.of(b.after()));
        Change c = Sample.created(Sample.entry(3, 1));
        apply(Sample.set(1, rule, a, b, c), Sample.set(2, rule, aGone, bGone), Sample.set(3, rule, bBack));
        Tombstone another = new Tombstone(1, 2, rule.epoch(), UUID.randomUUID());

        assertThat(await(store.prune(List.of(another), rule.epoch()))).isZero();
        int pruned = await(store.prune(
                List.of(Tombstone.after(aGone, rule.epoch()), Tombstone.after(bGone, rule.epoch())), rule.epoch()));

        assertThat(pruned).isEqualTo(1);
        store = reopen(store);
        assertThat(await(store.states(List.of(1L)))).isEmpty();
        assertThat(entries()).extracting(Entry::id).containsExactlyInAnyOrder(2L, 3L);
        assertThat(await(store.idsThrough())).isGreaterThanOrEqualTo(3);
    }

    // ---- full synchronisation ------------------------------------------------------------------------------------

    @Test
    void an_image_fills_an_empty_store_which_then_follows() {
        Change a = Sample.created(Sample.entry(3, 1));
        Change b = Sample.created(Sample.entry(4_000_000_000L, 2));
        Change c = Sample.deleted(Sample.created(Sample.entry(7, 3)));
        SyncReport report = synchronize(image(12, live(a, 1), dead(c, 1), live(b, 1)), rule.epoch());
        assertThat(report.rows()).isEqualTo(3);
        assertThat(report.removed()).isZero();
        assertThat(entries()).containsExactlyInAnyOrder(a.after(), b.after());
        assertThat(await(store.find(3))).isEqualTo(Held.after(a, 1));
        Standing standing = await(store.standing());
        assertThat(standing.position()).isEqualTo(12);
        assertThat(standing.followerState()).isEqualTo(Standing.FollowerState.FOLLOWING);
        assertThat(await(store.idsThrough())).isGreaterThanOrEqualTo(4_000_000_000L);
        assertThat(await(store.log(0, 10)).cut()).isTrue();
        store = reopen(store);
        assertThat(entries()).hasSize(2);
        assertThat(position()).isEqualTo(12);
    }

    @Test
    void synchronising_and_applying_at_the_same_time_never_fail_each_other() {
        AtomicBoolean synchronised = new AtomicBoolean();
        CompletableFuture<Long> applying = CompletableFuture.supplyAsync(() -> {
            long position = 1_000;
            while (!synchronised.get()) {
                position++;
                apply(Sample.set(position, rule, Sample.created(Sample.entry(position, 1))));
            }
            return position;
        });
        Change a = Sample.created(Sample.entry(1, 1));
        for (int i = 0; i < 30; i++) {
            synchronize(image(5, live(a, rule.epoch())), rule.epoch());
        }
        synchronised.set(true);
        long last = applying.orTimeout(20, TimeUnit.SECONDS).join();
        assertThat(entries()).hasSize((int) (last - 1_000) + 1);
    }

    @Test
    void rows_of_plain_sql_or_hand_without_a_version_are_taken_over_as_they_are() {
        Entry plain = Sample.entry(3, 1);
        synchronize(image(1, new ImageRow(new Held(plain, 0, 0, null, null), null)), rule.epoch());
        assertThat(await(store.find(3))).isEqualTo(new Held(plain, 0, 0, null, null));
    }

    @Test
    void A18_a_late_row_never_overwrites_a_newer_one() {
        Change a = Sample.created(Sample.entry(1, 1));
        Change a2 = Sample.updated(a, Sample.entry(1, 2));
        apply(Sample.set(5, rule, a2));
        synchronize(image(4, live(a, rule.epoch())), rule.epoch());
        assertThat(await(store.find(1))).isEqualTo(Held.after(a2, rule.epoch()));
        assertThat(position()).isEqualTo(5);
    }

    @Test
    void A17_an_entry_deleted_meanwhile_stays_deleted() {
        Change a = Sample.created(Sample.entry(1, 1));
        apply(Sample.set(5, rule, Sample.deleted(a)));
        synchronize(image(4, live(a, rule.epoch())), rule.epoch());
        assertThat(entries()).isEmpty();
        assertThat(await(store.states(List.of(1L)))).singleElement().matches(EntryState::deleted);
    }

    @Test
    void A40_what_the_image_has_no_more_is_removed_and_what_is_new_stays() {
        Change old = Sample.created(Sample.entry(1, 1));
        Change oldTombstone = Sample.deleted(Sample.created(Sample.entry(2, 1)));
        apply(Sample.set(1, rule, old), Sample.set(2, rule, oldTombstone));
        Rule later = new Rule(3, rule.phase());
        await(store.adopt(later));
        Change fresh = Sample.created(Sample.entry(8, 1));
        await(store.apply(List.of(Sample.set(11, later, fresh)), 11, 3));
        Change kept = Sample.created(Sample.entry(5, 5));
        SyncReport report = synchronize(image(10, live(kept, 2)), 3);
        assertThat(report.removed()).isEqualTo(2);
        assertThat(entries()).containsExactlyInAnyOrder(kept.after(), fresh.after());
        assertThat(await(store.states(List.of(1L, 2L)))).isEmpty();
        assertThat(position()).isEqualTo(11);
    }

    @Test
    void a_tombstone_of_the_image_deletes_and_a_newer_row_revives() {
        Change a = Sample.created(Sample.entry(1, 1));
        Change b = Sample.created(Sample.entry(2, 1));
        Change bGone = Sample.deleted(b);
        apply(Sample.set(1, rule, a), Sample.set(2, rule, b), Sample.set(3, rule, bGone));
        Change bBack = new Change(
                UUID.randomUUID(), 2, 3, Action.CREATED, null, Sample.entry(2, 9), EntryDigest.of(Sample.entry(2, 9)));
        synchronize(image(9, dead(Sample.deleted(a), rule.epoch()), live(bBack, rule.epoch())), rule.epoch());
        assertThat(entries()).containsExactly(bBack.after());
        assertThat(await(store.states(List.of(1L, 2L))).stream().map(EntryState::deleted))
                .containsExactly(true, false);
    }

    private static Image ofThirtyThousand() {
        List<ImageRow> rows = new ArrayList<>();
        for (int i = 1; i <= 30_000; i++) {
            rows.add(live(Sample.created(Sample.entry(i, i)), 1));
        }
        List<List<ImageRow>> chunks = new ArrayList<>();
        for (int i = 0; i < rows.size(); i += 1_000) {
            chunks.add(rows.subList(i, i + 1_000));
        }
        return new Image(7, rows.size(), Multi.createFrom().iterable(chunks));
    }

    private void synchronizeHalf(Image image) {
        AtomicInteger asked = new AtomicInteger();
        SyncListener stops = new SyncListener() {
            @Override
            public boolean cancelled() {
                return asked.incrementAndGet() > 15;
            }
        };
        assertThatThrownBy(() -> await(store.synchronize(image, 7, rule.epoch(), stops)))
                .isInstanceOf(CancellationException.class);
    }

    @Test
    void what_is_applied_while_an_empty_store_is_filled_is_newer_than_the_image() {
        Image image = ofThirtyThousand();
        synchronizeHalf(image);
        Change changedBehind = Sample.updated(Sample.created(Sample.entry(3, 3)), Sample.entry(3, 1));
        Change changedAhead = Sample.updated(Sample.created(Sample.entry(25_000, 25_000)), Sample.entry(25_000, 1));
        Change deletedAhead = Sample.deleted(Sample.created(Sample.entry(25_001, 25_001)));
        Change created = Sample.created(Sample.entry(40_000, 1));
        apply(
                Sample.set(8, rule, changedBehind),
                Sample.set(9, rule, changedAhead),
                Sample.set(10, rule, deletedAhead),
                Sample.set(11, rule, created));

        SyncReport report = synchronize(image, rule.epoch());

        assertThat(report.removed()).isZero();
        assertThat(await(store.count())).isEqualTo(30_000);
        for (Change change : List.of(changedBehind, changedAhead, created)) {
            assertThat(await(store.find(change.entryId()))).isEqualTo(Held.after(change, rule.epoch()));
        }
        assertThat(await(store.find(25_001))).isNull();
        assertThat(await(store.find(30_000)).version()).isEqualTo(1);
        assertThat(position()).isEqualTo(11);
    }

    @Test
    void a_cancelled_synchronisation_goes_on_behind_what_was_staged() {
        Image image = ofThirtyThousand();
        synchronizeHalf(image);
        store = reopen(store);
        List<Long> told = new ArrayList<>();
        SyncListener listens = new SyncListener() {
            @Override
            public void staged(long done, long total) {
                assertThat(done).isLessThanOrEqualTo(total);
                told.add(done);
            }
        };
        SyncReport report = await(store.synchronize(image, 7, rule.epoch(), listens));
        assertThat(told.get(0)).isPositive();
        assertThat(report.rows()).isEqualTo(30_000);
        assertThat(await(store.count())).isEqualTo(30_000);
        assertThat(position()).isEqualTo(7);
    }

    @Test
    void a_store_that_needs_a_backfill_says_so_until_it_had_one() {
        await(store.needBackfill());
        store = reopen(store);
        assertThat(await(store.standing()).followerState()).isEqualTo(Standing.FollowerState.NEEDS_BACKFILL);
        synchronize(image(0), rule.epoch());
        assertThat(await(store.standing()).followerState()).isEqualTo(Standing.FollowerState.FOLLOWING);
    }

    // ---- taking over ---------------------------------------------------------------------------------------------

    private Handover handover(long position, long ids) {
        return new Handover(position, ids, Optional.of(position), IDENTITY);
    }

    @Test
    void a_takeover_gives_no_position_and_no_id_twice() {
        apply(Sample.set(40, rule, Sample.created(Sample.entry(6, 1))));
        Rule next = new Rule(2, takeover());
        await(store.prepare(next, handover(50, 700)));
        assertThat(await(store.standing()).prepared()).contains(next);
        assertThat(await(store.standing()).decided()).contains(rule);
        assertThat(await(store.standing()).identity()).isEqualTo(IDENTITY);
        assertThat(await(store.write(Sample.create(1), 2))).isEqualTo(new WriteOutcome.Fenced());
        store = reopen(store);
        assertThat(await(store.standing()).prepared()).contains(next);
        await(store.adopt(next));
        assertThat(await(store.standing()).prepared()).isEmpty();
        WriteOutcome outcome = await(store.write(Sample.create(1), 2));
        assertThat(outcome).isInstanceOf(WriteOutcome.Written.class);
        ChangeSet set = ((WriteOutcome.Written) outcome).set();
        assertThat(set.position()).isGreaterThan(50);
        assertThat(set.rule()).isEqualTo(next);
        assertThat(set.changes().get(0).entryId()).isGreaterThan(700);
        assertThat(await(store.publishedThrough())).contains(50L);
        assertThat(await(store.standing()).followerState()).isEqualTo(Standing.FollowerState.FOLLOWING);
        assertThat(await(store.log(40, 10)).sets()).containsExactly(set);
    }

    @Test
    void versions_and_keys_go_on_after_a_takeover() {
        Change a = Sample.created(Sample.entry(6, 1));
        IdempotencyKey key = new IdempotencyKey("k", new UUID(7, 1));
        ChangeSet set =
                new ChangeSet(3, a.id(), rule, Instant.now().truncatedTo(ChronoUnit.MICROS), "user", key, List.of(a));
        apply(set);
        Rule next = new Rule(2, takeover());
        await(store.prepare(next, handover(3, 6)));
        await(store.adopt(next));
        assertThat(await(store.write(Sample.keyed(new Intent.Create(Sample.draft(1)), "k", 1), 2)))
                .isEqualTo(new WriteOutcome.Written(set, true));
        WriteOutcome deleted = await(store.write(Sample.delete(6), 2));
        assertThat(((WriteOutcome.Written) deleted).set().changes().get(0).version())
                .isEqualTo(2);
    }

    @Test
    void an_abandoned_preparation_leaves_the_old_rule() {
        await(store.prepare(new Rule(2, takeover()), handover(1, 1)));
        await(store.abandon());
        store = reopen(store);
        assertThat(await(store.standing()).prepared()).isEmpty();
        assertThat(await(store.standing()).decided()).contains(rule);
        await(store.prepare(new Rule(2, takeover()), handover(1, 1)));
        await(store.prepare(new Rule(3, takeover()), handover(2, 2)));
        assertThat(await(store.standing()).prepared()).contains(new Rule(3, takeover()));
    }

    @Test
    void an_older_decision_is_ignored() {
        await(store.adopt(new Rule(4, rule.phase())));
        await(store.adopt(new Rule(3, takeover())));
        await(store.adopt(new Rule(4, rule.phase())));
        assertThat(await(store.standing()).decided()).contains(new Rule(4, rule.phase()));
        assertThatThrownBy(() -> await(store.decide(new Rule(4, rule.phase()), new Rule(5, takeover()))))
                .isInstanceOf(StoreFenced.class);
    }

    @Test
    void the_published_place_is_kept_and_a_missing_one_too() {
        await(store.markPublished(Optional.of(77L)));
        store = reopen(store);
        assertThat(await(store.publishedThrough())).contains(77L);
        await(store.markPublished(Optional.empty()));
        store = reopen(store);
        assertThat(await(store.publishedThrough())).isEmpty();
    }
}
