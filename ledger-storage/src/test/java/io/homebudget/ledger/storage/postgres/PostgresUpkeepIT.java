package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.TextImage;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.testing.Sample;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server vacuums the change log for minutes: neither a phase change nor a snapshot waits for it, nor do writers. */
class PostgresUpkeepIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Rule RULE = new Rule(1, Phase.DATABASE_READS);
    private static final Rule NEXT = new Rule(2, Phase.DUAL_WRITE);
    private static PostgresFixture postgres;
    private PostgresStore store;

    @BeforeAll
    static void start() throws Exception {
        postgres = new PostgresFixture(Kind.EXPENSE);
        postgres.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'");
        postgres.execute("SELECT pg_reload_conf()");
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.execute("ALTER SYSTEM RESET autovacuum_naptime");
        postgres.execute("SELECT pg_reload_conf()");
        postgres.close();
    }

    @BeforeEach
    void open() {
        postgres.reset();
        store = postgres.openPrimary(RULE);
        write();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void a_decision_does_not_wait_until_autovacuum_is_through_with_the_log() throws Exception {
        beVacuumed();

        store.makeWay().await().atMost(LIMIT);

        assertThat(store.decide(RULE, NEXT).await().atMost(LIMIT)).isPositive();
    }

    @Test
    void a_server_that_is_slow_to_end_its_upkeep_is_waited_for() throws Exception {
        postgres.execute("ALTER SYSTEM SET deadlock_timeout = '2s'");
        postgres.execute("SELECT pg_reload_conf()");
        try {
            beVacuumed();

            store.makeWay().await().atMost(LIMIT);

            assertThat(store.decide(RULE, NEXT).await().atMost(LIMIT)).isPositive();
        } finally {
            postgres.execute("ALTER SYSTEM RESET deadlock_timeout");
            postgres.execute("SELECT pg_reload_conf()");
        }
    }

    @Test
    void an_image_is_opened_while_autovacuum_would_take_minutes() throws Exception {
        beVacuumed();

        Image image = store.image(0).await().atMost(LIMIT);

        assertThat(image.rows()).isEqualTo(1);
        assertThat(image.chunks().collect().asList().await().atMost(LIMIT))
                .singleElement()
                .satisfies(rows -> assertThat(rows).hasSize(1));
    }

    @Test
    void an_export_is_begun_while_autovacuum_would_take_minutes() throws Exception {
        beVacuumed();

        TextImage image = store.text(Kind.EXPENSE, Runnable::run).await().atMost(LIMIT);

        assertThat(image.parts().collect().asList().await().atMost(LIMIT).stream()
                        .mapToInt(TextImage.Part::entries)
                        .sum())
                .isEqualTo(1);
    }

    @Test
    void writers_go_on_while_way_is_being_made() throws Exception {
        try (Connection upkeep = postgres.database.dataSource().getConnection();
                Statement statement = upkeep.createStatement()) {
            upkeep.setAutoCommit(false);
            statement.execute("LOCK TABLE expense.change_log IN SHARE UPDATE EXCLUSIVE MODE");
            CompletableFuture<Void> way = store.makeWay().subscribeAsCompletionStage();
            Awaitility.await().atMost(LIMIT).until(() -> postgres.text(
                            "SELECT count(*) FROM pg_locks WHERE NOT granted")
                    .equals("1"));

            write();

            assertThat(way).isNotDone();
            upkeep.commit();
            assertThat(way).succeedsWithin(LIMIT);
        }
    }

    private void write() {
        assertThat(store.write(Sample.create(1), RULE.epoch()).await().atMost(LIMIT))
                .isInstanceOf(WriteOutcome.Written.class);
    }

    /** So slowly that it lasts for minutes, and begins again a second after it was cancelled. */
    private static void beVacuumed() throws Exception {
        postgres.execute(
                "INSERT INTO expense.change_log SELECT (jsonb_populate_record(l, jsonb_build_object('position',"
                        + " l.position + n, 'change_id', gen_random_uuid()))).* FROM expense.change_log l,"
                        + " generate_series(1, 5000) n");
        postgres.execute("ALTER TABLE expense.change_log SET (autovacuum_vacuum_cost_delay = 100,"
                + " autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_insert_threshold = 1,"
                + " autovacuum_vacuum_insert_scale_factor = 0)");
        Awaitility.await().atMost(LIMIT).until(() -> postgres.text(
                        "SELECT count(*) FROM pg_stat_progress_vacuum WHERE datname = current_database()"
                                + " AND relid = 'expense.change_log'::regclass")
                .equals("1"));
    }
}
