package io.homebudget.migration.runs;

import io.homebudget.ledger.internal.LedgerState;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a run would take. Each step by what the same step took in the last run of the same way, in proportion to the entries;
 * where there was none, by what was measured of this PostgreSQL, and where that failed too, by stated assumptions. Pure.
 */
final class Forecast {
    /** Rows a second on a small machine; only where nothing could be measured. */
    private static final PaceProbe.Pace ASSUMED = new PaceProbe.Pace(35_000, 150_000, 60_000, 100_000);

    /** What a step takes that does not depend on the number of entries. */
    private static final double EACH_STEP_SECONDS = 0.3;

    /** Two jobs of backup-service, each looked at in turn. */
    private static final double EACH_SNAPSHOT_SECONDS = 1;

    /** An entry with its change, in table, indexes and log. */
    private static final long BYTES_PER_ENTRY = 900;

    private static final Set<StepName> GROWING =
            Set.of(StepName.BACKFILL, StepName.VERIFICATION, StepName.SNAPSHOT, StepName.ARCHIVE);

    private final long entries;
    private final Optional<RunBook.Entry> before;
    private final PaceProbe.Pace pace;
    private final long inSnapshot;

    private Forecast(long entries, Optional<RunBook.Entry> before, PaceProbe.Pace pace, long inSnapshot) {
        this.entries = entries;
        this.inSnapshot = inSnapshot;
        this.before = before;
        this.pace = pace;
    }

    /**
     * @param measured empty where PostgreSQL could not be measured
     * @param inSnapshot entries that a snapshot holds, those of the other kind and store included; 0 where none is made
     */
    static Map<String, Object> of(
            LedgerState state,
            List<StepName> plan,
            Optional<RunBook.Entry> before,
            Optional<PaceProbe.Pace> measured,
            long inSnapshot) {
        return new Forecast(entries(state), before, measured.orElse(ASSUMED), inSnapshot)
                .told(state, plan, measured.isPresent());
    }

    private static long entries(LedgerState state) {
        return state.entries() == null || state.phase() == null
                ? 0
                : Optional.ofNullable(
                                state.entries().get(state.phase().primary().word()))
                        .orElse(0L);
    }

    private Map<String, Object> told(LedgerState state, List<StepName> plan, boolean measured) {
        List<Map<String, Object>> steps = new ArrayList<>();
        Map<StepName, Integer> seen = new EnumMap<>(StepName.class);
        double seconds = 0;
        for (StepName name : plan) {
            double expected = lastTime(name, seen.merge(name, 1, Integer::sum)).orElseGet(() -> byPace(name));
            seconds += expected;
            Map<String, Object> step = new LinkedHashMap<>();
            step.put("name", name.word());
            step.put("seconds", rounded(expected));
            steps.add(step);
        }
        boolean fills = plan.contains(StepName.BACKFILL);
        Map<String, Object> forecast = new LinkedHashMap<>();
        forecast.put("seconds", rounded(seconds));
        forecast.put("steps", steps);
        forecast.put("entries", entries);
        forecast.put("rows_to_copy", fills ? entries : 0);
        forecast.put("disk_bytes", fills ? entries * BYTES_PER_ENTRY : 0);
        forecast.put("rejected", state.rejected());
        forecast.put("conflicts", state.orphans());
        forecast.put("based_on", basis(measured));
        forecast.put("snapshot_included", plan.contains(StepName.SNAPSHOT) && (before.isPresent() || inSnapshot > 0));
        return forecast;
    }

    private String basis(boolean measured) {
        String rates = (long) pace.filled() + " rows/s filled, " + (long) pace.compared() + " entries/s compared";
        return before.map(entry -> "run " + entry.run().id + " of the same way")
                .orElse(measured ? "a measurement of this PostgreSQL just now: " + rates : "assumptions: " + rates);
    }

    /** What the step took the last time, in proportion; @param occurrence the first or the second of its name */
    private Optional<Double> lastTime(StepName name, int occurrence) {
        return before.flatMap(entry -> entry.steps().stream()
                .filter(step -> step.nameOf() == name && step.finishedAt != null)
                .skip(occurrence - 1L)
                .findFirst()
                .map(step -> {
                    double took = step.seconds(step.finishedAt);
                    long size = sizeOf(entry);
                    return GROWING.contains(name) && size > 0 && took > EACH_STEP_SECONDS
                            ? EACH_STEP_SECONDS + (took - EACH_STEP_SECONDS) * entries / size
                            : took;
                }));
    }

    private static long sizeOf(RunBook.Entry entry) {
        return entry.steps().stream()
                .filter(step -> step.nameOf() == StepName.VERIFICATION || step.nameOf() == StepName.BACKFILL)
                .mapToLong(step -> step.total)
                .max()
                .orElse(0);
    }

    private double byPace(StepName name) {
        return switch (name) {
            case BACKFILL -> EACH_STEP_SECONDS + entries / pace.filled();
            case SNAPSHOT -> inSnapshot == 0 ? 0 : EACH_SNAPSHOT_SECONDS + inSnapshot / pace.kept();
            case VERIFICATION -> EACH_STEP_SECONDS + entries / pace.compared();
            case ARCHIVE -> EACH_STEP_SECONDS + entries / pace.packed();
            default -> EACH_STEP_SECONDS;
        };
    }

    private static double rounded(double seconds) {
        return Math.round(seconds * 10) / 10d;
    }
}
