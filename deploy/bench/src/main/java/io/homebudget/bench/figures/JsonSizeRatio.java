package io.homebudget.bench.figures;

import io.homebudget.bench.load.HttpLoad;
import io.homebudget.bench.load.LoadResult;
import io.homebudget.bench.load.Scenario;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.bench.statistics.Rounds;
import io.homebudget.ledger.phase.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Creates per second in {@code JSON_ONLY} with 1,000,000 entries, the rewriting of the array file included, against 1,000.
 * Both stacks run at the same time and take turns. The large side's window is extended until a rewritten array file was
 * renamed into place in it, because a window without one would show the cheap part only.
 */
public final class JsonSizeRatio implements Measurement {
    private static final int LONGEST_WINDOW_SECONDS = 60;

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.CREATE_JSON_MILLION);
    }

    @Override
    public Set<Size> stacks() {
        return EnumSet.of(Size.THOUSAND, Size.MILLION);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack small = stacks.of(Size.THOUSAND);
        LocalStack large = stacks.of(Size.MILLION);
        small.expense().moveTo(Phase.JSON_ONLY);
        large.expense().moveTo(Phase.JSON_ONLY);
        create(small, Pace.FIRST_WARM_UP);
        create(large, Pace.FIRST_WARM_UP);
        Rounds rounds = new Rounds();
        boolean checkpoints = true;
        int times = pace.quick() ? 1 : 2;
        for (int round = 0; round < times; round++) {
            rounds.add("thousand", create(small, pace.window()).perSecond());
            checkpoints &= untilCheckpoint(large, pace, rounds);
            rounds.add("thousand", create(small, pace.window()).perSecond());
        }
        Map<String, Object> raw = Map.of(
                "creates_per_second", rounds.raw(),
                "entries_at_end",
                        Map.of(
                                "thousand",
                                small.expense().state().entries(),
                                "million",
                                large.expense().state().entries()));
        double ratio = rounds.ratio("million", "thousand");
        String note = String.format(
                Locale.ROOT,
                "%.0f/s over %.0f/s; slowest slice with 1,000,000: %.0f/s",
                rounds.median("million"),
                rounds.median("thousand"),
                rounds.median("million_slowest_slice"));
        return List.of(
                checkpoints
                        ? Outcome.of(Figure.CREATE_JSON_MILLION, ratio, note, raw)
                        : Outcome.unsound(
                                Figure.CREATE_JSON_MILLION,
                                ratio,
                                note + "; no checkpoint within " + LONGEST_WINDOW_SECONDS + " s",
                                raw));
    }

    private static boolean untilCheckpoint(LocalStack large, Pace pace, Rounds rounds) throws IOException {
        Path array = large.expenseArray();
        Object before = version(array);
        long succeeded = 0;
        double seconds = 0;
        double slowest = Double.MAX_VALUE;
        boolean rewritten = false;
        while (!rewritten && seconds < LONGEST_WINDOW_SECONDS) {
            LoadResult slice = create(large, pace.window());
            succeeded += slice.succeeded();
            seconds += slice.seconds();
            slowest = Math.min(slowest, slice.perSecond());
            rewritten = !version(array).equals(before);
        }
        rounds.add("million", succeeded / seconds);
        rounds.add("million_slowest_slice", slowest);
        rounds.add("million_window_seconds", seconds);
        return rewritten;
    }

    /** Changes when another file is renamed into its place. */
    private static Object version(Path array) throws IOException {
        Object key = Files.readAttributes(array, BasicFileAttributes.class).fileKey();
        return List.of(String.valueOf(key), Files.getLastModifiedTime(array));
    }

    private static LoadResult create(LocalStack stack, int seconds) {
        LoadResult result = HttpLoad.run(Scenario.closed(stack.expensePort(), Pace.CLIENTS, seconds, Pace.BODIES));
        if (result.failed() > 0) {
            throw new IllegalStateException(result.failed() + " creates failed in JSON_ONLY");
        }
        return result;
    }
}
