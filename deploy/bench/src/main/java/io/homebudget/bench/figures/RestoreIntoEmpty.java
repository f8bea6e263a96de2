package io.homebudget.bench.figures;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.bench.baseline.RealTable;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.BackupService;
import io.homebudget.bench.stack.ExpenseLedger;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Patience;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.bench.statistics.Rounds;
import io.homebudget.ledger.phase.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A restore into a new installation, from the order until the ledger serves what it took: the snapshot proven, its rows sent,
 * written with their indexes, and ruling. Against COPY of the rows it left into an empty table, whose indexes are built then.
 *
 * <p>What the job does after that is not part of it: the new installation's first snapshot, and telling Kafka every entry.
 * There is one restore per run, since an installation is new once; COPY is the median of several.
 */
final class RestoreIntoEmpty {
    private static final Duration LIMIT = Duration.ofMinutes(15);

    /** @param seconds of the restore */
    record Taken(Outcome outcome, double seconds) {}

    private RestoreIntoEmpty() {}

    static Taken measure(Path snapshot, LocalStack fresh, Path work, Pace pace) throws Exception {
        String id = snapshot.getFileName().toString();
        copy(snapshot, fresh.snapshot(id));
        ExpenseLedger ledger = fresh.expense();
        // where it is already: so this only waits until PostgreSQL is attached
        ledger.moveTo(Phase.JSON_ONLY);
        BackupService backup = fresh.backup();
        backup.settle();

        long start = System.nanoTime();
        String job = backup.orderRestore(id);
        Patience.until(
                "the new installation serves what it took",
                LIMIT,
                () -> ledger.state().phase() == Phase.DATABASE_ONLY || backup.over(job));
        double seconds = (System.nanoTime() - start) / 1e9;
        JsonNode done = backup.end(job);
        double jobSeconds = (System.nanoTime() - start) / 1e9;
        ledger.settlePublisher();

        RealTable table = RealTable.find(fresh.postgres());
        long rows = table.rows();
        Path dump = work.resolve("restored.copy");
        table.dump(dump);
        Rounds copies = new Rounds();
        for (int i = 0; i < pace.baselines(); i++) {
            copies.add("copy", table.secondsToCopyThenIndex(dump));
        }
        Files.delete(dump);

        String note = String.format(
                Locale.ROOT,
                "%,d entries served after %.1f s, COPY and indexes %.1f s; the whole job, its first snapshot included, %.1f s",
                rows,
                seconds,
                copies.median("copy"),
                jobSeconds);
        Map<String, Object> raw = Map.of(
                "restore_seconds", seconds,
                "job_seconds", jobSeconds,
                "rows", rows,
                "copy_seconds", copies.raw(),
                "indexes", table.indexesOfTheCopy(),
                "job", done);
        double ratio = seconds / copies.median("copy");
        boolean whole = rows >= Size.MILLION.entries()
                && done.path("expense").path("created").asLong() == rows
                && done.path("expense").path("done").asText().equals("taken_whole");
        Outcome outcome = whole
                ? Outcome.of(Figure.RESTORE_EMPTY, ratio, note, raw)
                : Outcome.unsound(Figure.RESTORE_EMPTY, ratio, note + "; not all entries were restored", raw);
        return new Taken(outcome, seconds);
    }

    private static void copy(Path folder, Path to) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(folder)) {
            // a folder comes before what it holds
            all = files.toList();
        }
        for (Path file : all) {
            Files.copy(file, to.resolve(folder.relativize(file).toString()));
        }
    }
}
