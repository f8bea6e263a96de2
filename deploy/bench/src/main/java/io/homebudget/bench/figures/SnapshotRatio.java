package io.homebudget.bench.figures;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.bench.baseline.RealTable;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.BackupService;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.bench.statistics.Rounds;
import io.homebudget.ledger.phase.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A snapshot of a ledger of 1,000,000 entries that PostgreSQL rules, from the order until the job has succeeded: read, packed, read
 * back from the disk, proven and listed. Against COPY TO STDOUT of the same tables through the same packer. Nobody writes.
 */
public final class SnapshotRatio implements Measurement {

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.SNAPSHOT);
    }

    @Override
    public Set<Size> stacks() {
        return EnumSet.of(Size.MILLION);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack stack = stacks.of(Size.MILLION);
        stack.expense().moveTo(Phase.DATABASE_ONLY);
        BackupService backup = stack.backup();
        backup.settle();
        RealTable table = RealTable.find(stack.postgres());
        long rows = table.rows();
        Path packed = stacks.work().resolve("packed.copy.zst");
        Rounds rounds = new Rounds();
        JsonNode last = null;
        for (int i = 0; i < pace.baselines(); i++) {
            rounds.add("copy", table.secondsToPack(packed));
            long start = System.nanoTime();
            last = backup.end(backup.orderSnapshot());
            rounds.add("snapshot", (System.nanoTime() - start) / 1e9);
            rounds.add("copy", table.secondsToPack(packed));
        }
        long copyBytes = Files.size(packed);
        Files.delete(packed);

        String note = String.format(
                Locale.ROOT,
                "%,d entries in %.1f s, %,d bytes; COPY %.1f s, %,d bytes; rounds differ by %.0f %% and %.0f %%",
                last.path("entries").asLong(),
                rounds.median("snapshot"),
                last.path("bytes").asLong(),
                rounds.median("copy"),
                copyBytes,
                100 * rounds.spread("snapshot"),
                100 * rounds.spread("copy"));
        Map<String, Object> raw = Map.of("seconds", rounds.raw(), "rows", rows, "last", last, "copy_bytes", copyBytes);
        double ratio = rounds.ratio("snapshot", "copy");
        boolean whole = rows >= Size.MILLION.entries() && last.path("entries").asLong() >= rows;
        return List.of(
                whole
                        ? Outcome.of(Figure.SNAPSHOT, ratio, note, raw)
                        : Outcome.unsound(Figure.SNAPSHOT, ratio, note + "; not all entries were in it", raw));
    }
}
