package io.homebudget.migration.snapshots;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.migration.access.Tokens;
import io.homebudget.migration.config.MigrationConfig;
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
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What runs and upgrades need of backup-service. Every call fails with {@link Trouble}, which says whether backup-service does
 * not offer this, refused, or is away.
 */
@ApplicationScoped
public class Backups {
    private static final int NOT_FOUND = 404;
    private static final int NOT_OFFERED = 501;

    private static final int PAGE = 100;

    /** Far more snapshots than any retention keeps. */
    private static final int MOST_PAGES = 50;

    private final MigrationConfig config;
    private final Tokens tokens;
    private volatile BackupHttp http;

    Backups(MigrationConfig config, Tokens tokens) {
        this.config = config;
        this.tokens = tokens;
    }

    /**
     * @param verifiedAt null where it was never verified
     * @param ok false where it is known to be damaged, which a later check can find of one that had been verified
     */
    public record Snapshot(String id, Instant createdAt, Instant verifiedAt, boolean ok) {

        /** Whether a way back may be built on it. */
        public boolean proven() {
            return verifiedAt != null && ok;
        }
    }

    /** @param backupId the snapshot that it is about; empty while it is not known */
    public record Job(String id, String state, long percent, String backupId, boolean ok, String error) {
        public boolean over() {
            return !state.equals("queued") && !state.equals("running");
        }

        public boolean succeeded() {
            return state.equals("succeeded");
        }
    }

    /**
     * A snapshot that was made, and copied elsewhere where that is configured.
     *
     * @param json entries of all images of JSON stores; {@code postgres} of PostgreSQL
     */
    public record Made(long json, long postgres, double seconds, Instant endedAt) {}

    /** Why backup-service did not do what was asked. */
    public static final class Trouble extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** What a caller may make of it. */
        public enum Kind {
            NOT_OFFERED,
            REFUSED,
            AWAY
        }

        private final Kind kind;

        Trouble(Kind kind, String why, Throwable cause) {
            super(why, cause);
            this.kind = kind;
        }

