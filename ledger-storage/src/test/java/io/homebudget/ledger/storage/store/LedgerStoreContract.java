package io.homebudget.ledger.storage.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Edit;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.testing.Sample;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every store promises as primary to whoever reads and writes, and what the router that joins two stores promises just the
 * same. {@link FenceContract} adds what a single store promises about who rules, {@link FollowerContract} what it promises as
 * follower and about taking over, {@link MendingContract} about its rows as they stand.
 */
public abstract class LedgerStoreContract {
    protected static final Duration LIMIT = Duration.ofSeconds(20);

    protected LedgerStore store;
    protected Rule rule;

    /** A new, empty store that rules in the rule {@link #rule()}. */
    protected abstract LedgerStore openPrimary();

    /** The rule in which {@link #openPrimary} rules: epoch 1, in a phase whose primary the store is. */
    protected abstract Rule rule();

    /** Closes the store as a stop would, and opens what is durable of it. */
    protected abstract LedgerStore reopen(LedgerStore store);

    /** Closes what the test left open. */
    protected abstract void close(LedgerStore store);

    @BeforeEach
    void openStore() {
        rule = rule();
        store = openPrimary();
    }

    @AfterEach
    void closeStore() {
        close(store);
    }

    // ---- tools ---------------------------------------------------------------------------------------------------

    protected static <T> T await(Uni<T> uni) {
        return uni.await().atMost(LIMIT);
    }

    protected WriteOutcome write(WriteRequest request) {
        return await(store.write(request, rule.epoch()));
    }

    protected ChangeSet written(WriteRequest request) {
        WriteOutcome outcome = write(request);
        assertThat(outcome).isInstanceOf(WriteOutcome.Written.class);
        return ((WriteOutcome.Written) outcome).set();
    }

    protected Entry created(int nth) {
        return created(Sample.draft(nth));
    }

    protected Entry created(Entry draft) {
        return written(Sample.create(draft)).changes().get(0).after();
    }

    protected LedgerError refused(WriteRequest request) {
        WriteOutcome outcome = write(request);
        assertThat(outcome).isInstanceOf(WriteOutcome.Refused.class);
        return ((WriteOutcome.Refused) outcome).refusal().error();
    }

    protected static List<Held> all(LedgerStore store, Listing listing) {
        List<Held> all = new ArrayList<>();
        await(store.list(listing).collect().asList()).forEach(all::addAll);
        return all;
    }

    protected List<Long> ids(Listing listing) {
        return all(store, listing).stream().map(h -> h.entry().id()).toList();
    }

    protected static List<ChangeSet> wholeLog(LedgerStore store) {
        List<ChangeSet> sets = new ArrayList<>();
        long head = await(store.head());
        long after = 0;
        for (int i = 0; i < 10_000 && after < head; i++) {
            LogSlice slice = await(store.log(after, 100));
            assertThat(slice.cut()).isFalse();
            sets.addAll(slice.sets());
            after = slice.through();
        }
        return sets;
    }

    // ---- creating ------------------------------------------------------------------------------------------------

    @Test
    void a_created_entry_is_found_with_version_1_and_its_change_id() {
        ChangeSet set = written(Sample.create(1));
        Change change = set.changes().get(0);
        Held held = await(store.find(change.entryId()));
        assertThat(held).isEqualTo(Held.after(change, rule.epoch()));
        assertThat(change.version()).isEqualTo(1);
        assertThat(change.action()).isEqualTo(Action.CREATED);
        assertThat(change.before()).isNull();
        assertThat(change.after()).isEqualTo(Sample.draft(1).withId(change.entryId()));
        assertThat(change.digest()).isEqualTo(EntryDigest.of(change.after()));
        assertThat(set.rule()).isEqualTo(rule);
        assertThat(set.by()).isEqualTo("user");
        assertThat(set.position()).isPositive().isEqualTo(await(store.head()));
        assertThat(set.at().getNano() % 1_000).isZero();
    }

