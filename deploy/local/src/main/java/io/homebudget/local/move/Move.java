package io.homebudget.local.move;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code up --migrate}: both kinds, step by step, to DATABASE_ONLY, verified in both stores and again at the end. */
public final class Move {
    private static final String REASON = "up --migrate";
    private final Runs runs;
    private final JsonHttp backup;
    private final Jobs backupJobs;
    private final ProgressLine progress;

    /** @param migration and {@code backup}: with the operator's token */
    public Move(JsonHttp migration, JsonHttp backup, ProgressLine progress) {
        this.runs = new Runs(migration, progress);
        this.backup = backup;
        this.backupJobs = new Jobs(backup, progress);
        this.progress = progress;
    }

    public MoveReport run() throws InterruptedException {
        long began = System.nanoTime();
        List<KindReport> reports = new ArrayList<>();
        try {
            for (Kind kind : Kind.values()) {
                reports.add(take(kind));
            }
            return new MoveReport(reports, snapshot(), since(began), null);
        } catch (Stopped e) {
            return new MoveReport(reports, "none, because the move stopped", since(began), e.getMessage());
        }
    }

    private KindReport take(Kind kind) throws Stopped, InterruptedException {
        List<KindReport.Step> steps = new ArrayList<>();
        KindReport.Verified bothStores = null;
        String archive = null;
        long rejected = 0;
        Phase phase = runs.phase(kind);
        while (phase.next().isPresent()) {
            Phase target = phase.next().get();
            long began = System.nanoTime();
            JsonNode run = runs.take(kind, target, REASON);
            steps.add(new KindReport.Step(target, since(began)));
            progress.done(kind.word() + " is in " + target);
            rejected = Math.max(rejected, run.path("rejected").asLong());
            archive = archive(run) == null ? archive : archive(run);
            if (target == Phase.DATABASE_READS) {
                bothStores = verify(kind);
            }
            phase = target;
        }
        KindReport.Verified end = verify(kind);
        JsonNode status = runs.status(kind);
        rejected = Math.max(rejected, status.path("rejected").asLong());
        long entries = status.path("entries").path("postgres").asLong(end.compared());
        return new KindReport(kind, entries, steps, bothStores, end, rejected, archive);
    }

    private KindReport.Verified verify(Kind kind) throws Stopped, InterruptedException {
        JsonNode verification = runs.verify(kind);
        KindReport.Verified verified = new KindReport.Verified(
                verification.path("compared").asLong(),
                // without a number there is no proof
                verification.path("differences").asLong(Long.MAX_VALUE),
                verification.path("seconds").asDouble());
        progress.done(
                kind.plural() + ": " + verified.compared() + " compared, " + verified.differences() + " differences");
        return verified;
    }

    /** The run's own field, or the step that names a .tar.gz. */
    private static String archive(JsonNode run) {
        if (run.hasNonNull("archive")) {
            return run.path("archive").asText();
        }
        for (JsonNode step : run.path("steps")) {
            for (String word : step.path("detail").asText("").split("\\s+")) {
                if (word.endsWith(".tar.gz")) {
                    return word;
                }
            }
        }
        return null;
    }

    private String snapshot() throws InterruptedException {
        try {
            Answer answer = backup.post("/api/v1/backups", Map.of("reason", "manual"));
            if (answer.status() == 404 || answer.status() == 405 || answer.status() == 501) {
                return "none: backup-service does not make them yet";
            }
            if (!answer.ok()) {
                return "none: refused, " + answer.reason();
            }
            String path = answer.location() != null && answer.location().startsWith("/")
                    ? answer.location()
                    : "/api/v1/backup-jobs/" + answer.json().path("id").asText();
            JsonNode job = backupJobs.follow("snapshot", path);
            return "succeeded".equals(job.path("state").asText())
                    ? job.path("backup_id").asText("made")
                    : "failed: " + Jobs.error(job);
        } catch (IOException e) {
            return "none: backup-service does not answer";
        } catch (Stopped e) {
            return "none: " + e.getMessage();
        }
    }

    private static double since(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }
}
