package io.homebudget.migration.runs;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.StoreName;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a run would take. Each step by what the same step took in the last run of the same way, in proportion to the entries;
 * where there was none, or it was far from what is known of now: a snapshot by the last snapshot, a verification by the last
 * verification, everything else by what was measured of this PostgreSQL, and where that failed too, by stated assumptions. Pure.
 *
 * <p>{@code disk_bytes} is what the filled table and its indexes take, for entries with notes of ordinary length: not the log that
 * PostgreSQL writes ahead, nor the snapshot. Whether there is room for those too is for the gate to say, which asks for more.
 */
final class Forecast {
    /**
     * Rows a second on a small machine, and what a row of ordinary length takes in table and indexes ({@code
     * DiskSpace.BYTES_PER_ENTRY} counts its change and the log too); only where nothing could be measured.
     */
    private static final PaceProbe.Pace ASSUMED = new PaceProbe.Pace(35_000, 150_000, 200_000, 100_000, 400);

    /** What a step takes that does not depend on the number of entries. */
    private static final double EACH_STEP_SECONDS = 0.3;

    /** Two jobs of backup-service, each looked at in turn. */
    private static final double EACH_SNAPSHOT_SECONDS = 1;

    private static final Set<StepName> GROWING =
            Set.of(StepName.BACKFILL, StepName.VERIFICATION, StepName.SNAPSHOT, StepName.ARCHIVE);

    /** A last run that is off by more than this factor from what is known of now was cold or disturbed, or the machine has changed. */
    private static final double FAR = 2;

    /** What is less apart is not worth a doubt. */
    private static final double NEAR_SECONDS = 1;

    private final LedgerState state;
    private final List<StepName> plan;
    private final long entries;
    private final Evidence evidence;
    private final PaceProbe.Pace pace;
    private final Optional<Evidence.Entries> held;
    private final Optional<Evidence.Kept> kept;
    private final Optional<Evidence.Compared> compared;

    private Forecast(LedgerState state, List<StepName> plan, Evidence evidence) {
        this.state = state;
        this.plan = plan;
        this.entries = entries(state);
        this.evidence = evidence;
        this.pace = evidence.measured().orElse(ASSUMED);
        this.held = evidence.held();
        this.kept = evidence.kept()
                .filter(last -> held.isPresent() && last.tells(held.get()) && evidence.sinceBefore(last.endedAt()));
        this.compared = evidence.compared().filter(last -> last.tells(entries) && evidence.sinceBefore(last.endedAt()));
    }

    static Map<String, Object> of(LedgerState state, List<StepName> plan, Evidence evidence) {
        return new Forecast(state, plan, evidence).told();
    }

    private static long entries(LedgerState state) {
        return state.entries() == null || state.phase() == null
                ? 0
                : Optional.ofNullable(
                                state.entries().get(state.phase().primary().word()))
                        .orElse(0L);
    }

    private Map<String, Object> told() {
        List<Map<String, Object>> steps = new ArrayList<>();
        Set<StepName> doubted = EnumSet.noneOf(StepName.class);
        Map<StepName, Integer> seen = new EnumMap<>(StepName.class);
        double seconds = 0;
        for (StepName name : plan) {
            Optional<Double> last = lastTime(name, seen.merge(name, 1, Integer::sum));
            if (last.isPresent() && far(name, last.get())) {
                doubted.add(name);
                last = Optional.empty();
            }
            double expected = last.orElseGet(() -> byPace(name));
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
        forecast.put("disk_bytes", fills ? Math.round(entries * pace.bytes()) : 0);
        forecast.put("rejected", state.rejected());
        forecast.put("conflicts", state.orphans());
        forecast.put("based_on", basis(doubted));
        forecast.put("snapshot_included", plan.contains(StepName.SNAPSHOT) && held.isPresent());
        return forecast;
    }

    private String basis(Set<StepName> doubted) {
        return evidence.before()
                .map(entry -> "run " + entry.run().id + " of the same way"
                        + (doubted.isEmpty()
                                ? ""
                                : ", except " + words(doubted) + ", where it took far from what is known of now: by "
                                        + known(doubted)))
                .orElseGet(() -> known(EnumSet.copyOf(plan)));
    }

    private String known(Set<StepName> steps) {
        StringBuilder text = new StringBuilder();
        if (kept.isPresent() && steps.contains(StepName.SNAPSHOT)) {
            text.append("the last snapshot, ")
                    .append(rounded(kept.get().seconds()))
                    .append(" s, ");
        }
        if (compared.isPresent() && steps.contains(StepName.VERIFICATION)) {
            text.append("the last verification, ")
                    .append(rounded(compared.get().seconds()))
                    .append(" s, ");
        }
        return text.append(text.isEmpty() ? "" : "and ")
                .append(
                        evidence.measured().isPresent()
                                ? "a measurement of this PostgreSQL just now: "
                                : "assumptions: ")
                .append((long) pace.filled())
                .append(" rows/s filled, ")
                .append((long) pace.compared())
                .append(" entries/s compared")
                .toString();
    }

    private static String words(Set<StepName> steps) {
        return steps.stream().map(StepName::word).collect(Collectors.joining(" and "));
    }

    /** Whether the last run's seconds are not to be believed, beside what is known of now. */
    private boolean far(StepName name, double last) {
        if (!known(name)) {
            return false;
        }
        double now = byPace(name);
        return Math.abs(last - now) > NEAR_SECONDS && (last > now * FAR || last < now / FAR);
    }

    /** Whether something is known that is about what this step does on this way. */
    private boolean known(StepName name) {
        boolean measured = evidence.measured().isPresent();
        return switch (name) {
            // the JSON files are filled at a pace of their own
            case BACKFILL -> measured && state.phase().primary() == StoreName.JSON;
            // of one store alone where nothing is to catch up: back to JSON_ONLY
            case VERIFICATION -> (measured || compared.isPresent()) && plan.contains(StepName.CATCH_UP);
            case SNAPSHOT -> held.isPresent() && (measured || kept.isPresent());
            case ARCHIVE -> measured;
            default -> false;
        };
    }

    /** What the step took the last time, in proportion; @param occurrence the first or the second of its name */
    private Optional<Double> lastTime(StepName name, int occurrence) {
        return evidence.before().flatMap(entry -> entry.steps().stream()
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
            case SNAPSHOT -> held.map(this::snapshot).orElse(0d);
            case VERIFICATION ->
                compared.map(last -> last.of(entries, EACH_STEP_SECONDS))
                        .orElseGet(() -> EACH_STEP_SECONDS + entries / pace.compared());
            case ARCHIVE -> EACH_STEP_SECONDS + entries / pace.packed();
            default -> EACH_STEP_SECONDS;
        };
    }

    private double snapshot(Evidence.Entries kinds) {
        return kept.map(last -> last.of(kinds, EACH_SNAPSHOT_SECONDS))
                .orElseGet(() -> EACH_SNAPSHOT_SECONDS + kinds.weight() / pace.kept());
    }

    private static double rounded(double seconds) {
        return Math.round(seconds * 10) / 10d;
    }
}
