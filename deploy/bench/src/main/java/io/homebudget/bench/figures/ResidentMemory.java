package io.homebudget.bench.figures;

import io.homebudget.bench.load.HttpLoad;
import io.homebudget.bench.load.LoadResult;
import io.homebudget.bench.load.Scenario;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.ProcessMemory;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.ledger.phase.Phase;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Resident memory of the expense service in {@code JSON_ONLY} after minutes of 500 requests/s: 200 creates, 150 reads by
 * id, 50 pages of 50 entries, 100 patches. Both sizes run at the same time: memory is read, not speed.
 */
public final class ResidentMemory implements Measurement {
    private static final int CONNECTIONS = 200;
    private static final Map<Figure, Size> SIZES =
            new EnumMap<>(Map.of(Figure.MEMORY_10K, Size.TEN_THOUSAND, Figure.MEMORY_MILLION, Size.MILLION));

    @Override
    public Set<Figure> figures() {
        return SIZES.keySet();
    }

    @Override
    public Set<Size> stacks() {
        return EnumSet.copyOf(SIZES.values());
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        Map<Figure, CompletableFuture<LoadResult>> loads = new EnumMap<>(Figure.class);
        for (Figure figure : wanted) {
            stacks.of(SIZES.get(figure)).expense().moveTo(Phase.JSON_ONLY);
        }
        for (Figure figure : wanted) {
            LocalStack stack = stacks.of(SIZES.get(figure));
            loads.put(figure, CompletableFuture.supplyAsync(() -> load(stack, SIZES.get(figure), pace)));
        }
        List<Outcome> outcomes = new ArrayList<>();
        Set<String> heaps = new TreeSet<>();
        for (Figure figure : wanted) {
            LoadResult load = loads.get(figure).get();
            ProcessMemory memory = stacks.of(SIZES.get(figure)).expenseMemory();
            double resident = memory.residentMb();
            heaps.add(memory.heapOptions());
            String note = String.format(
                    Locale.ROOT,
                    "after %d s at %.0f requests/s, %d failed, p99 %.0f ms; at most %.0f MB since the start; %s%s",
                    pace.memorySeconds(),
                    load.perSecond(),
                    load.failed(),
                    load.millisAt(99),
                    memory.peakMb(),
                    memory.heapOptions(),
                    pace.quick() ? "; shorter than asked for" : "");
            Map<String, Object> raw = Map.of(
                    "resident_mb", resident,
                    "peak_mb", memory.peakMb(),
                    "seconds", pace.memorySeconds(),
                    "requests_per_second", load.perSecond(),
                    "failed", load.failed(),
                    "heap", memory.heapOptions());
            boolean sound = load.failed() == 0 && heaps.size() == 1;
            outcomes.add(new Outcome(figure, OptionalDouble.of(resident), sound, note, raw));
        }
        return outcomes;
    }

    private static LoadResult load(LocalStack stack, Size size, Pace pace) {
        return HttpLoad.run(Scenario.open(stack.expensePort(), CONNECTIONS, pace.memorySeconds(), Pace.BODIES)
                .creates(200)
                .reads(150, size.entries())
                .pages(50)
                .patches(100, size.entries()));
    }
}