    @Test
    void text_and_extreme_values_are_kept_verbatim() {
        List<Entry> drafts = List.of(
                new Entry(0, LocalDate.of(1, 1, 1), null, "", 0, " ", "₪", null),
                new Entry(0, LocalDate.of(9999, 12, 31), null, "a\tb\nc\\d\r\u0001", 9_999_999_999L, "x ", "€", ""),
                new Entry(
                        0,
                        LocalDate.of(2024, 2, 29),
                        null,
                        "𝄞é e\u0301 \"q\" 'z' $1 %",
                        -9_999_999_999L,
                        "\\N",
                        "$",
                        "\\."),
                new Entry(0, LocalDate.of(2000, 1, 1), null, "null", -1, "\u2028", "a", "א\u200f{\"a\":1}"));
        for (Entry draft : drafts) {
            Entry entry = created(draft);
            assertThat(await(store.find(entry.id())).entry()).isEqualTo(draft.withId(entry.id()));
        }
        store = reopen(store);
        List<Entry> after = all(store, Listing.ALL).stream().map(Held::entry).toList();
        assertThat(after.stream().map(e -> e.withId(0))).containsExactlyInAnyOrderElementsOf(drafts);
        assertThat(wholeLog(store).stream()
                        .map(s -> s.changes().get(0).after().withId(0))
                        .toList())
                .isEqualTo(drafts);
    }