        public Kind kind() {
            return kind;
        }
    }

    /** The calls of backup-service that are needed here. */
    @Path("/api/v1")
    @Produces(MediaType.APPLICATION_JSON)
    @Consumes(MediaType.APPLICATION_JSON)
    interface BackupHttp {
        @GET
        @Path("backups")
        Uni<JsonNode> list(
                @HeaderParam("Authorization") String token,
                @QueryParam("limit") int limit,
                @QueryParam("after") String after);

        @POST
        @Path("backups")
        Uni<JsonNode> create(@HeaderParam("Authorization") String token, Map<String, String> order);

        @POST
        @Path("backups/{id}/{act: verify|restore}")
        Uni<JsonNode> act(
                @HeaderParam("Authorization") String token,
                @PathParam("id") String id,
                @PathParam("act") String act,
                Map<String, Object> order);

        @GET
        @Path("backup-jobs")
        Uni<JsonNode> jobs(@HeaderParam("Authorization") String token, @QueryParam("limit") int limit);

        @GET
        @Path("backup-jobs/{id}")
        Uni<JsonNode> job(@HeaderParam("Authorization") String token, @PathParam("id") String id);
    }

    public boolean configured() {
        return url().isPresent();
    }

    private Optional<String> url() {
        return config.ledgers().backupUrl().filter(text -> !text.isBlank());
    }

    /** All of them, whatever their order. */
    public Uni<List<Snapshot>> list() {
        return list(new ArrayList<>(), null, 1);
    }

    private Uni<List<Snapshot>> list(List<Snapshot> found, String after, int page) {
        return explained(client().list(token(), PAGE, after)).chain(answer -> {
            for (JsonNode one : answer.path("items")) {
                found.add(new Snapshot(
                        one.path("id").asText(),
                        at(one, "created_at"),
                        at(one, "verified_at"),
                        // good is only what is said to be
                        one.path("ok").asBoolean(false)));
            }
            return answer.hasNonNull("next") && page < MOST_PAGES
                    ? list(found, answer.get("next").asText(), page + 1)
                    : Uni.createFrom().item(found);
        });
    }

    /** The item is the job that makes the snapshot. */
    public Uni<Job> create(String reason) {
        return explained(client().create(token(), Map.of("reason", reason))).map(Backups::jobOf);
    }

    /** The item is the job that verifies the snapshot; empty where it was verified when it was made. */
    public Uni<Optional<Job>> verify(String snapshot) {
        return list().chain(all -> all.stream().anyMatch(one -> one.id().equals(snapshot) && one.proven())
                ? Uni.createFrom().item(Optional.empty())
                : explained(client().act(operator(), snapshot, "verify", Map.of()))
                        .map(answer -> Optional.of(jobOf(answer))));
    }

    /** @param store {@code json}, {@code postgres} or {@code both} */
    public Uni<Job> restore(String snapshot, String store, String kind) {
        Map<String, Object> order = Map.of("consent", true, "store", store, "kind", kind);
        return explained(client().act(operator(), snapshot, "restore", order)).map(Backups::jobOf);
    }

    public Uni<Job> job(String id) {
        return explained(client().job(token(), id)).map(Backups::jobOf);
    }

    /** The newest snapshot that an order made; empty where there is none among the newest jobs. */
    public Uni<Optional<Made>> lastMade() {
        return explained(client().jobs(token(), PAGE)).map(answer -> {
            for (JsonNode job : answer.path("items")) {
                JsonNode entries = job.path("entries_by_store");
                if (job.path("type").asText().equals("snapshot")
                        && job.path("state").asText().equals("succeeded")
                        && entries.isObject()) {
                    Instant ended = at(job, "finished_at");
                    return Optional.of(new Made(
                            entries.path("json").asLong(),
                            entries.path("postgres").asLong(),
                            Duration.between(at(job, "started_at"), ended).toMillis() / 1e3,
                            ended));
                }
            }
            return Optional.empty();
        });
    }

    private static Job jobOf(JsonNode answer) {
        return new Job(
                answer.path("id").asText(),
                answer.path("state").asText("queued"),
                answer.path("percent").asLong(),
                answer.path("backup_id").asText(""),
                answer.path("ok").asBoolean(true),
                answer.path("error").asText(""));
    }

    private static Instant at(JsonNode one, String name) {
        return one.hasNonNull(name) ? Instant.parse(one.get(name).asText()) : null;
    }

    private <T> Uni<T> explained(Uni<T> call) {
        return call.onFailure().transform(Backups::explain);
    }

    private static Trouble explain(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof WebApplicationException answered) {
                int status = answered.getResponse().getStatus();
                if (status == NOT_FOUND || status == NOT_OFFERED) {
                    return new Trouble(
                            Trouble.Kind.NOT_OFFERED, "backup-service does not make snapshots yet", answered);
                }
                if (status < 500) {
                    return new Trouble(Trouble.Kind.REFUSED, "backup-service refused (" + status + ")", answered);
                }
                return new Trouble(Trouble.Kind.AWAY, "backup-service cannot now (" + status + ")", answered);
            }
        }
        return new Trouble(Trouble.Kind.AWAY, "backup-service cannot be reached", failure);
    }

    /** Whoever ordered the run or upgrade is the operator, and backup-service lets nobody else do this. */
    private String operator() {
        return tokens.operator().map(text -> "Bearer " + text).orElseGet(this::token);
    }

    private String token() {
        return config.ledgers().token().map(text -> "Bearer " + text).orElse(null);
    }

    private BackupHttp client() {
        BackupHttp made = http;
        if (made == null) {
            made = QuarkusRestClientBuilder.newBuilder()
                    .baseUri(URI.create(url().orElseThrow(() -> new IllegalStateException("BACKUP_URL is not set"))))
                    .connectTimeout(config.ledgers().connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
                    .readTimeout(config.ledgers().quickTimeout().toMillis(), TimeUnit.MILLISECONDS)
                    .build(BackupHttp.class);
            http = made;
        }
        return made;
    }
}
