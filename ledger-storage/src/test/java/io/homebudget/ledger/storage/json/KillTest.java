package io.homebudget.ledger.storage.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillTest {
    private static final int ROUNDS = 15;

    @TempDir
    Path home;

    /** A line of the child: what it was told is durable. */
    private record Acknowledged(long id, long version, String change) {}

    @Test
    void killed_many_times_in_the_middle_of_writing_nothing_acknowledged_is_gone_A4() throws Exception {
        Path folder = home.resolve("data");
        Map<Long, Acknowledged> newest = new HashMap<>();
        Random random = new Random(42);
        for (int round = 0; round < ROUNDS; round++) {
            runAndKill(folder, round, 20 + random.nextInt(1_500), newest);
            if (Files.exists(folder.resolve("expenses.json"))) {
                assertThat(new ObjectMapper()
                                .readTree(folder.resolve("expenses.json").toFile())
                                .isArray())
                        .isTrue();
            }
            try (JsonStore store = Stores.open(folder)) {
                List<EntryState> states = Stores.await(store.states(newest.keySet()));
                assertThat(states).hasSize(newest.size()).allSatisfy(state -> {
                    Acknowledged known = newest.get(state.id());
                    assertThat(state.intact()).isTrue();
                    assertThat(state.version()).isGreaterThanOrEqualTo(known.version());
                    if (state.version() == known.version()) {
                        assertThat(state.changeId()).hasToString(known.change());
                    }
                });
                if (round % 2 == 0) {
                    store.stop();
                }
            }
        }
        assertThat(newest).hasSizeGreaterThan(ROUNDS * 10);
    }

    @Test
    void a_folder_that_another_process_owns_is_refused_and_free_when_that_one_is_dead_A6() throws Exception {
        Path folder = home.resolve("data");
        Process owner = child(folder, "owner");
        try {
            // the first acknowledged write: it has the folder
            assertThat(owner.inputReader().readLine()).isNotNull();

            assertThatThrownBy(() -> Stores.open(folder))
                    .isInstanceOf(RecoveryRequired.class)
                    .hasMessageContaining("another process owns this folder");

            assertThat(owner.isAlive()).isTrue();
        } finally {
            owner.destroyForcibly();
            assertThat(owner.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        try (JsonStore store = Stores.open(folder)) {
            assertThat(Stores.all(store)).isNotEmpty();
        }
    }

    private static Process child(Path folder, String name) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        KillChild.class.getName(),
                        folder.toString(),
                        name)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void runAndKill(Path folder, int round, int lines, Map<Long, Acknowledged> newest) throws Exception {
        Process child = child(folder, "round" + round);
        AtomicInteger seen = new AtomicInteger();
        Thread reader = new Thread(() -> read(child, newest, seen));
        reader.start();
        try {
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> seen.get() >= lines || !child.isAlive());
            assertThat(child.isAlive()).isTrue();
        } finally {
            child.destroyForcibly();
            assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
            reader.join(10_000);
        }
    }

    private static void read(Process child, Map<Long, Acknowledged> newest, AtomicInteger seen) {
        try (BufferedReader in = child.inputReader()) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] parts = line.split(" ");
                // only the last line can be cut off by the kill
                if (parts.length == 3 && parts[2].length() == 36) {
                    Acknowledged told = new Acknowledged(Long.parseLong(parts[0]), Long.parseLong(parts[1]), parts[2]);
                    newest.merge(told.id(), told, (a, b) -> a.version() > b.version() ? a : b);
                }
                seen.incrementAndGet();
            }
        } catch (IOException e) {
            seen.incrementAndGet();
        }
    }
}
