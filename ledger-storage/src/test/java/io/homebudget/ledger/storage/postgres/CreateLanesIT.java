package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.LogSlice;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteOutcome.Fenced;
import io.homebudget.ledger.storage.store.WriteOutcome.NotWritten;
import io.homebudget.ledger.storage.store.WriteOutcome.Unknown;
import io.homebudget.ledger.storage.store.WriteOutcome.Written;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.homebudget.ledger.storage.testing.Sample;
import io.homebudget.ledger.storage.testing.TcpRelay;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Creates that share a statement, each stopped where it hurts: a lock on the log keeps the lanes busy until a batch has come. */
class CreateLanesIT {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Rule RULE = new Rule(1, Phase.DATABASE_ONLY);
    private static final Rule NEXT = new Rule(2, Phase.DATABASE_READS);
    /** Those that go alone and keep the lanes busy; ids are leased in order, so they have the first ones. */
    private static final int ALONE = CreateLanes.LANES;

    /** Long enough to gather a batch while a lock is held, on a busy machine too. */
    private static final int STATEMENT_MILLIS = 4_000;

    private static final int TOGETHER = 20;
    private static final int ALL = ALONE + TOGETHER;
    private static PostgresFixture postgres;
    private TcpRelay relay;
    private Pool throughRelay;
    private PostgresStore store;
    private final List<PostgresStore> opened = new ArrayList<>();

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
        relay = new TcpRelay(postgres.database.port());
        throughRelay = postgres.pool(
                PgConnectOptions.fromUri(postgres.database.url()).setPort(relay.port()), STATEMENT_MILLIS);
        store = postgres.openPrimary(RULE, throughRelay, PostgresFixture.USUAL);
    }

    @AfterEach
    void close() {
        store.close();
        opened.forEach(PostgresStore::close);
        opened.clear();
        relay.close();
        throughRelay.close().toCompletionStage().toCompletableFuture().join();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void what_comes_while_the_lanes_are_busy_is_written_in_one_transaction_each_a_set_of_its_own(Kind kind)
            throws Exception {
        try (PostgresFixture own = new PostgresFixture(kind);
                PostgresStore ofKind = own.openPrimary(RULE, PostgresFixture.USUAL)) {
            List<CompletableFuture<WriteOutcome>> creates;
            try (Connection lock = lock(own)) {
                creates = creates(ofKind, own);
                lock.rollback();
            }

            List<ChangeSet> sets = sets(creates);

            assertThat(own.text("SELECT count(DISTINCT xmin::text) FROM " + kind.word() + ".change_log"))
                    .as("transactions")
                    .isEqualTo(Integer.toString(ALONE + 1));
            LogSlice log = ofKind.log(0, 100).await().atMost(LIMIT);
            assertThat(log.sets()).hasSize(ALL).containsExactlyInAnyOrderElementsOf(sets);
            assertThat(log.sets()).extracting(ChangeSet::position).isSorted().doesNotHaveDuplicates();
            for (int nth = 0; nth < ALL; nth++) {
                Entry created = sets.get(nth).changes().get(0).after();
                assertThat(created).isEqualTo(Sample.draft(nth).withId(created.id()));
                assertThat(find(ofKind, created.id()))
                        .isEqualTo(Held.after(sets.get(nth).changes().get(0), RULE.epoch()));
            }
        }
    }

    @Test
    void a_create_whose_id_was_taken_gets_another_and_the_others_keep_theirs() throws Exception {
        List<CompletableFuture<WriteOutcome>> creates;
        try (Connection lock = lock(postgres)) {
            creates = creates(store, postgres);
            // in no log, as plain SQL leaves it
            try (Statement sql = lock.createStatement()) {
                sql.execute("INSERT INTO expense.expenses (id, date, category, amount, account)"
                        + " VALUES (7, DATE '2026-01-01', 'foreign', 1, 'cash')");
            }
            lock.commit();
        }

        Set<Long> ids = ids(sets(creates));

        assertThat(ids).hasSize(ALL).doesNotContain(7L);
        assertThat(ids.stream().filter(id -> id <= ALL)).hasSize(ALL - 1);
        assertThat(find(store, 7).entry().category()).isEqualTo("foreign");
        assertThat(count("expense.change_log")).isEqualTo(ALL);
    }

    @Test
    void a_buried_id_is_not_given_again() throws Exception {
        List<CompletableFuture<WriteOutcome>> creates;
        try (Connection lock = lock(postgres)) {
            creates = creates(store, postgres);
            try (Statement sql = lock.createStatement()) {
                sql.execute("INSERT INTO expense.tombstones (id, version, epoch, change_id)"
                        + " VALUES (7, 3, 1, md5('buried')::uuid)");
            }
            lock.commit();
        }

        Set<Long> ids = ids(sets(creates));

        assertThat(ids).hasSize(ALL).doesNotContain(7L);
        assertThat(find(store, 7)).isNull();
        assertThat(count("expense.change_log")).isEqualTo(ALL);
    }

    @Test
    void what_the_server_refuses_of_one_is_refused_to_that_one_alone() throws Exception {
        List<CompletableFuture<WriteOutcome>> creates;
        postgres.execute("ALTER TABLE expense.expenses ADD CONSTRAINT not_nine CHECK (id <> 9)");
        try {
            try (Connection lock = lock(postgres)) {
                creates = creates(store, postgres);
                lock.rollback();
            }

            List<WriteOutcome> outcomes = outcomes(creates);

            assertThat(outcomes).filteredOn(Written.class::isInstance).hasSize(ALL - 1);
            assertThat(outcomes)
                    .filteredOn(NotWritten.class::isInstance)
                    .singleElement()
                    .asString()
                    .contains("23514");
            assertThat(count("expense.expenses")).isEqualTo(ALL - 1);
            assertThat(count("expense.change_log")).isEqualTo(ALL - 1);
        } finally {
            postgres.execute("ALTER TABLE expense.expenses DROP CONSTRAINT not_nine");
        }
    }

    @Test
    void a_batch_that_the_server_had_no_time_for_is_not_written() throws Exception {
        List<CompletableFuture<WriteOutcome>> creates;
        try (Connection foreign = postgres.database.dataSource().getConnection()) {
            foreign.setAutoCommit(false);
            try (Connection lock = lock(postgres)) {
                creates = creates(store, postgres);
                try (Statement sql = foreign.createStatement()) {
                    sql.execute("INSERT INTO expense.expenses (id, date, category, amount, account)"
                            + " VALUES (7, DATE '2026-01-01', 'undecided', 1, 'cash')");
                }
                lock.rollback();
            }

            List<WriteOutcome> outcomes = outcomes(creates);

            assertThat(outcomes.subList(0, ALONE)).allMatch(Written.class::isInstance);
            assertThat(outcomes.subList(ALONE, ALL)).allMatch(NotWritten.class::isInstance);
            foreign.rollback();
        }
        assertThat(count("expense.expenses")).isEqualTo(ALONE);
        assertThat(count("expense.change_log")).isEqualTo(ALONE);
    }

    @Test
    @Tag("A33")
    void a_fence_that_comes_between_gathering_and_writing_lets_none_of_them_through() throws Exception {
        List<CompletableFuture<WriteOutcome>> creates;
        CompletableFuture<Void> adopted;
        try (Connection lock = lock(postgres)) {
            creates = creates(store, postgres);
            // in front of the batch, which is only sent once one that went alone has ended
            PostgresStore another = postgres.open(PostgresFixture.PATIENT);
            opened.add(another);
            adopted = another.adopt(NEXT).subscribeAsCompletionStage();
            postgres.awaitWaiting(ALONE + 1);
            lock.rollback();
        }

        List<WriteOutcome> outcomes = outcomes(creates);

        assertThat(adopted).succeedsWithin(LIMIT);
        assertThat(outcomes.subList(ALONE, ALL)).allMatch(Fenced.class::isInstance);
        long before = outcomes.stream().filter(Written.class::isInstance).count();
        assertThat(count("expense.expenses")).isEqualTo(before);
        assertThat(count("expense.change_log")).isEqualTo(before);
    }

    @Test
    @Tag("A9")
    void when_the_answer_to_a_batch_is_lost_all_in_it_are_unknown_and_all_are_there_once() throws Exception {
        List<CompletableFuture<WriteOutcome>> creates;
        CompletableFuture<Void> lost;
        try (Connection lock = lock(postgres)) {
            creates = creates(store, postgres);
            lost = relay.loseAnswerTo(Sample.draft(ALONE + 3).notes());
            lock.rollback();
        }

        List<WriteOutcome> outcomes = outcomes(creates);

        assertThat(lost).succeedsWithin(LIMIT);
        assertThat(outcomes.subList(0, ALONE)).allMatch(Written.class::isInstance);
        assertThat(outcomes.subList(ALONE, ALL)).allMatch(Unknown.class::isInstance);
        assertThat(count("expense.expenses")).isEqualTo(ALL);
        assertThat(postgres.text("SELECT count(DISTINCT after->>'notes') FROM expense.change_log"))
                .isEqualTo(Integer.toString(ALL));
    }

    @Test
    @Tag("A9")
    void what_was_answered_as_not_written_is_not_written_when_a_frozen_server_thaws() throws Exception {
        PostgresStore usual = leased(1_900);
        relay.freeze();
        List<CompletableFuture<WriteOutcome>> creates = IntStream.range(0, 300)
                .mapToObj(nth -> usual.write(Sample.create(nth), RULE.epoch()).subscribeAsCompletionStage())
                .toList();

        List<WriteOutcome> outcomes = outcomes(creates);
        relay.pass();
        WriteOutcome later = Awaitility.await()
                .atMost(LIMIT)
                .until(
                        () -> usual.write(Sample.create(1_001), RULE.epoch())
                                .await()
                                .atMost(LIMIT),
                        Written.class::isInstance);

        written(later);
        Awaitility.await().atMost(LIMIT).until(() -> postgres.text(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
                                + " AND pid <> pg_backend_pid()")
                .equals("0"));
        assertThat(outcomes).allMatch(outcome -> outcome instanceof NotWritten || outcome instanceof Unknown);
        assertThat(outcomes).as("those that still waited").anyMatch(NotWritten.class::isInstance);
        List<String> there =
                List.of(postgres.text("SELECT notes FROM expense.expenses").split("\n"));
        assertThat(there).doesNotHaveDuplicates();
        for (int nth = 0; nth < outcomes.size(); nth++) {
            if (outcomes.get(nth) instanceof NotWritten) {
                assertThat(there).doesNotContain(Sample.draft(nth).notes());
            }
        }
    }

    @Test
    void more_than_may_wait_are_not_written_and_everybody_is_answered() {
        PostgresStore leased = leased(20_000);
        relay.freeze();
        List<CompletableFuture<WriteOutcome>> creates = IntStream.range(0, CreateLanes.WAITING + ALONE + 1)
                .mapToObj(nth -> leased.write(Sample.create(nth), RULE.epoch()).subscribeAsCompletionStage())
                .toList();

        assertThat(creates.get(creates.size() - 1)).succeedsWithin(LIMIT).satisfies(last -> assertThat(last)
                .isInstanceOf(NotWritten.class)
                .asString()
                .contains("too many"));
        relay.refuse();

        assertThat(outcomes(creates)).noneMatch(Written.class::isInstance);
    }

    @Test
    @Tag("A31")
    void a_hundred_writers_each_get_their_own_entries_and_no_position_twice() throws Exception {
        int writers = 100;
        int each = 30;
        List<CompletableFuture<List<ChangeSet>>> all = new ArrayList<>();

        for (int writer = 0; writer < writers; writer++) {
            all.add(oneAfterAnother(writer * each, each, new ArrayList<>()));
        }

        List<ChangeSet> sets = new ArrayList<>();
        for (CompletableFuture<List<ChangeSet>> writer : all) {
            sets.addAll(writer.get(60, TimeUnit.SECONDS));
        }
        assertThat(sets).hasSize(writers * each);
        assertThat(sets).extracting(ChangeSet::position).doesNotHaveDuplicates();
        assertThat(ids(sets)).hasSize(writers * each);
        List<ChangeSet> log = store.log(0, 10_000).await().atMost(LIMIT).sets();
        assertThat(log).containsExactlyInAnyOrderElementsOf(sets);
        assertThat(count("expense.expenses")).isEqualTo(writers * each);
    }

    private CompletableFuture<List<ChangeSet>> oneAfterAnother(int from, int count, List<ChangeSet> done) {
        if (count == 0) {
            return CompletableFuture.completedFuture(done);
        }
        return store.write(Sample.create(from), RULE.epoch())
                .subscribeAsCompletionStage()
                .thenCompose(outcome -> {
                    done.add(written(outcome));
                    return oneAfterAnother(from + 1, count - 1, done);
                });
    }

    /** With so many ids leased that no test needs more. @param answerMillis 1,900 in a service */
    private PostgresStore leased(long answerMillis) {
        PostgresSettings settings = new PostgresSettings(answerMillis, 5_000, 800, 60_000, 10_000, 100);
        PostgresStore usual = postgres.openPrimary(RULE, throughRelay, settings);
        opened.add(usual);
        written(usual.write(Sample.create(1_000), RULE.epoch()).await().atMost(LIMIT));
        return usual;
    }

    // ---- in common -----------------------------------------------------------------------------------------------

    /** Keeps whatever writes the log waiting. */
    private static Connection lock(PostgresFixture where) throws SQLException {
        Connection connection = where.database.dataSource().getConnection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + where.kind.word() + ".change_log IN SHARE MODE");
        }
        return connection;
    }

    /** The lanes are taken by those that go alone, the others wait for the lanes. */
    private static List<CompletableFuture<WriteOutcome>> creates(PostgresStore store, PostgresFixture where) {
        List<CompletableFuture<WriteOutcome>> creates = new ArrayList<>();
        for (int nth = 0; nth < ALL; nth++) {
            WriteRequest create = Sample.create(nth);
            creates.add(store.write(create, RULE.epoch()).subscribeAsCompletionStage());
            if (nth < ALONE) {
                where.awaitWaiting(nth + 1);
            }
        }
        return creates;
    }

    private static List<WriteOutcome> outcomes(List<CompletableFuture<WriteOutcome>> creates) {
        creates.forEach(create -> assertThat(create).succeedsWithin(LIMIT));
        return creates.stream().map(CompletableFuture::join).toList();
    }

    private static List<ChangeSet> sets(List<CompletableFuture<WriteOutcome>> creates) {
        return outcomes(creates).stream().map(CreateLanesIT::written).toList();
    }

    private static ChangeSet written(WriteOutcome outcome) {
        assertThat(outcome).isInstanceOf(Written.class);
        ChangeSet set = ((Written) outcome).set();
        assertThat(set.changes()).hasSize(1);
        return set;
    }

    private static Set<Long> ids(List<ChangeSet> sets) {
        return sets.stream().map(set -> set.changes().get(0).entryId()).collect(Collectors.toSet());
    }

    private static Held find(PostgresStore store, long id) {
        return store.find(id).await().atMost(LIMIT);
    }

    private static long count(String table) throws SQLException {
        return Long.parseLong(postgres.text("SELECT count(*) FROM " + table));
    }
}
