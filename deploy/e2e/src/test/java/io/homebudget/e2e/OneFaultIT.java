package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.check.Discrepancies;
import io.homebudget.e2e.check.Discrepancies.Found;
import io.homebudget.e2e.check.FileFaults;
import io.homebudget.e2e.load.LargeLedger;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A needle in a haystack: one damaged value in a large ledger is found, and hardly anything is read for it row by row. */
@Timeout(value = 900, unit = TimeUnit.SECONDS)
class OneFaultIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void one_fault_in_200_000_is_located_by_reading_less_than_a_thousandth_of_the_entries() throws Exception {
        locate("one-fault", 200_000);
    }

    @Test
    @Tag("faults")
    void one_fault_in_a_million_is_located_by_reading_less_than_a_thousandth_of_the_entries() throws Exception {
        locate("one-fault-long", 1_000_000);
    }

    private void locate(String name, int entries) throws Exception {
        try (Stack stack = new Stack(folder.resolve(name))) {
            Report report = new Report(name);
            String ledger = LargeLedger.write(folder.resolve(name + "-import"), entries, 10)
                    .toString();
            report.step("ready", () -> stack.ready("--import", ledger));
            Moves moves = new Moves(stack);
            report.step("to DUAL_WRITE", () -> moves.take("DUAL_WRITE", "expense"));
            moves.awaitCaughtUp("expense", LIMIT);
            Discrepancies discrepancies = new Discrepancies(stack, "expense");

            damageRow(stack, entries / 3);
            onlyThisIsFound(
                    new Found(entries / 3, "field", "postgres", "served", "amount"),
                    entries,
                    moves,
                    discrepancies,
                    report);
            Found onDisk = FileFaults.injectOne(stack.array("expense"), entries / 2);
            onlyThisIsFound(onDisk, entries, moves, discrepancies, report);

            assertThat(moves.verify("expense").path("entries_read").asLong(-1))
                    .as("rows read where nothing differs")
                    .isZero();
        }
    }

    private static void damageRow(Stack stack, long id) throws Exception {
        try (Connection connection = stack.postgres();
                Statement sql = connection.createStatement()) {
            assertThat(sql.executeUpdate("update expense.expenses set amount = amount + 0.01 where id = " + id))
                    .isEqualTo(1);
        }
    }

    private static void onlyThisIsFound(
            Found fault, int entries, Moves moves, Discrepancies discrepancies, Report report) throws Exception {
        JsonNode verification = moves.verify("expense");

        report.line(fault + ": " + verification);
        assertThat(verification.path("state").asText()).isEqualTo("succeeded");
        assertThat(verification.path("compared").asInt()).isEqualTo(entries);
        assertThat(verification.path("differences").asInt()).isEqualTo(1);
        assertThat(discrepancies.found("open")).containsExactly(fault);
        assertThat(verification.path("entries_read").asLong()).isPositive().isLessThan(entries / 1_000);
        assertThat(discrepancies.repairAll().path("repaired").asInt()).isEqualTo(1);
        assertThat(discrepancies.found("open")).isEmpty();
    }
}
