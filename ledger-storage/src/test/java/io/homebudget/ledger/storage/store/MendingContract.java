package io.homebudget.ledger.storage.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.testing.Sample;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store promises about its rows as they stand, and about mending one that was damaged behind its back. */
public abstract class MendingContract {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Change created = Sample.created(Sample.entry(5, 1));
    private final Change updated = Sample.updated(created, Sample.entry(5, 2));
    private final Change other = Sample.created(Sample.entry(9, 3));
    private final Change deleted = Sample.deleted(other);

    protected LedgerStore store;
    protected Rule rule;

    /** A new, empty store that has adopted {@link #rule()}. */
    protected abstract LedgerStore openFollower();

    /** Epoch 1, in a dual phase in which the other store is primary. */
    protected abstract Rule rule();

    protected abstract LedgerStore reopen(LedgerStore open);

    protected abstract void close(LedgerStore open);

    /** Changes an entry's amount past the store. @return the store, which may have been opened anew */
    protected abstract LedgerStore damage(LedgerStore open, long id, long cents);

    /** Takes an entry away past the store, with whatever is known of it. @return as {@link #damage} */
    protected abstract LedgerStore lose(LedgerStore open, long id);

    /** Puts an entry in past the store, without a change. @return as {@link #damage} */
    protected abstract LedgerStore add(LedgerStore open, Entry entry);

    @BeforeEach
    void openStore() {
        rule = rule();
        store = openFollower();
        apply(
                Sample.set(1, rule, created),
                Sample.set(2, rule, updated),
                Sample.set(3, rule, other),
                Sample.set(4, rule, deleted));
    }

    @AfterEach
    void closeStore() {
        close(store);
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(LIMIT);
    }

    private void apply(ChangeSet... sets) {
        await(store.apply(List.of(sets), sets[sets.length - 1].position(), rule.epoch()));
    }

    private List<ImageRow> rows(Long... ids) {
        return await(store.rows(List.of(ids), LedgerStore.DataSource.SERVED));
    }

    private ImageRow recorded() {
        return new ImageRow(Held.after(updated, rule.epoch()), null);
    }

    /** The mending of entry 5 as somebody asks for it who sees what is there now. */
    private Mend asSeen(long id, ImageRow image) {
        List<EntryState> states = await(store.states(List.of(id)));
        return states.isEmpty()
                ? new Mend(id, 0, null, image)
                : new Mend(id, states.get(0).version(), states.get(0).actual(), image);
    }

    private Mended mend(Mend mend) {
        return await(store.mend(mend, rule.epoch()));
    }

    @Test
    void rows_are_live_entries_and_tombstones_and_nothing_for_ids_that_never_were() {
        assertThat(rows(5L, 9L, 77L))
                .containsExactlyInAnyOrder(recorded(), new ImageRow(null, Tombstone.after(deleted, rule.epoch())));
        assertThat(rows()).isEmpty();
    }

    @Test
    void a_row_without_a_change_has_version_0_and_no_change_id() {
        Entry foreign = Sample.entry(50, 8);
        store = add(store, foreign);
        assertThat(rows(50L)).containsExactly(new ImageRow(new Held(foreign, 0, 0, null, null), null));
    }

    @Test
    void a_damaged_entry_becomes_what_was_recorded_durably_and_without_a_change() {
        store = damage(store, 5, 1);
        assertThat(rows(5L)).doesNotContain(recorded());

        Mended mended = mend(asSeen(5, recorded()));

        assertThat(mended).isEqualTo(new Mended(Mended.Result.MENDED, 2));
        assertThat(rows(5L)).containsExactly(recorded());
        assertThat(await(store.head())).isEqualTo(4);
        assertThat(await(store.standing()).position()).isEqualTo(4);
        store = reopen(store);
        assertThat(rows(5L)).containsExactly(recorded());
        assertThat(await(store.states(1, 0, LedgerStore.DataSource.DISK)))
                .allSatisfy(state -> assertThat(state.intact()).isTrue());
        assertThat(await(store.log(0, 100)).sets()).hasSize(4);
    }

    @Test
    void mending_again_finds_it_intact() {
        store = damage(store, 5, 1);
        Mend mend = asSeen(5, recorded());
        mend(mend);
        assertThat(mend(mend)).isEqualTo(new Mended(Mended.Result.INTACT, 2));
    }

