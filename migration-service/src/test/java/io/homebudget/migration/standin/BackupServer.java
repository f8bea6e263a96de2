package io.homebudget.migration.standin;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The calls of backup-service that runs and upgrades need; offers nothing until it is told to. */
public final class BackupServer {
    private static final Instant BEGAN = Instant.parse("2026-11-21T12:00:00Z");

    private final Vertx vertx = Vertx.vertx();
    private final List<JsonObject> snapshots = new ArrayList<>();
    private final Map<String, JsonObject> jobs = new ConcurrentHashMap<>();
    private volatile boolean offered;
    private volatile boolean damaged;
    private volatile String missing = "";
    private volatile boolean away;
    private volatile Runnable restored = () -> {};

    public int start() {
        try {
            HttpServer server = vertx.createHttpServer()
                    .requestHandler(this::handle)
                    .listen(0, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            return server.actualPort();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public void stop() {
        vertx.close();
    }

    public void offer(boolean yes) {
        offered = yes;
    }

    /** The next snapshots do not verify. */
    public void damage(boolean yes) {
        damaged = yes;
    }

    /** Calls whose path has this part are answered with 404; empty: none. */
    public void missing(String part) {
        missing = part;
    }

    /** Every call is answered with 503. */
    public void away(boolean yes) {
        away = yes;
    }

    /** What a restore does. */
    public void restoring(Runnable work) {
        restored = work;
    }

    public synchronized int count() {
        return snapshots.size();
    }

    private void handle(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            boolean known = missing.isEmpty() || !request.path().contains(missing);
            JsonObject answer = offered && known ? answer(request.method().name(), request.path()) : null;
            int status = away
                    ? 503
                    : !offered
                            ? 501
                            : answer == null ? 404 : request.method().name().equals("POST") ? 202 : 200;
            request.response()
                    .setStatusCode(status)
                    .putHeader("Content-Type", "application/json")
                    .end(answer == null ? "{}" : answer.encode());
        });
    }

    private synchronized JsonObject answer(String method, String path) {
        String rest = path.substring("/api/v1/".length());
        if (rest.equals("backups") && method.equals("GET")) {
            return new JsonObject().put("items", new JsonArray(List.copyOf(snapshots)));
        }
        if (rest.equals("backups")) {
            String id = "b-" + (snapshots.size() + 1);
            snapshots.add(new JsonObject()
                    .put("id", id)
                    .put("created_at", Instant.now().toString()));
            JsonObject made = job(id, true);
            jobs.get(made.getString("id"))
                    .put("type", "snapshot")
                    .put("started_at", BEGAN.toString())
                    .put("finished_at", BEGAN.plusMillis(1_500).toString())
                    .put("entries_by_store", new JsonObject().put("json", 100).put("postgres", 50));
            return made;
        }
        if (rest.equals("backup-jobs")) {
            return new JsonObject().put("items", new JsonArray(List.copyOf(jobs.values())));
        }
        if (rest.endsWith("/restore")) {
            restored.run();
            return job(rest.split("/")[1], true);
        }
        if (rest.endsWith("/verify")) {
            String id = rest.split("/")[1];
            if (!damaged) {
                snapshots.stream().filter(one -> one.getString("id").equals(id)).forEach(one -> one.put(
                                "verified_at", Instant.now().toString())
                        .put("ok", true));
            }
            return job(id, !damaged);
        }
        return rest.startsWith("backup-jobs/") ? jobs.get(rest.substring("backup-jobs/".length())) : null;
    }

    /** Queued in the first answer, over at the next look. */
    private JsonObject job(String backup, boolean ok) {
        String id = "j-" + (jobs.size() + 1);
        jobs.put(
                id,
                new JsonObject()
                        .put("id", id)
                        .put("state", "succeeded")
                        .put("percent", 100)
                        .put("backup_id", backup)
                        .put("ok", ok));
        return new JsonObject().put("id", id).put("state", "queued");
    }
}
