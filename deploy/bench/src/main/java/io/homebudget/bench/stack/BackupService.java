package io.homebudget.bench.stack;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Orders jobs of backup-service with the operator's token, as a person does. A job that failed is an exception with the job's own
 * words, whoever asks for it.
 */
public final class BackupService {
    private static final String SNAPSHOTS = "/api/v1/backups";
    private static final String JOBS = "/api/v1/backup-jobs";
    /** A million entries on a slow machine; a job that takes longer is stuck. */
    private static final Duration LIMIT = Duration.ofMinutes(15);

    private final Http http;

    BackupService(Http http) {
        this.http = http;
    }

    /** @return the job's id */
    public String orderSnapshot() {
        return http.post(SNAPSHOTS, Map.of("comment", "measuring")).path("id").asText();
    }

    /**
     * Of the expenses alone, in whatever store rules them: an installation is new for a kind that holds nothing.
     *
     * @return the job's id
     */
    public String orderRestore(String snapshot) {
        return http.post(
                        SNAPSHOTS + "/" + snapshot + "/restore",
                        Map.of("consent", true, "store", "both", "kind", "expense", "reason", "measuring"))
                .path("id")
                .asText();
    }

    /** Whether a job is over; it has then succeeded. */
    public boolean over(String job) {
        return isOver(job(job));
    }

    /** Waits until a job has succeeded. @return what it tells of itself */
    public JsonNode end(String job) {
        JsonNode[] last = new JsonNode[1];
        Patience.until("backup-service's job " + job + " is over", LIMIT, () -> {
            last[0] = job(job);
            return isOver(last[0]);
        });
        return last[0];
    }

    /** Waits until nobody, the schedule included, has anything under way: a job waits for the one before it. */
    public void settle() {
        Patience.until("backup-service is idle", LIMIT, () -> {
            for (JsonNode job : http.get(JOBS, JsonNode.class).path("items")) {
                if (Set.of("queued", "running").contains(job.path("state").asText())) {
                    return false;
                }
            }
            return true;
        });
    }

    private JsonNode job(String id) {
        return http.get(JOBS + "/" + id, JsonNode.class);
    }

    private static boolean isOver(JsonNode job) {
        String state = job.path("state").asText();
        return switch (state) {
            case "succeeded" -> true;
            case "queued", "running" -> false;
            default ->
                throw new IllegalStateException(
                        "backup-service's " + job.path("type").asText("job") + " is " + state + ": "
                                + job.path("error").asText());
        };
    }
}