    @Test
    void A18_what_was_written_since_it_was_seen_stays() {
        store = damage(store, 5, 1);
        Mend mend = asSeen(5, recorded());
        Change newer = Sample.updated(updated, Sample.entry(5, 7));
        apply(Sample.set(5, rule, newer));

        assertThat(mend(mend)).isEqualTo(new Mended(Mended.Result.MOVED, 3));

        assertThat(rows(5L)).containsExactly(new ImageRow(Held.after(newer, rule.epoch()), null));
    }

    @Test
    void A18_what_was_deleted_since_it_was_seen_stays_deleted() {
        store = damage(store, 5, 1);
        Mend mend = asSeen(5, recorded());
        Change gone = Sample.deleted(updated);
        apply(Sample.set(5, rule, gone));

        assertThat(mend(mend)).isEqualTo(new Mended(Mended.Result.MOVED, 3));

        assertThat(rows(5L)).containsExactly(new ImageRow(null, Tombstone.after(gone, rule.epoch())));
    }

    @Test
    void other_values_than_those_seen_are_not_overwritten() {
        store = damage(store, 5, 1);
        Mend mend = asSeen(5, recorded());
        store = damage(store, 5, 2);
        assertThat(mend(mend).result()).isEqualTo(Mended.Result.MOVED);
        assertThat(rows(5L).get(0).held().entry().cents()).isEqualTo(2);
    }

    @Test
    void a_lost_entry_is_created_again_and_follows_on() {
        store = lose(store, 5);
        assertThat(rows(5L)).isEmpty();

        assertThat(mend(asSeen(5, recorded()))).isEqualTo(new Mended(Mended.Result.MENDED, 2));

        assertThat(rows(5L)).containsExactly(recorded());
        Change newer = Sample.updated(updated, Sample.entry(5, 7));
        apply(Sample.set(5, rule, newer));
        assertThat(rows(5L)).containsExactly(new ImageRow(Held.after(newer, rule.epoch()), null));
    }

    @Test
    void an_entry_that_no_change_made_goes_without_a_trace() {
        store = add(store, Sample.entry(50, 8));

        assertThat(mend(asSeen(50, null))).isEqualTo(new Mended(Mended.Result.MENDED, 0));

        assertThat(rows(50L)).isEmpty();
        store = reopen(store);
        assertThat(rows(50L)).isEmpty();
        assertThat(mend(new Mend(50, 0, null, null)).result()).isEqualTo(Mended.Result.INTACT);
    }

    @Test
    void an_entry_that_should_be_deleted_becomes_a_tombstone() {
        Change gone = Sample.deleted(updated);
        ImageRow tombstone = new ImageRow(null, Tombstone.after(gone, rule.epoch()));

        assertThat(mend(asSeen(5, tombstone))).isEqualTo(new Mended(Mended.Result.MENDED, 3));

        assertThat(rows(5L)).containsExactly(tombstone);
        assertThat(await(store.find(5))).isNull();
        assertThat(await(store.count())).isZero();
        store = reopen(store);
        assertThat(rows(5L)).containsExactly(tombstone);
    }

    @Test
    void a_deleted_entry_that_should_be_there_is_there_again() {
        Change back = new Change(
                UUID.randomUUID(), 9, 3, Action.CREATED, null, Sample.entry(9, 4), EntryDigest.of(Sample.entry(9, 4)));
        ImageRow row = new ImageRow(Held.after(back, rule.epoch()), null);

        assertThat(mend(asSeen(9, row))).isEqualTo(new Mended(Mended.Result.MENDED, 3));

        assertThat(rows(9L)).containsExactly(row);
        assertThat(await(store.states(List.of(9L)))).singleElement().satisfies(state -> {
            assertThat(state.deleted()).isFalse();
            assertThat(state.intact()).isTrue();
        });
    }

    @Test
    void who_no_longer_leads_mends_nothing() {
        store = damage(store, 5, 1);
        Mend mend = asSeen(5, recorded());
        await(store.adopt(new Rule(rule.epoch() + 2, rule.phase())));
        assertThatThrownBy(() -> mend(mend)).isInstanceOf(StoreFenced.class);
        assertThat(rows(5L)).doesNotContain(recorded());
    }
}
