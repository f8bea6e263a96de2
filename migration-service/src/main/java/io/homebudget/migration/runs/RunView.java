package io.homebudget.migration.runs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** A run as callers see it. Pure functions. */
public final class RunView {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunView() {}

    public static Map<String, Object> of(RunBook.Entry entry, Instant now) {
        Run run = entry.run();
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", run.id);
        view.put("kind", run.kind);
        view.put("from", run.fromPhase);
        view.put("target", run.target);
        view.put("state", run.state);
        view.put("percent", percent(entry));
        view.put("dry_run", run.dryRun);
        view.put("cancel_requested", run.cancelRequested);
        view.put("created_at", run.createdAt);
        view.put("started_at", run.startedAt);
        view.put("finished_at", run.finishedAt);
        view.put("error", run.error);
        view.put("waiting_for", run.waitingFor);
        view.put("actor", run.actor);
        view.put("reason", run.reason);
        view.put("done", run.done);
        view.put("total", run.total);
        view.put("rate_per_second", Math.round(run.ratePerSecond * 10) / 10d);
        view.put("eta_seconds", eta(run));
        view.put("rejected", run.rejected);
        view.put("archive", run.archive);
        view.put("steps", entry.steps().stream().map(step -> step(step, now)).toList());
        if (run.forecast != null) {
            view.put("forecast", tree(run.forecast));
        }
        return view;
    }

    /** A run of both kinds: as far as the slower one, and as good as the worse one. */
    public static Map<String, Object> ofBatch(List<RunBook.Entry> entries, Instant now) {
        List<Map<String, Object>> runs =
                entries.stream().map(entry -> of(entry, now)).toList();
        Map<String, Object> view = new LinkedHashMap<>(runs.get(0));
        view.put("id", entries.get(0).run().batchId);
        view.put("kind", "all");
        view.put("state", stateOf(entries).word());
        view.put(
                "percent",
                runs.stream().mapToInt(run -> (int) run.get("percent")).min().orElse(0));
        view.put("done", entries.stream().mapToLong(entry -> entry.run().done).sum());
        view.put("total", entries.stream().mapToLong(entry -> entry.run().total).sum());
        view.put(
                "rejected",
                entries.stream().mapToLong(entry -> entry.run().rejected).sum());
        view.put("error", joined(entries, run -> run.error));
        view.put("waiting_for", joined(entries, run -> run.waitingFor));
        boolean over = entries.stream().noneMatch(entry -> entry.run().stateOf().active());
        view.put(
                "finished_at",
                !over
                        ? null
                        : entries.stream()
                                .map(entry -> entry.run().finishedAt)
                                .filter(Objects::nonNull)
                                .max(Instant::compareTo)
                                .orElse(null));
        List<Object> steps = new ArrayList<>();
        for (Map<String, Object> run : runs) {
            for (Object step : (List<?>) run.get("steps")) {
                Map<String, Object> named = new LinkedHashMap<>();
                named.put("kind", run.get("kind"));
                ((Map<?, ?>) step).forEach((key, value) -> named.put((String) key, value));
                steps.add(named);
            }
        }
        view.put("steps", steps);
        view.put("runs", runs);
        return view;
    }

    private static RunState stateOf(List<RunBook.Entry> entries) {
        List<RunState> states =
                entries.stream().map(entry -> entry.run().stateOf()).toList();
        for (RunState first : List.of(RunState.RUNNING, RunState.QUEUED, RunState.FAILED, RunState.CANCELLED)) {
            if (states.contains(first)) {
                return first;
            }
        }
        return RunState.SUCCEEDED;
    }

    private static String joined(List<RunBook.Entry> entries, Function<Run, String> part) {
        List<String> parts = entries.stream()
                .filter(entry -> part.apply(entry.run()) != null)
                .map(entry -> entry.run().kind + ": " + part.apply(entry.run()))
                .toList();
        return parts.isEmpty() ? null : String.join("; ", parts);
    }

    private static Map<String, Object> step(Step step, Instant now) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", step.name);
        view.put("state", step.state);
        view.put("started", step.startedAt);
        view.put("finished", step.finishedAt);
        view.put("seconds", step.seconds(now));
        view.put("detail", step.detail);
        view.put("done", step.done);
        view.put("total", step.total);
        return view;
    }

    /** Whole steps plus the share of the one under way; never above 100, and 100 only at a good end. */
    public static int percent(RunBook.Entry entry) {
        if (entry.run().stateOf() == RunState.SUCCEEDED) {
            return 100;
        }
        double whole = 0;
        for (Step step : entry.steps()) {
            if (Step.DONE.equals(step.state) || Step.SKIPPED.equals(step.state)) {
                whole += 1;
            } else if (step.total > 0) {
                whole += Math.min(1, (double) step.done / step.total);
            }
        }
        return entry.steps().isEmpty()
                ? 0
                : (int) Math.min(99, 100 * whole / entry.steps().size());
    }

    private static Double eta(Run run) {
        if (!run.stateOf().active() || run.ratePerSecond <= 0 || run.total <= 0) {
            return null;
        }
        return Math.round(10 * (run.total - run.done) / run.ratePerSecond) / 10d;
    }

    private static Object tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored forecast is not JSON", e);
        }
    }
}
