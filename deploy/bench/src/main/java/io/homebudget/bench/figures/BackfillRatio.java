package io.homebudget.bench.figures;

import io.homebudget.bench.baseline.RealTable;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.ExpenseLedger;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.bench.statistics.Rounds;
import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.phase.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The first backfill of an empty PostgreSQL from a JSON store of 1,000,000 entries, from the call until it says
 * {@code succeeded}, against COPY of the rows it left into an empty table with the same columns and indexes.
 *
 * <p>There is one backfill per stack, since a second one would find its rows already there; COPY is the median of several.
 */
public final class BackfillRatio implements Measurement {

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.BACKFILL);
    }

    @Override
    public Set<Size> stacks() {
        return EnumSet.of(Size.MILLION);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack stack = stacks.of(Size.MILLION);
        ExpenseLedger ledger = stack.expense();
        if (ledger.state().phase() != Phase.JSON_ONLY) {
            return List.of(Outcome.notMeasured(Figure.BACKFILL, "the stack has left JSON_ONLY already"));
        }
        // a ledger that is told to Kafka for the first time shares the processors with nothing on the other side
        ledger.settle();
        ledger.change(Phase.DUAL_WRITE);
        double seconds = ledger.backfill();
        BackfillState state = ledger.backfillState();
        ledger.settle();

        RealTable table = RealTable.find(stack.postgres());
        long rows = table.rows();
        Path dump = stacks.work().resolve("rows.copy");
        table.dump(dump);
        Rounds copies = new Rounds();
        for (int i = 0; i < pace.baselines(); i++) {
            copies.add("copy", table.secondsToCopy(dump));
        }
        Files.delete(dump);

        String note = String.format(
                Locale.ROOT,
                "%,d entries in %.1f s (the service says %.1f s), COPY %.1f s",
                rows,
                seconds,
                state.seconds(),
                copies.median("copy"));
        Map<String, Object> raw = Map.of(
                "backfill_seconds",
                seconds,
                "reported",
                state,
                "rows",
                rows,
                "copy_seconds",
                copies.raw(),
                "table",
                table.columns());
        double ratio = seconds / copies.median("copy");
        return List.of(
                state.total() >= Size.MILLION.entries()
                        ? Outcome.of(Figure.BACKFILL, ratio, note, raw)
                        : Outcome.unsound(Figure.BACKFILL, ratio, note + "; not all entries were in the image", raw));
    }
}