    @Test
    void what_was_written_is_there_after_a_restart() {
        Entry kept = created(1);
        Entry changed = created(2);
        Entry gone = created(3);
        written(Sample.modify(changed.id(), Field.NOTES, "new"));
        written(Sample.delete(gone.id()));
        List<Held> before = all(store, Listing.ALL);
        List<ChangeSet> log = wholeLog(store);
        store = reopen(store);
        assertThat(all(store, Listing.ALL)).isEqualTo(before).hasSize(2);
        assertThat(wholeLog(store)).isEqualTo(log);
        assertThat(await(store.find(kept.id())).entry()).isEqualTo(kept);
        assertThat(await(store.find(gone.id()))).isNull();
        assertThat(write(Sample.create(4))).isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    void A2_an_id_is_never_given_again_not_even_after_deleting_the_highest_and_a_restart() {
        Entry first = created(1);
        Entry highest = created(2);
        ChangeSet deletion = written(Sample.delete(highest.id()));
        assertThat(created(3).id()).isGreaterThan(highest.id());
        store = reopen(store);
        Entry next = created(4);
        assertThat(next.id()).isGreaterThan(highest.id());
        assertThat(deletion.changes().get(0).version()).isEqualTo(2);
        assertThat(await(store.idsThrough())).isGreaterThanOrEqualTo(next.id());
        assertThat(first.id()).isLessThan(highest.id());
    }

    @Test
    void A1_ids_raised_by_another_store_are_not_given_again() {
        created(1);
        long raised = await(store.idsThrough()) + 5_000;
        await(store.raiseIds(raised));
        assertThat(await(store.idsThrough())).isGreaterThanOrEqualTo(raised);
        await(store.raiseIds(1));
        assertThat(await(store.idsThrough())).isGreaterThanOrEqualTo(raised);
        assertThat(created(2).id()).isGreaterThan(raised);
        store = reopen(store);
        assertThat(created(3).id()).isGreaterThan(raised);
    }

    // ---- changing and deleting -----------------------------------------------------------------------------------

    @Test
    void an_edit_makes_the_next_version_and_keeps_the_other_fields() {
        ChangeSet creation = written(Sample.create(1));
        Entry entry = creation.changes().get(0).after();
        ChangeSet set = written(Sample.modify(entry.id(), Field.AMOUNT, 77L));
        Change change = set.changes().get(0);
        assertThat(change.version()).isEqualTo(2);
        assertThat(change.action()).isEqualTo(Action.UPDATED);
        assertThat(change.before()).isEqualTo(entry);
        assertThat(change.after())
                .isEqualTo(new Entry(entry.id(), entry.date(), null, "food", 77, "cash", "₪", "note 1"));
        assertThat(await(store.find(entry.id()))).isEqualTo(Held.after(change, rule.epoch()));
        assertThat(set.position()).isGreaterThan(creation.position());
        assertThat(set.at()).isAfterOrEqualTo(creation.at());
    }

    @Test
    void an_edit_that_changes_nothing_makes_no_change() {
        Entry entry = created(1);
        Held held = await(store.find(entry.id()));
        long head = await(store.head());
        assertThat(write(Sample.modify(entry.id(), Field.NOTES, entry.notes())))
                .isEqualTo(new WriteOutcome.Unchanged(held));
        assertThat(await(store.head())).isEqualTo(head);
    }

    @Test
    void the_checks_come_in_the_order_absent_refusal_if_match() {
        Entry entry = created(1);
        UUID stale = UUID.randomUUID();
        IfMatch stalest = new IfMatch(false, Set.of(stale));
        Verdict<Edit> no = Verdict.refuse(Refusal.of(LedgerError.UNKNOWN_FIELD, "no such field"));
        assertThat(refused(Sample.modify(entry.id() + 1_000_000, no, stalest))).isEqualTo(LedgerError.NOT_FOUND);
        assertThat(refused(Sample.modify(entry.id(), no, stalest))).isEqualTo(LedgerError.UNKNOWN_FIELD);
        assertThat(refused(Sample.modify(entry.id(), Verdict.accept(Sample.edit(Field.NOTES, "x")), stalest)))
                .isEqualTo(LedgerError.PRECONDITION_FAILED);
        assertThat(refused(new WriteRequest(new Intent.Delete(entry.id(), stalest), "user", null)))
                .isEqualTo(LedgerError.PRECONDITION_FAILED);
        assertThat(refused(Sample.delete(entry.id() + 1_000_000))).isEqualTo(LedgerError.NOT_FOUND);
        UUID current = await(store.find(entry.id())).changeId();
        assertThat(write(new WriteRequest(
                        new Intent.Delete(entry.id(), new IfMatch(false, Set.of(stale, current))), "user", null)))
                .isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    void a_deleted_entry_leaves_a_tombstone_with_the_next_version() {
        Entry entry = created(1);
        Change change = written(Sample.delete(entry.id())).changes().get(0);
        assertThat(change.version()).isEqualTo(2);
        assertThat(change.before()).isEqualTo(entry);
        assertThat(change.after()).isNull();
        assertThat(await(store.find(entry.id()))).isNull();
        assertThat(await(store.states(List.of(entry.id())))).singleElement().satisfies(state -> {
            assertThat(state.deleted()).isTrue();
            assertThat(state.version()).isEqualTo(2);
            assertThat(state.changeId()).isEqualTo(change.id());
            assertThat(state.epoch()).isEqualTo(rule.epoch());
        });
        assertThat(refused(Sample.delete(entry.id()))).isEqualTo(LedgerError.NOT_FOUND);
        assertThat(refused(Sample.modify(entry.id(), Field.NOTES, "back"))).isEqualTo(LedgerError.NOT_FOUND);
    }

    @Test
    void A25_a_bulk_delete_is_one_set_of_those_that_exist() {
        List<Long> made = List.of(created(1).id(), created(2).id(), created(3).id());
        Entry stays = created(4);
        ChangeSet set = written(Sample.bulkDelete(made.get(2), made.get(0), made.get(1), stays.id() + 1_000_000));
        assertThat(set.changes().stream().map(Change::entryId)).containsExactlyElementsOf(made);
        assertThat(set.changes()).allSatisfy(c -> assertThat(c.version()).isEqualTo(2));
        assertThat(ids(Listing.ALL)).containsExactly(stays.id());
        List<ChangeSet> log = wholeLog(store);
        assertThat(log.get(log.size() - 1)).isEqualTo(set);
        assertThat(write(Sample.bulkDelete(made.get(0)))).isEqualTo(new WriteOutcome.Unchanged(null));
    }

    // ---- importing -----------------------------------------------------------------------------------------------

    private static WriteRequest importing(Entry... drafts) {
        return new WriteRequest(new Intent.Import(List.of(drafts), 0), "import", null);
    }

    private List<Long> imported(Entry... drafts) {
        return written(importing(drafts)).changes().stream()
                .map(Change::entryId)
                .toList();
    }

    @Test
    void an_import_is_one_set_in_the_order_of_its_records() {
        Entry before = created(1);
        ChangeSet set = written(importing(Sample.entry(5_000, 1), Sample.entry(0, 2), Sample.entry(4_000, 3)));

        assertThat(set.by()).isEqualTo("import");
        assertThat(set.changes()).allSatisfy(change -> {
            assertThat(change.version()).isEqualTo(1);
            assertThat(change.action()).isEqualTo(Action.CREATED);
            assertThat(change.before()).isNull();
            assertThat(change.digest()).isEqualTo(EntryDigest.of(change.after()));
            assertThat(await(store.find(change.entryId()))).isEqualTo(Held.after(change, rule.epoch()));
        });
        assertThat(set.changes().get(0).after()).isEqualTo(Sample.entry(5_000, 1));
        assertThat(set.changes().get(1).after())
                .isEqualTo(Sample.draft(2).withId(set.changes().get(1).entryId()));
        assertThat(set.changes().get(2).after()).isEqualTo(Sample.entry(4_000, 3));
        assertThat(wholeLog(store)).hasSize(2).last().isEqualTo(set);
        store = reopen(store);
        assertThat(wholeLog(store)).last().isEqualTo(set);
        assertThat(ids(Listing.ALL)).hasSize(4).contains(before.id(), 5_000L, 4_000L);
    }

    @Test
    void an_import_keeps_ids_that_are_free_whatever_their_order() {
        assertThat(imported(Sample.entry(3_000, 1), Sample.entry(2_000, 2))).containsExactly(3_000L, 2_000L);
        assertThat(imported(Sample.entry(1_000, 1), Sample.entry(2_500, 2))).containsExactly(1_000L, 2_500L);
    }

    @Test
    void an_import_gives_new_ids_above_what_later_records_ask_for() {
        Entry live = created(1);
        Intent first = new Intent.Import(List.of(live, Sample.entry(0, 2)), 3_000);

        List<Long> given = written(new WriteRequest(first, "import", null)).changes().stream()
                .map(Change::entryId)
                .toList();

        assertThat(given).allMatch(id -> id > 3_000).doesNotHaveDuplicates();
        assertThat(imported(Sample.entry(live.id() + 1, 3), Sample.entry(3_000, 4)))
                .containsExactly(live.id() + 1, 3_000L);
        assertThat(created(5).id()).isGreaterThan(3_000);
    }

    @Test
    void A2_an_import_gives_a_new_id_where_the_wanted_one_was_ever_given() {
        Entry live = created(1);
        Entry gone = created(2);
        written(Sample.delete(gone.id()));

        List<Long> given = imported(
                live.withId(live.id()),
                gone.withId(gone.id()),
                Sample.entry(7_000, 3),
                Sample.entry(7_000, 4),
                Sample.entry(Entry.MAX_ID, 5));

        assertThat(given).doesNotHaveDuplicates().doesNotContain(live.id(), gone.id(), Entry.MAX_ID);
        assertThat(given.get(2)).isEqualTo(7_000);
        assertThat(await(store.find(live.id())).version()).isEqualTo(1);
        assertThat(await(store.find(gone.id()))).isNull();
    }

    @Test
    void A2_no_id_that_an_import_kept_is_given_again_not_even_after_its_deletion_and_a_restart() {
        long near = created(1).id() + 2;
        imported(Sample.entry(near, 1), Sample.entry(near + 1, 2), Sample.entry(9_000, 3));
        written(Sample.delete(near));
        written(Sample.delete(9_000));
        List<Long> later = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            later.add(created(i).id());
        }
        store = reopen(store);
        later.add(created(9).id());
        assertThat(later).doesNotHaveDuplicates().doesNotContain(near, near + 1, 9_000L);
        assertThat(await(store.idsThrough())).isGreaterThanOrEqualTo(9_000);
        assertThat(await(store.states(List.of(near, 9_000L)))).allSatisfy(state -> {
            assertThat(state.deleted()).isTrue();
            assertThat(state.version()).isEqualTo(2);
        });
    }

    @Test
    void an_import_can_be_repeated_by_key_also_where_it_was_given_other_ids() {
        Entry live = created(1);
        Intent intent = new Intent.Import(List.of(live, Sample.entry(0, 2)), 0);
        ChangeSet first = written(Sample.keyed(intent, "i1", 1));
        assertThat(write(Sample.keyed(intent, "i1", 1))).isEqualTo(new WriteOutcome.Written(first, true));
        store = reopen(store);
        assertThat(write(Sample.keyed(intent, "i1", 1))).isEqualTo(new WriteOutcome.Written(first, true));
        assertThat(await(store.count())).isEqualTo(3);
        assertThat(write(Sample.keyed(intent, "i1", 2))).isEqualTo(new WriteOutcome.Refused(Decider.KEY_REUSED));
    }

    @Test
    void parallel_imports_of_the_same_ids_give_each_record_an_id_of_its_own() {
        List<WriteOutcome> outcomes = parallel(8, nth -> importing(Sample.entry(600, nth), Sample.entry(601, nth)));
        List<Long> given = outcomes.stream()
                .flatMap(o -> ((WriteOutcome.Written) o).set().changes().stream())
                .map(Change::entryId)
                .toList();
        assertThat(given).hasSize(16).doesNotHaveDuplicates().contains(600L, 601L);
        assertThat(await(store.count())).isEqualTo(16);
    }

    // ---- keys ----------------------------------------------------------------------------------------------------

    @Test
    void A9_a_repeat_with_the_same_key_gets_the_first_answer_and_writes_nothing() {
        Intent intent = new Intent.Create(Sample.draft(1));
        ChangeSet first = written(Sample.keyed(intent, "k1", 1));
        assertThat(write(Sample.keyed(intent, "k1", 1))).isEqualTo(new WriteOutcome.Written(first, true));
        store = reopen(store);
        assertThat(write(Sample.keyed(intent, "k1", 1))).isEqualTo(new WriteOutcome.Written(first, true));
        assertThat(await(store.count())).isEqualTo(1);
        assertThat(wholeLog(store)).containsExactly(first);
        assertThat(write(Sample.keyed(intent, "k1", 2))).isEqualTo(new WriteOutcome.Refused(Decider.KEY_REUSED));
        Intent.BulkDelete bulk =
                new Intent.BulkDelete(List.of(first.changes().get(0).entryId()));
        assertThat(write(Sample.keyed(bulk, "k1", 2))).isEqualTo(new WriteOutcome.Refused(Decider.KEY_REUSED));
        assertThat(write(Sample.keyed(intent, "k2", 1))).isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    void a_bulk_delete_and_an_edit_can_be_repeated_by_key() {
        Entry a = created(1);
        Entry b = created(2);
        Intent edit = new Intent.Modify(a.id(), Verdict.accept(Sample.edit(Field.NOTES, "x")), IfMatch.NONE);
        ChangeSet edited = written(Sample.keyed(edit, "edit", 1));
        assertThat(write(Sample.keyed(edit, "edit", 1))).isEqualTo(new WriteOutcome.Written(edited, true));
        Intent bulk = new Intent.BulkDelete(List.of(a.id(), b.id()));
        ChangeSet deleted = written(Sample.keyed(bulk, "bulk", 1));
        assertThat(deleted.changes()).hasSize(2);
        assertThat(write(Sample.keyed(bulk, "bulk", 1))).isEqualTo(new WriteOutcome.Written(deleted, true));
        Intent delete = new Intent.Delete(a.id(), IfMatch.NONE);
        assertThat(refused(Sample.keyed(delete, "late", 1))).isEqualTo(LedgerError.NOT_FOUND);
    }

    @Test
    void parallel_requests_with_one_key_write_once() {
        Intent intent = new Intent.Create(Sample.draft(1));
        List<WriteOutcome> outcomes = parallel(10, nth -> Sample.keyed(intent, "same", 1));
        assertThat(outcomes).allSatisfy(o -> assertThat(o).isInstanceOf(WriteOutcome.Written.class));
        assertThat(outcomes.stream()
                        .map(o -> ((WriteOutcome.Written) o).set().id())
                        .distinct())
                .hasSize(1);
        assertThat(outcomes.stream().filter(o -> !((WriteOutcome.Written) o).repeated()))
                .hasSize(1);
        assertThat(await(store.count())).isEqualTo(1);
    }

    // ---- lists ---------------------------------------------------------------------------------------------------

    private Entry at(LocalDate date, String category, String account, String notes) {
        return created(new Entry(0, date, null, category, 100, account, "₪", notes));
    }

    @Test
    void A13_a_list_has_the_newest_date_first_then_the_highest_id() {
        for (int i = 0; i < 50; i++) {
            created(i * 7);
        }
        List<Entry> list = all(store, Listing.ALL).stream().map(Held::entry).toList();
        assertThat(list).hasSize(50).isSortedAccordingTo(Entry::compareForListing);
    }

    @Test
    void filters_select_by_date_category_account_and_text() {
        LocalDate day = Sample.DAY;
        Entry a = at(day, "food", "cash", "Bread AND butter");
        Entry b = at(day.plusDays(1), "Food", "card", null);
        Entry c = at(day.plusDays(2), "rent", "cash", "straße É");
        assertThat(ids(new Listing(day, day, null, null, null, 0, null))).containsExactly(a.id());
        assertThat(ids(new Listing(day.plusDays(1), null, null, null, null, 0, null)))
                .containsExactly(c.id(), b.id());
        assertThat(ids(new Listing(null, day.plusDays(1), null, null, null, 0, null)))
                .containsExactly(b.id(), a.id());
        assertThat(ids(new Listing(null, null, "food", null, null, 0, null))).containsExactly(a.id());
        assertThat(ids(new Listing(null, null, null, "cash", null, 0, null))).containsExactly(c.id(), a.id());
        assertThat(ids(new Listing(null, null, null, null, "bREAD and", 0, null)))
                .containsExactly(a.id());
        assertThat(ids(new Listing(null, null, null, null, "OO", 0, null))).containsExactly(b.id(), a.id());
        assertThat(ids(new Listing(null, null, null, null, "STRAßE É", 0, null)))
                .containsExactly(c.id());
        assertThat(ids(new Listing(null, null, null, null, "é", 0, null))).isEmpty();
        assertThat(ids(new Listing(null, null, null, null, "%", 0, null))).isEmpty();
        assertThat(ids(new Listing(null, null, null, null, "", 0, null))).containsExactly(c.id(), b.id(), a.id());
        assertThat(ids(new Listing(day, day.plusDays(2), "rent", "cash", "str", 10, null)))
                .containsExactly(c.id());
    }

    @Test
    void pages_by_keyset_give_the_whole_list_once() {
        for (int i = 0; i < 25; i++) {
            created(i % 5);
        }
        List<Long> whole = ids(Listing.ALL);
        List<Long> paged = new ArrayList<>();
        Listing.After after = null;
        for (int page = 0; page < 10; page++) {
            List<Held> held = all(store, new Listing(null, null, null, null, null, 4, after));
            if (held.isEmpty()) {
                break;
            }
            held.forEach(h -> paged.add(h.entry().id()));
            Entry last = held.get(held.size() - 1).entry();
            after = new Listing.After(last.date(), last.id());
        }
        assertThat(paged).isEqualTo(whole);
    }

    @Test
    void a_long_list_comes_in_chunks_and_can_be_left_in_the_middle() {
        parallel(2_500, Sample::create);
        List<List<Held>> chunks = await(store.list(Listing.ALL).collect().asList());
        assertThat(chunks).allSatisfy(chunk -> assertThat(chunk).hasSizeBetween(1, 1_000));
        assertThat(chunks.stream().mapToInt(List::size).sum()).isEqualTo(2_500);
        for (int i = 0; i < 50; i++) {
            assertThat(await(store.list(Listing.ALL).select().first(1).collect().asList()))
                    .hasSize(1);
        }
        assertThat(ids(new Listing(null, null, null, null, null, 1_700, null))).hasSize(1_700);
    }

    @Test
    void summaries_never_add_up_different_currencies() {
        created(new Entry(0, Sample.DAY, null, "a", 110, "x", "₪", null));
        created(new Entry(0, Sample.DAY, null, "a", -10, "y", "₪", null));
        created(new Entry(0, Sample.DAY, null, "a", 5, "x", "€", null));
        created(new Entry(0, Sample.DAY.plusMonths(1), null, "B", 1, "x", "₪", null));
        assertThat(await(store.summarize(Grouping.CATEGORY, Listing.ALL)))
                .containsExactly(
                        new GroupTotal("B", "₪", 1, 1, 1, 1),
                        new GroupTotal("a", "₪", 2, 100, -10, 110),
                        new GroupTotal("a", "€", 1, 5, 5, 5));
        assertThat(await(store.summarize(Grouping.ACCOUNT, new Listing(null, null, "a", null, null, 1, null))))
                .containsExactly(
                        new GroupTotal("x", "₪", 1, 110, 110, 110),
                        new GroupTotal("x", "€", 1, 5, 5, 5),
                        new GroupTotal("y", "₪", 1, -10, -10, -10));
        assertThat(await(store.summarize(Grouping.MONTH, Listing.ALL)).stream().map(GroupTotal::group))
                .containsExactly("2026-03", "2026-03", "2026-04");
        assertThat(await(store.count())).isEqualTo(4);
    }

    @Test
    void A13_summaries_are_ordered_by_code_point_also_where_utf_16_is_not() {
        for (String name : List.of("\uD83C\uDF55", "\uE000", "\uFFFD", "z", "\uD83C\uDF55a")) {
            created(new Entry(0, Sample.DAY, null, name, 100, name, name, null));
        }
        List<String> ordered = List.of("z", "\uE000", "\uFFFD", "\uD83C\uDF55", "\uD83C\uDF55a");
        assertThat(await(store.summarize(Grouping.CATEGORY, Listing.ALL)).stream()
                        .map(GroupTotal::group))
                .isEqualTo(ordered);
        assertThat(await(store.summarize(Grouping.ACCOUNT, Listing.ALL)).stream()
                        .map(GroupTotal::group))
                .isEqualTo(ordered);
        assertThat(await(store.summarize(Grouping.MONTH, Listing.ALL)).stream().map(GroupTotal::currency))
                .isEqualTo(ordered);
    }

    // ---- many at once --------------------------------------------------------------------------------------------

    /** Writes that all run at once. */
    protected List<WriteOutcome> parallel(int count, IntFunction<WriteRequest> request) {
        return await(Multi.createFrom()
                .range(0, count)
                .onItem()
                .transformToUni(nth -> store.write(request.apply(nth), rule.epoch()))
                .merge(64)
                .collect()
                .asList());
    }

    @Test
    void a_hundred_parallel_creates_get_different_ids_and_positions() {
        List<WriteOutcome> outcomes = parallel(100, Sample::create);
        assertThat(outcomes).allSatisfy(o -> assertThat(o).isInstanceOf(WriteOutcome.Written.class));
        assertThat(await(store.count())).isEqualTo(100);
        List<ChangeSet> log = wholeLog(store);
        assertThat(log).hasSize(100);
        assertThat(log.stream().map(ChangeSet::position).toList()).isSorted().doesNotHaveDuplicates();
        assertThat(new HashSet<>(log))
                .isEqualTo(outcomes.stream()
                        .map(o -> ((WriteOutcome.Written) o).set())
                        .collect(Collectors.toSet()));
    }

    @Test
    void A5_parallel_edits_of_different_entries_are_all_there() {
        List<Long> made = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            made.add(created(i).id());
        }
        parallel(100, nth -> Sample.modify(made.get(nth), Field.NOTES, "edited " + nth));
        for (int i = 0; i < 100; i++) {
            assertThat(await(store.find(made.get(i))).entry().notes()).isEqualTo("edited " + i);
        }
    }

    @Test
    void parallel_edits_of_one_entry_become_versions_without_a_gap_in_the_order_of_positions() {
        long id = created(1).id();
        List<WriteOutcome> outcomes = parallel(20, nth -> Sample.modify(id, Field.AMOUNT, 5_000L + nth));
        assertThat(outcomes).allSatisfy(o -> assertThat(o).isInstanceOf(WriteOutcome.Written.class));
        List<Change> changes =
                wholeLog(store).stream().flatMap(s -> s.changes().stream()).toList();
        assertThat(changes.stream().map(Change::version))
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 21).boxed().toList());
        for (int i = 1; i < changes.size(); i++) {
            assertThat(changes.get(i).before()).isEqualTo(changes.get(i - 1).after());
        }
        List<ChangeSet> log = wholeLog(store);
        assertThat(log).isSortedAccordingTo(Comparator.comparing(ChangeSet::at));
    }

    // ---- the log -------------------------------------------------------------------------------------------------

    @Test
    void a_log_is_read_in_pieces_that_never_tear_a_set() {
        List<Long> made = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            made.add(created(i).id());
        }
        written(Sample.bulkDelete(made.toArray(Long[]::new)));
        long after = 0;
        List<ChangeSet> read = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            LogSlice slice = await(store.log(after, 3));
            if (slice.sets().isEmpty()) {
                break;
            }
            assertThat(slice.through())
                    .isGreaterThanOrEqualTo(
                            slice.sets().get(slice.sets().size() - 1).position());
            read.addAll(slice.sets());
            after = slice.through();
        }
        assertThat(read).hasSize(11);
        assertThat(read.get(10).changes()).hasSize(10);
        assertThat(after).isEqualTo(await(store.head()));
    }

    @Test
    void a_cut_log_says_so_and_goes_on_behind_the_cut() {
        for (int i = 0; i < 10; i++) {
            created(i);
        }
        List<ChangeSet> log = wholeLog(store);
        await(store.cutLog(log.get(4).position()));
        assertThat(await(store.log(0, 100)).cut()).isTrue();
        assertThat(await(store.log(log.get(4).position(), 100)).sets()).isEqualTo(log.subList(5, 10));
        await(store.cutLog(log.get(9).position()));
        assertThat(await(store.head())).isEqualTo(log.get(9).position());
        store = reopen(store);
        assertThat(await(store.log(0, 100)).cut()).isTrue();
        assertThat(await(store.head())).isEqualTo(log.get(9).position());
        assertThat(written(Sample.create(11)).position())
                .isGreaterThan(log.get(9).position());
    }

    @Test
    void the_audit_shows_changes_newest_first_page_by_page() {
        Entry a = created(1);
        created(2);
        written(Sample.modify(a.id(), Field.NOTES, "x"));
        written(Sample.delete(a.id()));
        List<LoggedChange> all = await(store.audit(new AuditQuery(null, null, null, 100, Long.MAX_VALUE, 0)));
        assertThat(all).hasSize(4);
        assertThat(all.stream().map(LoggedChange::position).toList()).isSortedAccordingTo(Comparator.reverseOrder());
        List<LoggedChange> ofA = await(store.audit(new AuditQuery(a.id(), null, null, 2, Long.MAX_VALUE, 0)));
        assertThat(ofA.stream().map(l -> l.change().action())).containsExactly(Action.DELETED, Action.UPDATED);
        LoggedChange last = ofA.get(1);
        assertThat(await(store.audit(new AuditQuery(a.id(), null, null, 2, last.position(), last.ordinal()))).stream()
                        .map(l -> l.change().action()))
                .containsExactly(Action.CREATED);
        assertThat(await(store.audit(AuditQuery.ofEntry(a.id(), 100, 2))).stream()
                        .map(l -> l.change().version()))
                .containsExactly(3L, 2L);
        assertThat(await(store.audit(new AuditQuery(null, last.at().plusSeconds(3_600), null, 9, Long.MAX_VALUE, 0))))
                .isEmpty();
        assertThat(await(store.audit(new AuditQuery(null, null, all.get(3).at(), 9, Long.MAX_VALUE, 0))))
                .isEmpty();
    }

    // ---- comparing -----------------------------------------------------------------------------------------------

    @Test
    void digests_are_those_of_the_entries_and_states_know_what_was_recorded() {
        for (int i = 0; i < 40; i++) {
            created(i);
        }
        List<Held> list = all(store, Listing.ALL);
        for (LedgerStore.DataSource source : LedgerStore.DataSource.values()) {
            BucketDigests digests = await(store.digests(7, source));
            assertThat(digests.entries()).isEqualTo(40);
            assertThat(digests.position()).isEqualTo(await(store.head()));
            long[] high = new long[7];
            long[] low = new long[7];
            long[] counts = new long[7];
            for (Held held : list) {
                int bucket = (int) (held.entry().id() % 7);
                counts[bucket]++;
                high[bucket] ^= held.digest().getMostSignificantBits();
                low[bucket] ^= held.digest().getLeastSignificantBits();
            }
            assertThat(digests.counts()).isEqualTo(counts);
            assertThat(digests.high()).isEqualTo(high);
            assertThat(digests.low()).isEqualTo(low);
            assertThat(await(store.states(7, 3, source)))
                    .hasSize((int) counts[3])
                    .allSatisfy(state -> {
                        assertThat(state.intact()).isTrue();
                        assertThat(state.id() % 7).isEqualTo(3);
                    });
        }
    }

    @Test
    void an_image_holds_every_entry_and_tombstone_in_the_order_of_ids() {
        List<Long> made = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            made.add(created(i).id());
        }
        written(Sample.delete(made.get(3)));
        Image image = await(store.image(0));
        List<ImageRow> rows = new ArrayList<>();
        await(image.chunks().collect().asList()).forEach(rows::addAll);
        assertThat(image.position()).isEqualTo(await(store.head()));
        assertThat(image.rows()).isEqualTo(10);
        assertThat(rows.stream().map(ImageRow::id)).containsExactlyElementsOf(made);
        assertThat(rows.get(3).tombstone().version()).isEqualTo(2);
        assertThat(rows.get(4).held()).isEqualTo(await(store.find(made.get(4))));
        Image rest = await(store.image(made.get(7)));
        List<ImageRow> tail = new ArrayList<>();
        await(rest.chunks().collect().asList()).forEach(tail::addAll);
        assertThat(tail.stream().map(ImageRow::id)).containsExactlyElementsOf(made.subList(8, 10));
        assertThat(rest.rows()).isEqualTo(2);
    }
}
