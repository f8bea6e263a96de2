package io.homebudget.bench.figures;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.bench.baseline.RealTable;
import io.homebudget.bench.load.HttpLoad;
import io.homebudget.bench.load.LoadResult;
import io.homebudget.bench.load.Scenario;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.BackupService;
import io.homebudget.bench.stack.ExpenseLedger;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.bench.statistics.Rounds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A restore into the ledger that the snapshot is of, 1 % of whose entries were created, changed and deleted since, a third each;
 * from the order until the job has succeeded. Against what such a restore cannot do without: reading both sides twice, and
 * COPY with index builds of the share that differs ({@link #limit}).
 */
final class RestoreIntoRunning {
    /** Of the entries. */
    private static final double DIFFERENCE = 0.01;

    /** The snapshot and the ledger each: once for the proof and the safety snapshot, once to be compared. */
    private static final int READS = 4;

    private static final int CHANGE_SECONDS = 10;
    private static final int CONNECTIONS = 200;
    /** What a set of a bulk delete is in real use. */
    private static final int SET = 500;

    private RestoreIntoRunning() {}

    /** @param emptySeconds of the restore into an empty installation in this run, for the note */
    static Outcome measure(LocalStack stack, String snapshot, OptionalDouble emptySeconds, Path work, Pace pace)
            throws Exception {
        ExpenseLedger ledger = stack.expense();
        BackupService backup = stack.backup();
        RealTable table = RealTable.find(stack.postgres());
        long rows = table.rows();
        Path file = work.resolve("rows.copy");
        table.dump(file);
        Rounds rounds = new Rounds();
        // of which a hundredth counts: once is enough
        rounds.add("write", table.secondsToCopyThenIndex(file));
        boolean same = true;
        for (int i = 0; i < pace.baselines(); i++) {
            rounds.add("read", table.secondsToPack(file));
            change(stack);
            ledger.settle();
            restore(backup, snapshot, "restore", rounds);
            same &= table.rows() == rows;
            ledger.settle();
            rounds.add("read", table.secondsToPack(file));
        }
        restore(backup, snapshot, "restore_of_nothing", rounds);
        ledger.settle();
        Files.delete(file);

        double share = rounds.median("restore_differences") / rows;
        double limit = limit(rounds.median("read"), rounds.median("write"), share);
        String note = String.format(
                Locale.ROOT,
                "%.1f %% in %.1f s, writers held %.1f s; nothing at all in %.1f s; %s; limit %.1f s: %d reads of %.1f s and"
                        + " that share of %.1f s",
                100 * share,
                rounds.median("restore"),
                rounds.median("restore_held"),
                rounds.median("restore_of_nothing"),
                emptySeconds.isPresent()
                        ? String.format(Locale.ROOT, "into nothing in %.1f s", emptySeconds.getAsDouble())
                        : "into nothing not measured",
                limit,
                READS,
                rounds.median("read"),
                rounds.median("write"));
        Map<String, Object> raw = new LinkedHashMap<>();
        raw.put("rounds", rounds.raw());
        raw.put("rows", rows);
        raw.put("share", share);
        raw.put("empty_seconds", emptySeconds.isPresent() ? emptySeconds.getAsDouble() : null);
        double ratio = rounds.median("restore") / limit;
        boolean sound = same
                && rows >= Size.MILLION.entries()
                && share > 0.9 * DIFFERENCE
                && rounds.median("restore_of_nothing_differences") == 0;
        return sound
                ? Outcome.of(Figure.RESTORE_RUNNING, ratio, note, raw)
                : Outcome.unsound(
                        Figure.RESTORE_RUNNING, ratio, note + "; the difference was not what was asked for", raw);
    }

    /**
     * The seconds that a restore into a running ledger cannot do without.
     *
     * @param readAll seconds of reading all entries once
     * @param writeAll seconds of writing all of them into an empty table
     * @param share of the entries that differs, 0 to 1
     */
    static double limit(double readAll, double writeAll, double share) {
        return READS * readAll + share * writeAll;
    }

    /** Ids up to the number of imported entries all exist: whatever is deleted here, the restore brings back. */
    private static void change(LocalStack stack) {
        long entries = Size.MILLION.entries();
        int third = (int) (entries * DIFFERENCE / 3);
        int perSecond = Math.max(1, third / CHANGE_SECONDS);
        LoadResult load = HttpLoad.run(Scenario.open(stack.expensePort(), CONNECTIONS, CHANGE_SECONDS, Pace.BODIES)
                .creates(perSecond)
                .patches(perSecond, entries));
        if (load.failed() > 0) {
            throw new IllegalStateException(load.failed() + " requests failed that were to make the difference");
        }
        List<Long> ids = new ArrayList<>(SET);
        for (long i = 1; i <= third; i++) {
            ids.add(i * (entries / third));
            if (ids.size() == SET || i == third) {
                stack.expense().delete(ids);
                ids.clear();
            }
        }
    }

    private static void restore(BackupService backup, String snapshot, String side, Rounds rounds) {
        long start = System.nanoTime();
        JsonNode done = backup.end(backup.orderRestore(snapshot)).path("expense");
        rounds.add(side, (System.nanoTime() - start) / 1e9);
        rounds.add(side + "_held", done.path("writers_held_ms").asLong() / 1e3);
        rounds.add(
                side + "_differences",
                done.path("created").asLong()
                        + done.path("updated").asLong()
                        + done.path("deleted").asLong());
    }
}
