package io.homebudget.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starting, dying and ending, without PostgreSQL and Kafka, which JSON_ONLY does not need either. */
@Timeout(value = 150, unit = TimeUnit.SECONDS)
class SupervisionIT {
    private static final String[] ALONE = {"--without", "postgres", "--without", "kafka"};

    @TempDir
    Path folder;

    private Trial trial;

    @BeforeEach
    void make() throws Exception {
        trial = new Trial(folder);
    }

    @AfterEach
    void close() throws Exception {
        trial.close();
    }

    @Test
    void an_up_killed_with_9_leaves_processes_that_the_next_up_replaces() throws Exception {
        Trial.Up first = trial.ready(ALONE);
        long orphan = trial.pid("expense");
        first.process().destroyForcibly().waitFor();
        assertThat(ProcessHandle.of(orphan)).isPresent();

        Trial.Up second = trial.ready(ALONE);

        assertThat(second.text()).contains("that an earlier up on this home had left");
        assertThat(trial.pid("expense")).isNotEqualTo(orphan);
        assertThat(ProcessHandle.of(orphan)).isEmpty();
    }

    @Test
    void everything_killed_with_9_is_recovered_from() throws Exception {
        Trial.Up first = trial.ready();
        first.process().destroyForcibly().waitFor();
        trial.running().forEach(ProcessHandle::destroyForcibly);
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> trial.running()
                .isEmpty());
        // the number in a stale file may be anybody's by now
        Files.writeString(
                trial.home().postgresData().resolve("postmaster.pid"),
                ProcessHandle.current().pid() + "\n");

        trial.ready();

        assertThat(trial.get("front-door", "/api/v1/health").status()).isEqualTo(200);
    }

    @Test
    void down_ends_what_a_killed_up_left() throws Exception {
        Trial.Up up = trial.ready(ALONE);
        up.process().destroyForcibly().waitFor();

        Trial.Ran down = trial.ctl("down");

        assertThat(down.output()).contains("that a killed up had left");
        assertThat(trial.running()).isEmpty();
    }

    @Test
    void what_proves_and_what_snapshots_leave_the_processors_to_what_serves_clients() throws Exception {
        trial.ready(ALONE);

        for (String serving : new String[] {"expense", "income", "front-door"}) {
            assertThat(niceness(trial.pid(serving))).as(serving).isZero();
        }
        for (String beside : new String[] {"migration", "backup"}) {
            assertThat(niceness(trial.pid(beside))).as(beside).isEqualTo(5);
        }
    }

    /** By what the kernel shares out: among sessions where it has autogroups, else among processes. */
    private static int niceness(long pid) throws Exception {
        Path session = Path.of("/proc", Long.toString(pid), "autogroup");
        if (Files.exists(session)) {
            return Integer.parseInt(Files.readString(session).trim().replaceFirst("^.* nice ", ""));
        }
        Process asked = new ProcessBuilder("ps", "-o", "ni=", "-p", Long.toString(pid)).start();
        return Integer.parseInt(asked.inputReader().readLine().trim());
    }

    @Test
    void the_third_death_within_a_minute_is_given_up_and_the_others_go_on() throws Exception {
        Trial.Up up = trial.ready(ALONE);
        trial.killAndAwaitSuccessor("income");
        trial.killAndAwaitSuccessor("income");
        ProcessHandle.of(trial.pid("income")).orElseThrow().destroyForcibly();

        up.awaitText("given up");

        assertThat(trial.get("front-door", "/api/v1/health").status()).isEqualTo(200);
        assertThat(trial.ctl("start", "income").status()).isZero();
    }

    @Test
    void a_damaged_store_is_told_with_its_advice_and_ends_up_with_2() throws Exception {
        trial.standIn("expense.recovery");

        Trial.Up up = trial.up(ALONE);

        assertThat(up.awaitEnd()).isEqualTo(2);
        assertThat(up.text()).contains("expense is in recovery mode", "journal-1", "byte 7", "restore a snapshot");
        assertThat(trial.running()).isEmpty();
    }

    @Test
    void a_damaged_store_found_after_a_restart_ends_up_with_2_as_well() throws Exception {
        Trial.Up up = trial.ready(ALONE);
        trial.standIn("income.recovery");

        ProcessHandle.of(trial.pid("income")).orElseThrow().destroyForcibly();

        assertThat(up.awaitEnd()).isEqualTo(2);
        assertThat(up.text()).contains("income is in recovery mode");
    }

    @Test
    void ctl_down_ends_up_with_0() throws Exception {
        Trial.Up up = trial.ready(ALONE);

        Trial.Ran down = trial.ctl("down");

        assertThat(down.output()).contains("stopped");
        assertThat(up.awaitEnd()).isZero();
    }

    @Test
    void kafka_left_out_is_added_by_ctl_start() throws Exception {
        trial.ready(ALONE);
        assertThat(trial.ctl("status").output()).containsPattern("kafka +stopped");

        assertThat(trial.ctl("start", "kafka").output()).contains("kafka is ready");
    }

    @Test
    void a_taken_port_is_named_with_the_flag_that_helps() throws Exception {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), trial.ports.of("income")));

            Trial.Up up = trial.up(ALONE);

            assertThat(up.awaitEnd()).isEqualTo(1);
            assertThat(up.text())
                    .contains(trial.ports.of("income") + " (income)")
                    .contains("--port");
        }
    }
}
