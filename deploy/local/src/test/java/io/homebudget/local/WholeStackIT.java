package io.homebudget.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real PostgreSQL and Kafka under one {@code up}; started once, because a start takes seconds. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WholeStackIT {
    @TempDir
    static Path folder;

    /** Held, or it is collected with its level: the client tells each failed attempt while the broker is away. */
    private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

    private static Trial trial;
    private static Trial.Up up;

    @BeforeAll
    static void start() throws Exception {
        KAFKA.setLevel(Level.SEVERE);
        trial = new Trial(folder);
        up = trial.ready();
    }

    @AfterAll
    static void stop() throws Exception {
        trial.close();
    }

    @Test
    @Order(1)
    void every_member_has_a_live_pid_and_a_log() throws Exception {
        for (String member : List.of("front-door", "expense", "income", "migration", "backup", "postgres", "kafka")) {
            assertThat(ProcessHandle.of(trial.pid(member))).as(member).get().matches(ProcessHandle::isAlive);
            assertThat(trial.home().log(member)).exists();
        }
    }

    @Test
    @Order(2)
    void credentials_are_readable_by_the_owner_only() throws Exception {
        Path credentials = trial.home().credentials();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(credentials)))
                .isEqualTo("rwx------");
        for (String name : List.of("operator.token", "viewer.token", "service.token", "postgres.url")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(credentials.resolve(name))))
                    .as(name)
                    .isEqualTo("rw-------");
        }
    }

    @Test
    @Order(3)
    void the_owner_s_connection_is_durable_and_finds_tables_without_naming_schemas() throws Exception {
        assertThat(query("show fsync")).isEqualTo("on");
        assertThat(query("show synchronous_commit")).isEqualTo("on");
        assertThat(query("show server_encoding")).isEqualTo("UTF8");
        assertThat(query("select datcollate from pg_database where datname = current_database()"))
                .isEqualTo("C");
        assertThat(query("show search_path")).isEqualTo("expense, income, migration, public");
        assertThat(query("select pg_get_userbyid(datdba) from pg_database where datname = current_database()"))
                .isEqualTo("home_budget");
        assertThat(Files.readString(trial.home().credentials().resolve("postgres.url"))
                        .strip())
                .startsWith("postgresql://home_budget:")
                .endsWith("@localhost:" + trial.ports.of("postgres") + "/home_budget");
    }

    @Test
    @Order(4)
    void a_second_up_on_the_same_home_is_refused() throws Exception {
        Trial.Up second = trial.up();
        assertThat(second.awaitEnd()).isEqualTo(1);
        assertThat(second.text()).contains("Another up").contains("down");
    }

    @Test
    @Order(5)
    void postgres_killed_is_back_with_its_data() throws Exception {
        query("create table if not exists kept(v int); insert into kept values (42); select v from kept");
        trial.killAndAwaitSuccessor("postgres");
        Awaitility.await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> query("select v from kept")
                .equals("42"));
        assertThat(up.text()).contains("postgres was ended by signal 9; starting it again");
    }

    @Test
    @Order(6)
    void kafka_killed_is_back_with_its_topics() throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic("kept", 2, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
        trial.killAndAwaitSuccessor("kafka");
        try (Admin admin = admin()) {
            Set<String> topics = admin.listTopics().names().get(60, TimeUnit.SECONDS);
            assertThat(topics).contains("kept");
        }
    }

    @Test
    @Order(7)
    void a_service_killed_is_answering_again_within_seconds() throws Exception {
        trial.killAndAwaitSuccessor("expense");
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .ignoreExceptions()
                .until(() -> trial.get("front-door", "/api/v1/health").text().equals("{\"status\":\"ok\"}"));
    }

    @Test
    @Order(8)
    void what_was_stopped_stays_stopped_until_it_is_started() throws Exception {
        assertThat(trial.ctl("stop", "migration").status()).isZero();
        assertThat(trial.ctl("status").output()).containsPattern("migration +stopped");

        Trial.Ran rollback = trial.ctl("rollback", "--kind", "expense");
        assertThat(rollback.output()).contains("directly").contains("expense went from DUAL_WRITE to JSON_ONLY");
        assertThat(rollback.status()).isZero();

        assertThat(trial.ctl("start", "migration").output()).contains("migration is ready");
        Trial.Ran status = trial.ctl("status", "--json");
        assertThat(status.output()).contains("\"phase\" : \"JSON_ONLY\"").contains("\"up\" : true");
    }

    @Test
    @Order(9)
    void seeding_creates_as_many_as_asked_for() throws Exception {
        Trial.Ran seeded = trial.ctl("seed", "--count", "200", "--kind", "income");
        assertThat(seeded.output()).contains("200 incomes created");
        assertThat(seeded.status()).isZero();
    }

    @Test
    @Order(10)
    void what_is_not_there_is_said_clearly() throws Exception {
        assertThat(trial.ctl("backup", "list").output()).contains("backup-service answers 404");
        assertThat(trial.ctl("start", "nonsense").output()).contains("There is no nonsense here");
    }

    @Test
    @Order(11)
    void a_journal_is_looked_into_without_the_service() throws Exception {
        Trial.Ran inspected = trial.ctl("journal", "inspect", "--kind", "expense");
        // the stand-in service of this test keeps no journal
        assertThat(inspected.output()).contains("There is no journal here");
        assertThat(inspected.status()).isEqualTo(1);
    }

    @Test
    @Order(99)
    void sigterm_stops_all_in_order_with_status_0() throws Exception {
        up.process().destroy();
        assertThat(up.awaitEnd()).isZero();
        assertThat(trial.running()).isEmpty();
        assertThat(up.text()).endsWith("stopping\nstopped\n");
        assertThat(Files.readString(trial.home().log("postgres"))).contains("database system is shut down");
    }

    private static Admin admin() {
        return Admin.create(
                Map.of("bootstrap.servers", "localhost:" + trial.ports.of("kafka"), "default.api.timeout.ms", "60000"));
    }

    private static String query(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(trial.jdbcUrl());
                var statement = connection.createStatement()) {
            boolean rows = statement.execute(sql);
            while (!rows) {
                rows = statement.getMoreResults();
            }
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return row.getString(1);
            }
        }
    }
}
