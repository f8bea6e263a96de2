package io.homebudget.migration.verify;

import java.util.LinkedHashMap;
import java.util.Map;

/** A verification as callers see it. */
public final class VerificationView {
    private VerificationView() {}

    public static Map<String, Object> of(VerificationRow row) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", row.id);
        view.put("kind", row.kind);
        view.put("state", row.state);
        view.put("percent", percent(row));
        view.put("compared", row.running() ? row.done : row.compared);
        view.put("total", row.total);
        view.put("differences", row.differences);
        view.put("dismissed", row.dismissed);
        view.put("false_alarms_dropped", row.falseAlarmsDropped);
        view.put("entries_read", row.entriesRead);
        view.put("seconds", row.seconds);
        view.put("verified_through", row.verifiedThrough);
        view.put("started_at", row.startedAt);
        view.put("finished_at", row.finishedAt);
        view.put("error", row.error);
        view.put("actor", row.actor);
        view.put("reason", row.reason);
        view.put("run_id", row.runId);
        return view;
    }

    private static int percent(VerificationRow row) {
        if (!row.running()) {
            return 100;
        }
        return row.total == 0 ? 0 : (int) Math.min(99, 100 * row.done / row.total);
    }
}
