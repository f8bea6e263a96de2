package io.homebudget.local.move;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Follows what takes long (202, then a resource with state and percent) to its end, across restarts of its service. */
public final class Jobs {
    private static final long ASK_EVERY_MILLIS = 250;
    /** A killed service is back within seconds; jobs are persisted and go on. */
    private static final Duration ABSENCE_LIMIT = Duration.ofSeconds(90);

    private final JsonHttp http;
    private final ProgressLine progress;

    public Jobs(JsonHttp http, ProgressLine progress) {
        this.http = http;
        this.progress = progress;
    }

    /** @return the resource in its final state: succeeded, failed or cancelled */
    public JsonNode follow(String label, String path) throws Stopped, InterruptedException {
        long absentSince = 0;
        while (true) {
            String trouble;
            try {
                Answer answer = http.get(path);
                if (answer.ok()) {
                    absentSince = 0;
                    JsonNode job = answer.json();
                    switch (job.path("state").asText()) {
                        case "succeeded", "failed", "cancelled" -> {
                            return job;
                        }
                        default -> progress.update(label, job.path("percent").asDouble(-1), text(job));
                    }
                    TimeUnit.MILLISECONDS.sleep(ASK_EVERY_MILLIS);
                    continue;
                }
                trouble = answer.reason();
                if (answer.status() < 500 && answer.status() != 404 && answer.status() != 429) {
                    throw new Stopped(label + ": asking for " + path + " was refused: " + trouble);
                }
            } catch (IOException e) {
                trouble = "no answer";
            }
            long now = System.nanoTime();
            absentSince = absentSince == 0 ? now : absentSince;
            if (now - absentSince > ABSENCE_LIMIT.toNanos()) {
                throw new Stopped(label + ": " + path + " cannot be read for " + ABSENCE_LIMIT.toSeconds() + " s ("
                        + trouble + ")");
            }
            progress.update(label, -1, "waiting (" + trouble + ")");
            TimeUnit.MILLISECONDS.sleep(4 * ASK_EVERY_MILLIS);
        }
    }

    private static String text(JsonNode job) {
        StringBuilder text = new StringBuilder(job.path("state").asText("running"));
        if (job.path("doing").isTextual()) {
            text.append(", ").append(job.path("doing").asText());
        }
        for (JsonNode step : job.path("steps")) {
            if (step.hasNonNull("started") && !step.hasNonNull("finished")) {
                text.append(", ").append(step.path("name").asText(""));
            }
        }
        if (job.path("total").asLong() > 0) {
            text.append(", ")
                    .append(job.path("done").asLong())
                    .append(" of ")
                    .append(job.path("total").asLong());
        }
        if (job.path("waiting_for").isTextual()) {
            text.append(", waiting for ").append(job.path("waiting_for").asText());
        }
        if (job.path("rate_per_second").asDouble() > 0) {
            text.append(String.format(
                    Locale.ROOT, ", %.0f/s", job.path("rate_per_second").asDouble()));
        }
        if (job.hasNonNull("eta_seconds")) {
            text.append(String.format(
                    Locale.ROOT, ", about %.0f s to go", job.path("eta_seconds").asDouble()));
        }
        return text.toString();
    }

    /** Why a job ended otherwise than well. */
    static String error(JsonNode job) {
        JsonNode error = job.path("error");
        if (error.isObject()) {
            return error.path("detail").asText(error.path("message").asText(error.toString()));
        }
        return error.asText(job.path("state").asText());
    }
}
