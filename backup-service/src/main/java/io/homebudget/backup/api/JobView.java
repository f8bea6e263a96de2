package io.homebudget.backup.api;

import io.homebudget.backup.jobs.Job;
import java.util.LinkedHashMap;
import java.util.Map;

/** A job as its resource shows it: the fields that every long piece of work has in this system, then its own. */
public final class JobView {
    private JobView() {}

    public static Map<String, Object> of(Job job) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", job.id().toString());
        view.put("type", job.type());
        view.put("state", job.state().word());
        view.put("percent", job.percent());
        view.put("doing", job.doing());
        view.put("created_at", job.createdAt());
        view.put("started_at", job.startedAt());
        view.put("finished_at", job.finishedAt());
        view.put("error", job.error());
        view.put("actor", job.actor());
        view.put("reason", job.reason());
        job.result().forEach(view::putIfAbsent);
        return view;
    }
}
