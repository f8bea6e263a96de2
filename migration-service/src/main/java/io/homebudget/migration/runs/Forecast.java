package io.homebudget.migration.runs;

import io.homebudget.ledger.internal.LedgerState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a run would take, from the last one of the same way or, where there is none, from stated assumptions. Pure. */
final class Forecast {
    /** Rows a second on a small machine; the first real run replaces this. */
    private static final double FILLED_PER_SECOND = 50_000;

    private static final double COMPARED_PER_SECOND = 150_000;

    /** What a step takes that does not depend on the number of entries. */
    private static final double EACH_STEP_SECONDS = 0.3;

    /** An entry with its change, in table, indexes and log. */
    private static final long BYTES_PER_ENTRY = 900;

    private Forecast() {}

    static Map<String, Object> of(LedgerState state, List<StepName> plan, Optional<RunBook.Entry> before) {
        long entries = state.entries() == null || state.phase() == null
                ? 0
                : Optional.ofNullable(
                                state.entries().get(state.phase().primary().word()))
                        .orElse(0L);
        List<Map<String, Object>> steps = new ArrayList<>();
        double seconds = 0;
        for (StepName name : plan) {
            double expected = EACH_STEP_SECONDS;
            if (name == StepName.BACKFILL) {
                expected += entries / paceOf(before, name).orElse(FILLED_PER_SECOND);
            } else if (name == StepName.VERIFICATION) {
                expected += entries / paceOf(before, name).orElse(COMPARED_PER_SECOND);
            }
            seconds += expected;
            Map<String, Object> step = new LinkedHashMap<>();
            step.put("name", name.word());
            step.put("seconds", Math.round(expected * 10) / 10d);
            steps.add(step);
        }
        boolean fills = plan.contains(StepName.BACKFILL);
        Map<String, Object> forecast = new LinkedHashMap<>();
        forecast.put("seconds", Math.round(seconds * 10) / 10d);
        forecast.put("steps", steps);
        forecast.put("entries", entries);
        forecast.put("rows_to_copy", fills ? entries : 0);
        forecast.put("disk_bytes", fills ? entries * BYTES_PER_ENTRY : 0);
        forecast.put("rejected", state.rejected());
        forecast.put("conflicts", state.orphans());
        forecast.put(
                "based_on",
                before.map(entry -> "run " + entry.run().id)
                        .orElse("assumptions: " + (long) FILLED_PER_SECOND + " rows/s filled, "
                                + (long) COMPARED_PER_SECOND + " entries/s compared"));
        return forecast;
    }

    private static Optional<Double> paceOf(Optional<RunBook.Entry> before, StepName name) {
        return before.flatMap(entry -> entry.steps().stream()
                .filter(step -> step.nameOf() == name && step.total > 0 && step.finishedAt != null)
                .findFirst()
                .map(step -> step.total / Math.max(0.1, step.seconds(step.finishedAt))));
    }
}
