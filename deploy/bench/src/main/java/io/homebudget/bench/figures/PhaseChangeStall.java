package io.homebudget.bench.figures;

import io.homebudget.bench.load.HttpLoad;
import io.homebudget.bench.load.LoadResult;
import io.homebudget.bench.load.Scenario;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.ExpenseLedger;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Patience;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Phase;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The longest time that any of 500 creates/s took while a phase changed, over all six changes from {@code JSON_ONLY} to
 * {@code DATABASE_ONLY} and back. The load is open, so requests keep coming while writers are held, each with its own wait.
 * The backfill that follows a change into a dual phase lies within the window too: clients do not care whose fault a stall is.
 */
public final class PhaseChangeStall implements Measurement {
    private static final int WRITES_PER_SECOND = 500;

    /** More than what piles up within 1 s, the longest that a phase change may hold writers. */
    private static final int CONNECTIONS = 600;

    private static final int WINDOW_SECONDS = 8;
    private static final int QUICK_WINDOW_SECONDS = 5;
    private static final long QUIET_BEFORE_MILLIS = 2_500;

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.STALL);
    }

    @Override
    public Set<Size> stacks() {
        return EnumSet.of(Size.HUNDRED_THOUSAND);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack stack = stacks.of(Size.HUNDRED_THOUSAND);
        ExpenseLedger ledger = stack.expense();
        int seconds = pace.quick() ? QUICK_WINDOW_SECONDS : WINDOW_SECONDS;
        ledger.moveTo(Phase.JSON_ONLY);
        load(stack, seconds);
        double undisturbed = load(stack, seconds).maxMillis();
        Map<String, Object> raw = new LinkedHashMap<>();
        raw.put("undisturbed_max_ms", undisturbed);
        double worst = 0;
        String where = "";
        long failed = 0;
        double blocked = 0;
        Phase from = Phase.JSON_ONLY;
        for (Phase to : List.of(
                Phase.DUAL_WRITE,
                Phase.DATABASE_READS,
                Phase.DATABASE_ONLY,
                Phase.DATABASE_READS,
                Phase.DUAL_WRITE,
                Phase.JSON_ONLY)) {
            CompletableFuture<LoadResult> load = CompletableFuture.supplyAsync(() -> load(stack, seconds));
            Patience.pause(QUIET_BEFORE_MILLIS);
            PhaseChange.Done done = ledger.change(to);
            ledger.fillFollower();
            LoadResult result = load.get();
            ledger.settle();
            String step = from + " -> " + to;
            raw.put(
                    step,
                    Map.of(
                            "max_ms", result.maxMillis(),
                            "p99_ms", result.millisAt(99),
                            "held_ms", done.heldMillis(),
                            "failed", result.failed(),
                            "blocked_ms", result.blockedMillis()));
            failed += result.failed();
            blocked += result.blockedMillis();
            if (result.maxMillis() > worst) {
                worst = result.maxMillis();
                where = step + ", held " + done.heldMillis() + " ms";
            }
            from = to;
        }
        String note = String.format(
                Locale.ROOT,
                "in %s; without a phase change %.0f ms; %d requests failed; %.0f ms waited for connections",
                where,
                undisturbed,
                failed,
                blocked);
        return List.of(
                failed == 0
                        ? Outcome.of(Figure.STALL, worst, note, raw)
                        : Outcome.unsound(Figure.STALL, worst, note, raw));
    }

    private static LoadResult load(LocalStack stack, int seconds) {
        return HttpLoad.run(Scenario.open(stack.expensePort(), CONNECTIONS, seconds, Pace.BODIES)
                .creates(WRITES_PER_SECOND));
    }
}
