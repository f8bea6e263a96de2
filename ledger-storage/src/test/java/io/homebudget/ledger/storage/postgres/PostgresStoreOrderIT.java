package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.LogSlice;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.homebudget.ledger.storage.testing.Sample;
import io.homebudget.ledger.storage.testing.Witness;
import io.smallrye.mutiny.Uni;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Order, fences and plain SQL: what only a database with transactions of others in it can show. */
class PostgresStoreOrderIT {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Rule RULE = new Rule(1, Phase.DATABASE_ONLY);
    private static PostgresFixture postgres;
    private PostgresStore store;

    @BeforeAll
    static void start() {
        postgres = new PostgresFixture(Kind.EXPENSE);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @BeforeEach
    void open() {
        postgres.reset();
        store = postgres.openPrimary(RULE);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(LIMIT);
    }

    private ChangeSet written(WriteRequest request) {
        WriteOutcome outcome = await(store.write(request, 1));
        assertThat(outcome).isInstanceOf(WriteOutcome.Written.class);
        return ((WriteOutcome.Written) outcome).set();
    }

    private static Connection transaction() throws Exception {
        Connection connection = postgres.database.dataSource().getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    private static void run(Connection connection, String sql) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String logRow(String id) {
        return "INSERT INTO expense.change_log (position, change_id, entry_id, version, epoch, phase, action, set_id,"
                + " changed_at, changed_by) SELECT nextval('expense.change_log_position_seq'), gen_random_uuid(), " + id
                + ", 1, 1, 'DATABASE_ONLY', 'DELETE', gen_random_uuid(), now(), 'test'";
    }

    @Test
    void A22_a_transaction_that_commits_late_is_not_skipped() throws Exception {
        try (Connection late = transaction()) {
            run(late, logRow("900"));
            ChangeSet after = written(Sample.create(1));
            LogSlice held = await(store.log(0, 100));
            assertThat(held.sets()).isEmpty();
            assertThat(held.through()).isZero();
            assertThat(await(store.head())).isEqualTo(after.position());
            late.commit();
            LogSlice both = await(store.log(0, 100));
            assertThat(both.sets()).extracting(ChangeSet::position).containsExactly(1L, 2L);
            assertThat(both.sets().get(1)).isEqualTo(after);
        }
    }

    @Test
    void A22_an_aborted_position_is_passed_at_once_and_a_reader_holds_nobody_up() throws Exception {
        try (Connection aborts = transaction();
                Connection reads = transaction()) {
            run(reads, "SELECT count(*) FROM expense.change_log");
            run(aborts, logRow("900"));
            ChangeSet after = written(Sample.create(1));
            assertThat(await(store.log(0, 100)).sets()).isEmpty();
            aborts.rollback();
            assertThat(await(store.log(0, 100)).sets()).containsExactly(after);
            assertThat(await(store.log(0, 100)).through()).isEqualTo(2);
            ChangeSet next = written(Sample.create(2));
            assertThat(await(store.log(2, 100)).sets()).containsExactly(next);
        }
    }

    @Test
    void A22_a_new_reader_of_an_old_log_with_holes_reads_it_at_once() throws Exception {
        for (int i = 0; i < 5; i++) {
            written(Sample.create(i));
            postgres.execute("SELECT nextval('expense.change_log_position_seq')");
        }
        try (PostgresStore other = postgres.open()) {
            assertThat(await(other.log(0, 100)).sets()).hasSize(5);
        }
    }

    @Test
    void positions_rise_with_the_versions_of_an_entry_also_behind_a_row_lock() throws Exception {
        long id = written(Sample.create(1)).changes().get(0).entryId();
        CompletableFuture<WriteOutcome> waits;
        ChangeSet other;
        try (Connection holder = transaction()) {
            run(holder, "SELECT 1 FROM expense.expenses WHERE id = " + id + " FOR UPDATE");
            waits = store.write(Sample.modify(id, Field.NOTES, "waited"), 1).subscribeAsCompletionStage();
            postgres.awaitWaiting(1);
            other = written(Sample.create(2));
            holder.rollback();
        }
        WriteOutcome outcome = waits.get(10, TimeUnit.SECONDS);
        assertThat(((WriteOutcome.Written) outcome).set().position()).isGreaterThan(other.position());
    }

    @Test
    void A33_a_write_that_stalled_before_the_fence_inserts_nothing_after_it() throws Exception {
        CompletableFuture<WriteOutcome> create;
        CompletableFuture<WriteOutcome> edit;
        long id = written(Sample.create(1)).changes().get(0).entryId();
        try (Connection fence = transaction()) {
            run(fence, "LOCK TABLE expense.change_log IN SHARE ROW EXCLUSIVE MODE");
            create = store.write(Sample.create(2), 1).subscribeAsCompletionStage();
            edit = store.write(Sample.modify(id, Field.NOTES, "x"), 1).subscribeAsCompletionStage();
            postgres.awaitWaiting(2);
            run(fence, "UPDATE expense.ledger_state SET writable_epoch = 2, decided_epoch = 2");
            fence.commit();
        }
        assertThat(create.get(10, TimeUnit.SECONDS)).isEqualTo(new WriteOutcome.Fenced());
        assertThat(edit.get(10, TimeUnit.SECONDS)).isEqualTo(new WriteOutcome.Fenced());
        assertThat(await(store.count())).isEqualTo(1);
    }

    @Test
    void A33_the_fence_waits_for_a_write_in_flight_and_is_given_up_when_it_takes_too_long() throws Exception {
        long id = written(Sample.create(1)).changes().get(0).entryId();
        Rule next = new Rule(2, Phase.DATABASE_READS);
        try (Connection holder = transaction()) {
            run(holder, "SELECT 1 FROM expense.expenses WHERE id = " + id + " FOR UPDATE");
            CompletableFuture<WriteOutcome> stalled =
                    store.write(Sample.modify(id, Field.NOTES, "x"), 1).subscribeAsCompletionStage();
            postgres.awaitWaiting(1);
            try (Witness witness = new Witness()) {
                Witness.Span deciding = witness.begin();
                assertThatThrownBy(() -> await(store.decide(RULE, next))).isInstanceOf(StoreAway.class);
                assertThat(deciding.elapsed()).isLessThan(Duration.ofMillis(1_500));
            }
            holder.rollback();
            assertThat(stalled.get(10, TimeUnit.SECONDS)).isInstanceOf(WriteOutcome.Written.class);
        }
        assertThat(await(store.standing()).decided()).contains(RULE);
        assertThat(await(store.decide(RULE, next))).isEqualTo(await(store.head()));
    }

    @Test
    void an_image_has_exactly_what_is_at_or_below_its_position_and_does_not_hold_writers() throws Exception {
        written(Sample.create(1));
        Image image = await(store.image(0));
        ChangeSet later = written(Sample.create(2));
        assertThat(image.position()).isLessThan(later.position());
        assertThat(await(image.chunks().collect().asList()).stream()
                        .mapToInt(List::size)
                        .sum())
                .isEqualTo(1);
        try (Connection late = transaction()) {
            run(late, logRow("900"));
            assertThatThrownBy(() -> await(store.image(0))).isInstanceOf(StoreAway.class);
            late.rollback();
        }
    }

    @Test
    void rows_of_plain_sql_are_found_changed_and_deleted() throws Exception {
        postgres.execute("INSERT INTO expense.expenses (date, category, amount, account) VALUES"
                + " ('2026-01-02', 'food', 12.3, 'cash'), ('2026-01-03', 'rent', 5, 'card')");
        String first = postgres.text("SELECT min(id) FROM expense.expenses");
        long id = Long.parseLong(first);
        Held held = await(store.find(id));
        assertThat(held.entry().currency()).isEqualTo("₪");
        assertThat(held.entry().cents()).isEqualTo(1_230);
        assertThat(held.version()).isZero();
        assertThat(held.changeId()).isNull();
        ChangeSet edited = written(Sample.modify(id, Field.NOTES, "taken in"));
        assertThat(edited.changes().get(0).version()).isEqualTo(1);
        assertThat(written(Sample.bulkDelete(id, id + 1)).changes()).hasSize(2);
        assertThat(await(store.count())).isZero();
    }

    @Test
    void A39_a_bulk_delete_has_one_time_in_the_log_not_before_any_change_it_ends() throws Exception {
        long one = written(Sample.create(1)).changes().get(0).entryId();
        long ahead = written(Sample.create(2)).changes().get(0).entryId();
        // written by a replica whose clock is an hour ahead
        String log = "expense.change_log WHERE entry_id = " + ahead;
        postgres.execute(
                "UPDATE expense.change_log SET changed_at = changed_at + INTERVAL '1 hour' WHERE entry_id = " + ahead);
        String latest = postgres.text("SELECT changed_at FROM " + log);

        ChangeSet set = written(Sample.bulkDelete(one, ahead));

        String changes = "expense.change_log WHERE set_id = '" + set.id() + "'";
        assertThat(postgres.text("SELECT count(*) FROM " + changes)).isEqualTo("2");
        assertThat(postgres.text("SELECT DISTINCT changed_at FROM " + changes)).isEqualTo(latest);
        assertThat(await(store.log(0, 100)).sets()).last().isEqualTo(set);
    }

    @Test
    void A1_an_explicit_id_of_plain_sql_does_not_make_creates_fail() throws Exception {
        long next = written(Sample.create(1)).changes().get(0).entryId() + 1;
        postgres.execute("INSERT INTO expense.expenses (id, date, category, amount, account) VALUES (" + next
                + ", '2026-01-02', 'food', 12.3, 'cash')");
        Entry created = written(Sample.create(2)).changes().get(0).after();
        assertThat(created.id()).isGreaterThan(next);
        for (int i = 0; i < 50; i++) {
            written(Sample.create(i));
        }
    }

    @Test
    void ids_are_used_only_after_the_guard_made_their_end_durable() {
        AtomicLong guarded = new AtomicLong();
        try (PostgresStore guardedStore =
                postgres.open(through -> Uni.createFrom().voidItem().invoke(() -> guarded.set(through)))) {
            WriteOutcome outcome = await(guardedStore.write(Sample.create(1), 1));
            assertThat(((WriteOutcome.Written) outcome).set().changes().get(0).entryId())
                    .isLessThanOrEqualTo(guarded.get());
        }
        try (PostgresStore refused =
                postgres.open(through -> Uni.createFrom().failure(new IllegalStateException("journal is away")))) {
            assertThat(await(refused.write(Sample.create(1), 1))).isInstanceOf(WriteOutcome.NotWritten.class);
        }
    }

    @Test
    void a_key_of_more_than_a_day_ago_can_be_used_again() throws Exception {
        var intent = new Intent.Create(Sample.draft(1));
        written(Sample.keyed(intent, "k", 1));
        postgres.execute("UPDATE expense.idempotency_keys SET used_at = used_at - INTERVAL '25 hours'");
        assertThat(await(store.write(Sample.keyed(intent, "k", 2), 1)))
                .isInstanceOfSatisfying(WriteOutcome.Written.class, w -> assertThat(w.repeated())
                        .isFalse());
    }

    @Test
    void connections_come_back_from_readers_that_leave_in_the_middle() throws Exception {
        postgres.execute(
                "INSERT INTO expense.expenses (date, category, amount, account) SELECT '2026-01-02', 'food', n, 'cash'"
                        + " FROM generate_series(1, 5000) n");
        for (int i = 0; i < 40; i++) {
            await(store.list(Listing.ALL).select().first(1).collect().asList());
            await(store.image(0)
                    .chain(image -> image.chunks().select().first(1).collect().asList()));
        }
        Awaitility.await().atMost(LIMIT).until(() -> postgres.text(
                        "SELECT count(*) FROM pg_stat_activity WHERE state LIKE"
                                + " 'idle in transaction%' AND datname = current_database()")
                .equals("0"));
    }
}
