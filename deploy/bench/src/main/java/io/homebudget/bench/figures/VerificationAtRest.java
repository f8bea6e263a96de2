package io.homebudget.bench.figures;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.bench.baseline.RealTable;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.ProcessMemory;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.bench.statistics.Rounds;
import io.homebudget.ledger.phase.Phase;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A full verification of 1,000,000 entries in {@code DUAL_WRITE} while nobody writes, the JSON store's files included, against one
 * SQL scan that computes the MD5 of every row; and what migration-service holds in memory at most meanwhile.
 */
public final class VerificationAtRest implements Measurement {

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.VERIFICATION_AT_REST, Figure.MEMORY_MIGRATION);
    }

    @Override
    public Set<Size> stacks() {
        return EnumSet.of(Size.MILLION);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack stack = stacks.of(Size.MILLION);
        stack.expense().moveTo(Phase.DUAL_WRITE);
        RealTable table = RealTable.find(stack.postgres());
        Rounds rounds = new Rounds();
        JsonNode last = null;
        for (int i = 0; i < pace.baselines(); i++) {
            rounds.add("scan", table.secondsToScan());
            long start = System.nanoTime();
            last = VerificationRatio.verify(stack.migration());
            rounds.add("verification", (System.nanoTime() - start) / 1e9);
            rounds.add("scan", table.secondsToScan());
        }
        ProcessMemory memory = stack.migrationMemory();
        double peak = memory.peakMb();
        boolean whole = last.path("compared").asLong() >= Size.MILLION.entries()
                && last.path("differences").asLong(-1) == 0;
        List<Outcome> outcomes = new ArrayList<>();
        if (wanted.contains(Figure.VERIFICATION_AT_REST)) {
            double ratio = rounds.ratio("verification", "scan");
            String note = String.format(
                    Locale.ROOT,
                    "%.1f s, scan %.2f s; differences %s",
                    rounds.median("verification"),
                    rounds.median("scan"),
                    last.path("differences").asText("?"));
            Map<String, Object> raw = Map.of("seconds", rounds.raw(), "last", last);
            outcomes.add(
                    whole
                            ? Outcome.of(Figure.VERIFICATION_AT_REST, ratio, note, raw)
                            : Outcome.unsound(Figure.VERIFICATION_AT_REST, ratio, note, raw));
        }
        if (wanted.contains(Figure.MEMORY_MIGRATION)) {
            String note = String.format(
                    Locale.ROOT,
                    "at most since the start, verifications of 1,000,000 included; %s",
                    memory.heapOptions());
            outcomes.add(Outcome.of(Figure.MEMORY_MIGRATION, peak, note, Map.of("peak_mb", peak)));
        }
        return outcomes;
    }
}
