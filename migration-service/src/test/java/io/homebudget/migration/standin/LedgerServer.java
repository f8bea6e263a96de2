package io.homebudget.migration.standin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homebudget.ledger.internal.EntryRepair;
import io.homebudget.ledger.internal.ImportBatch;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.StoreName;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** {@link SimLedger} over HTTP, in the shapes of {@link InternalApi}. */
public final class LedgerServer {
    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

    public final SimLedger ledger;
    private final Vertx vertx = Vertx.vertx();
    private final int port;
    private HttpServer server;
    private volatile boolean away;
    private volatile boolean noAnswerToPhase;
    private volatile boolean loseImport;
    private volatile int refusedRepairs;
    private volatile long cutAfterEpoch = Long.MAX_VALUE;
    private boolean epochTold;

    public LedgerServer(String kind, int port) {
        this.ledger = new SimLedger(kind);
        this.port = port;
    }

    public int start() {
        try {
            server = vertx.createHttpServer()
                    .requestHandler(this::handle)
                    .listen(port, "127.0.0.1")
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

    /** While away, every call is cut off without an answer. */
    public void away(boolean yes) {
        away = yes;
    }

    /** The next phase change happens, and its answer is lost. */
    public void loseAnswerOfPhaseChange() {
        noAnswerToPhase = true;
    }

    /** The next batch of an import is written, and its answer is an error. */
    public void loseAnswerOfImport() {
        loseImport = true;
    }

    /** So many of the next repairs are refused as during a restore of that store. */
    public void restoringFor(int repairs) {
        refusedRepairs = repairs;
    }

    /** On the server's one event loop. */
    private boolean restoring(HttpServerRequest request) {
        if (!request.path().endsWith("/repair") || refusedRepairs == 0) {
            return false;
        }
        refusedRepairs--;
        return true;
    }

    /** Once somebody was told this epoch or a later one, the next question for the state is cut off, and then no more. */
    public void cutOffAfter(long epoch) {
        cutAfterEpoch = epoch;
    }

    /** On the server's one event loop. */
    private boolean cut(HttpServerRequest request) {
        if (!request.path().endsWith("/state") || ledger.epoch() < cutAfterEpoch) {
            return false;
        }
        boolean now = epochTold;
        cutAfterEpoch = now ? Long.MAX_VALUE : cutAfterEpoch;
        epochTold = !now;
        return now;
    }

    private void handle(HttpServerRequest request) {
        if (away || cut(request)) {
            request.connection().close();
            return;
        }
        if (restoring(request)) {
            request.response()
                    .setStatusCode(409)
                    .putHeader("Content-Type", "application/problem+json")
                    .putHeader("Retry-After", "1")
                    .end("{\"detail\":\"The store is being restored.\"}");
            return;
        }
        request.body().onSuccess(body -> {
            try {
                Object answer = answer(request, body.toString());
                if (request.path().endsWith("/phase") && noAnswerToPhase) {
                    noAnswerToPhase = false;
                    request.connection().close();
                    return;
                }
                int status = answer == null ? 504 : 200;
                request.response()
                        .setStatusCode(status)
                        .putHeader("Content-Type", "application/json")
                        .end(answer == null ? "" : JSON.writeValueAsString(answer));
            } catch (SimLedger.Refusal refusal) {
                request.response()
                        .setStatusCode(refusal.status)
                        .putHeader("Content-Type", "application/problem+json")
                        .end("{\"detail\":\"" + refusal.getMessage() + "\"}");
            } catch (Exception e) {
                request.response().setStatusCode(500).end(String.valueOf(e));
            }
        });
    }

    private Object answer(HttpServerRequest request, String body) throws JsonProcessingException {
        String path = request.path().substring(InternalApi.ROOT.length());
        String call = request.method().name() + " " + path;
        Supplier<StoreName> store =
                () -> StoreName.valueOf(request.getParam("store").toUpperCase(Locale.ROOT));
        boolean disk = "disk".equals(request.getParam("source"));
        switch (call) {
            case "GET /state":
                return ledger.state();
            case "POST /phase":
                return ledger.change(JSON.readValue(body, PhaseChange.class));
            case "POST /backfill":
                return ledger.startBackfill();
            case "GET /backfill":
                return ledger.backfill();
            case "POST /backfill/cancel":
                return ledger.cancelBackfill();
            case "GET /head":
                return Map.of("position", ledger.head());
            case "GET /follower/await":
                long at = ledger.await(Long.parseLong(request.getParam("position")));
                return at < 0 ? null : Map.of("position", at);
            case "GET /digests":
                return ledger.digests(store.get(), Integer.parseInt(request.getParam("buckets")), disk);
            case "POST /states":
                return ledger.states(store.get(), ids(body));
            case "POST /entries":
                return ledger.images(store.get(), ids(body), disk);
            case "GET /shadow-reads":
                return ledger.shadowReads(Long.parseLong(request.getParam("after")));
            case "POST /repair":
                return ledger.repair(JSON.readValue(body, EntryRepair.class));
            case "GET /log":
                return ledger.page(
                        Long.parseLong(request.getParam("after")), Integer.parseInt(request.getParam("max")));
            case "GET /changes":
                return ledger.changes(
                        Long.parseLong(request.getParam("entry_id")),
                        Integer.parseInt(request.getParam("limit")),
                        Long.parseLong(request.getParam("from_version")));
            case "POST /import":
                ImportBatch.Done done = ledger.takeIn(JSON.readValue(body, ImportBatch.class));
                if (loseImport) {
                    loseImport = false;
                    throw new IllegalStateException("the answer of an import is lost");
                }
                return done;
            case "GET /schema":
                return ledger.schema();
            case "POST /schema/update":
                return ledger.updateSchema();
            case "POST /schema/undo":
                return ledger.undoSchema();
            case "POST /way-back/close":
                return ledger.closeWayBack(JSON.readValue(body, WayBackClosing.class));
            case "POST /archive":
                return Map.of("path", "/archive/json_backup_" + ledger.kind + ".tar.gz");
            default:
                if (path.startsWith("/digests/")) {
                    return ledger.bucket(
                            store.get(),
                            Integer.parseInt(request.getParam("buckets")),
                            Integer.parseInt(path.substring("/digests/".length())),
                            disk);
                }
                throw new SimLedger.Refusal(404, "no such call");
        }
    }

    private static List<Long> ids(String body) throws JsonProcessingException {
        List<Long> ids = new ArrayList<>();
        for (JsonNode id : JSON.readTree(body).get("ids")) {
            ids.add(id.asLong());
        }
        return ids;
    }
}
