package io.homebudget.migration.runs;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.ledgers.LedgerAway;
import io.quarkus.rest.client.reactive.QuarkusRestClientBuilder;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Asks backup-service for a snapshot before anything is changed; goes on without where it does not offer them yet. */
@ApplicationScoped
class SnapshotStep implements StepWork {
    private static final int NOT_FOUND = 404;
    private static final int NOT_OFFERED = 501;

    private final MigrationConfig config;
    private final Map<UUID, String> jobs = new ConcurrentHashMap<>();

    SnapshotStep(MigrationConfig config) {
        this.config = config;
    }

    /** The calls of backup-service that a run needs. */
    @Path("/api/v1")
    @Produces(MediaType.APPLICATION_JSON)
    @Consumes(MediaType.APPLICATION_JSON)
    interface BackupHttp {
        @POST
        @Path("backups")
        Uni<JsonNode> create(@HeaderParam("Authorization") String token, Map<String, String> order);

        @GET
        @Path("backup-jobs/{id}")
        Uni<JsonNode> job(@HeaderParam("Authorization") String token, @PathParam("id") String id);
    }

    @Override
    public StepName name() {
        return StepName.SNAPSHOT;
    }

    @Override
    public Uni<StepResult> look(RunTask task, Step step) {
        if (!config.backupBeforeMigrate()) {
            return Uni.createFrom().item(StepResult.skipped("BACKUP_BEFORE_MIGRATE is false"));
        }
        String url =
                config.ledgers().backupUrl().filter(text -> !text.isBlank()).orElse(null);
        if (url == null) {
            return Uni.createFrom().item(StepResult.skipped("BACKUP_URL is not set"));
        }
        BackupHttp backups = client(url);
        String token = config.ledgers().token().map(text -> "Bearer " + text).orElse(null);
        String job = jobs.get(task.run().id);
        Uni<StepResult> looked = job == null
                ? backups.create(token, Map.of("reason", "pre_migration")).map(answer -> {
                    jobs.put(task.run().id, answer.path("id").asText());
                    return StepResult.again(0, 1, "the snapshot is being made");
                })
                : backups.job(token, job).map(answer -> judge(task, answer));
        return looked.onFailure().recoverWithUni(failure -> explain(task, failure));
    }

    private StepResult judge(RunTask task, JsonNode job) {
        String state = job.path("state").asText();
        switch (state) {
            case "succeeded":
                jobs.remove(task.run().id);
                return StepResult.finished("snapshot " + job.path("backup_id").asText());
            case "failed", "cancelled":
                jobs.remove(task.run().id);
                return StepResult.failed(
                        "the snapshot " + state + ": " + job.path("error").asText());
            default:
                return StepResult.again(job.path("percent").asLong(), 100, "the snapshot is being made");
        }
    }

    private static Uni<StepResult> explain(RunTask task, Throwable failure) {
        if (failure instanceof WebApplicationException answered) {
            int status = answered.getResponse().getStatus();
            if (status == NOT_FOUND || status == NOT_OFFERED) {
                return Uni.createFrom().item(StepResult.skipped("backup-service does not make snapshots yet"));
            }
            if (status < 500) {
                return Uni.createFrom().item(StepResult.failed("backup-service refused a snapshot (" + status + ")"));
            }
        }
        return Uni.createFrom()
                .failure(new LedgerAway(
                        task.run().kindOf(),
                        "backup-service cannot be reached for a snapshot; start it, or set BACKUP_BEFORE_MIGRATE=false",
                        failure));
    }

    private BackupHttp client(String url) {
        return QuarkusRestClientBuilder.newBuilder()
                .baseUri(URI.create(url))
                .connectTimeout(config.ledgers().connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .readTimeout(config.ledgers().quickTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .build(BackupHttp.class);
    }
}
