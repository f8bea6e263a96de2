package io.homebudget.migration.imports;

import io.homebudget.ledger.entry.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An import as callers see it. Pure functions. */
final class ImportView {
    private ImportView() {}

    static Map<String, Object> of(ImportRow row, Instant now) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", row.id);
        view.put("kind", row.kind);
        view.put("format", row.format);
        view.put("state", row.state);
        view.put("percent", percent(row));
        view.put("done", row.done);
        view.put("total", row.total);
        view.put("accepted", row.accepted);
        view.put("rejected", row.rejected);
        view.put("renumbered", row.renumbered);
        view.put("ignored_columns", ignored(row));
        view.put("rate_per_second", rate(row, now));
        view.put("waiting_for", row.waitingFor);
        view.put("error", row.error);
        view.put("cancel_requested", row.cancelRequested);
        view.put("created_at", row.createdAt);
        view.put("started_at", row.startedAt);
        view.put("finished_at", row.finishedAt);
        view.put("actor", row.actor);
        view.put("reason", row.reason);
        return view;
    }

    /** Never above 100, and 100 only at a good end. */
    static int percent(ImportRow row) {
        if ("succeeded".equals(row.state)) {
            return 100;
        }
        return row.total == null || row.total == 0 ? 0 : (int) Math.min(99, 100 * row.done / row.total);
    }

    static List<String> columns(ImportRow row) {
        return row.columns == null ? List.of() : List.of(row.columns.split("\n", -1));
    }

    private static List<String> ignored(ImportRow row) {
        return columns(row).stream()
                .filter(name -> !name.equals("id"))
                .filter(name -> Arrays.stream(Field.values())
                        .noneMatch(field -> field.key().equals(name)))
                .toList();
    }

    private static double rate(ImportRow row, Instant now) {
        if (row.startedAt == null) {
            return 0;
        }
        double seconds = Duration.between(row.startedAt, row.finishedAt == null ? now : row.finishedAt)
                        .toMillis()
                / 1e3;
        return seconds <= 0 ? 0 : Math.round(10 * row.done / seconds) / 10d;
    }
}
