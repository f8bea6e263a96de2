package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.check.Discrepancies;
import io.homebudget.e2e.check.Discrepancies.Found;
import io.homebudget.e2e.check.Faults;
import io.homebudget.e2e.check.FileFaults;
import io.homebudget.e2e.check.Stores;
import io.homebudget.e2e.load.Clients;
import io.homebudget.e2e.load.History;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Zero false alarms, zero blind spots: while clients write, damage is put straight into PostgreSQL, as the follower and as the
 * primary, and into the file of the JSON store; exactly that is reported, each once, with its type, fields and side, and the repair
 * mends all of it.
 */
@Timeout(value = 1_800, unit = TimeUnit.SECONDS)
class DamageIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void exactly_the_damage_is_reported_and_repaired_while_clients_write() throws Exception {
        damage("damage", 200, 2, Duration.ofSeconds(5));
    }

    @Test
    @Tag("faults")
    void a_thousand_faults_in_ten_minutes_at_500_writes_a_second() throws Exception {
        damage("damage-long", 500, 39, Duration.ofMinutes(5));
    }

    /** @param rounds of 13 faults each, in each of two phases */
    private void damage(String name, int perSecond, int rounds, Duration least) throws Exception {
        try (Stack stack = new Stack(folder.resolve(name))) {
            stack.ready();
            Moves moves = new Moves(stack);
            Discrepancies discrepancies = new Discrepancies(stack, "expense");
            Faults faults = new Faults(stack);
            Report report = new Report(name);
            Clients.warmUp(stack, 150);
            History history;
            try (Clients clients = Clients.start(stack, perSecond, 7, "expense")) {
                clients.awaitWorking("expense", 100);
                for (String phase : List.of("DUAL_WRITE", "DATABASE_READS")) {
                    moves.take(phase, "expense");
                    inPhase(phase, moves, discrepancies, faults, report, rounds, least);
                    clients.awaitWorking("expense", 100);
                }
                history = clients.stop();
            }
            report.line(history.summary());
            // a machine that is busy may refuse a write for a moment; what must not be are wrong answers and false
            // reports
            assertThat(history.wrong()).isEmpty();
            moves.awaitPublished("expense", LIMIT);
            long head = moves.state("expense").path("head").asLong();
            Awaitility.await("every change is proven")
                    .atMost(LIMIT)
                    .until(() ->
                            moves.status("expense").path("verified_through").asLong() >= head);
            report.line(
                    "proven through " + head + ": " + moves.status("expense").path("reconciliation"));
            onDisk(stack, moves, discrepancies);
            assertThat(moves.status("expense")
                            .path("reconciliation")
                            .path("events_put_aside")
                            .asInt(-1))
                    .isZero();
        }
    }

    private void inPhase(
            String phase,
            Moves moves,
            Discrepancies discrepancies,
            Faults faults,
            Report report,
            int rounds,
            Duration least)
            throws Exception {
        long began = System.nanoTime();
        int before = discrepancies.all(null).size();
        faults.forget();
        List<JsonNode> verifications = new ArrayList<>();
        // long forms spread their faults: each round is damage, and a verification under way
        int perTurn = Math.max(1, rounds / 6);
        for (int done = 0; done < rounds; done += perTurn) {
            faults.inject(Math.min(perTurn, rounds - done), () -> moves.awaitCaughtUp("expense", LIMIT));
            JsonNode verification = moves.verify("expense");
            verifications.add(verification);
            assertThat(verification.path("state").asText()).isEqualTo("succeeded");
        }
        while (System.nanoTime() - began < least.toNanos()) {
            verifications.add(moves.verify("expense"));
        }
        JsonNode last = verifications.get(verifications.size() - 1);
        report.line(phase + ": " + faults.expected().size() + " faults, " + verifications.size()
                + " verifications, the last: " + last);
        assertThat(discrepancies.found("open")).containsExactlyInAnyOrderElementsOf(faults.expected());
        assertThat(last.path("differences").asInt()).isEqualTo(faults.expected().size());
        // each once, and nothing else ever, not even for a moment
        assertThat(discrepancies.all(null)).hasSize(before + faults.expected().size());

        JsonNode repair = discrepancies.repairAll();

        assertThat(repair.path("state").asText()).isEqualTo("succeeded");
        assertThat(repair.path("repaired").asInt()).isEqualTo(faults.expected().size());
        assertThat(discrepancies.found("open")).isEmpty();
        assertThat(moves.verify("expense").path("differences").asInt(-1)).isZero();
        assertThat(discrepancies.all(null)).hasSize(before + faults.expected().size());
    }

    /** The file of a JSON store that follows, edited behind its back. */
    private static void onDisk(Stack stack, Moves moves, Discrepancies discrepancies) throws Exception {
        Path array = stack.array("expense");
        var served = Stores.served(stack, "expense");
        moves.awaitCaughtUp("expense", LIMIT);
        Awaitility.await("the file is current").atMost(LIMIT).ignoreExceptions().until(() -> Stores.file(array)
                .equals(served));
        List<Found> expected = FileFaults.inject(array);

        JsonNode verification = moves.verify("expense");

        assertThat(discrepancies.found("open")).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(verification.path("differences").asInt()).isEqualTo(expected.size());
        discrepancies.repairAll();
        assertThat(Stores.file(array)).isEqualTo(served);
        assertThat(discrepancies.found("open")).isEmpty();
    }
}
