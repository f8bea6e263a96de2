package io.homebudget.backup.restore;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.backup.config.BackupConfig;
import io.homebudget.backup.format.SnapshotJson;
import io.homebudget.backup.ledgers.LedgerTrouble;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreState;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The calls of a ledger service that change it, and its log. Each has a limit; those that may be repeated are, where the service
 * did not answer or was busy. Blocks.
 */
public final class LedgerCalls {
    /** Of a whole answer; the largest, a page of the log with a large bulk delete in it, is some megabytes. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final int ATTEMPTS = 5;
    private static final long FIRST_PAUSE_MILLIS = 200;

    private final Kind kind;
    private final String base;
    private final String token;
    private final Duration limit;
    private final HttpClient http;

    public LedgerCalls(Kind kind, BackupConfig.Ledgers config) {
        this(kind, config, LIMIT);
    }

    LedgerCalls(Kind kind, BackupConfig.Ledgers config, Duration limit) {
        this.limit = limit;
        this.kind = kind;
        String url = kind == Kind.EXPENSE ? config.expenseUrl() : config.incomeUrl();
        this.base = (url.endsWith("/") ? url.substring(0, url.length() - 1) : url) + InternalApi.ROOT;
        this.token = config.token().orElse("");
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(config.connectTimeout())
                .build();
    }

    public Kind kind() {
        return kind;
    }

    public LedgerState state() throws IOException, InterruptedException {
        return repeated(request("/state").GET().build(), LedgerState.class);
    }

    public LogPage log(long after, int max) throws IOException, InterruptedException {
        return repeated(request("/log?after=" + after + "&max=" + max).GET().build(), LogPage.class);
    }

    public RestoreState begin(RestoreOrder order) throws IOException, InterruptedException {
        return repeated(json("/restore", SnapshotJson.MAPPER.writeValueAsBytes(order)), RestoreState.class);
    }

    public RestoreState rows(UUID id, long from, byte[] lines) throws IOException, InterruptedException {
        HttpRequest request = request("/restore/" + id + "/rows?from=" + from)
                .header("Content-Type", "text/plain;charset=UTF-8")
                .POST(HttpRequest.BodyPublishers.ofByteArray(lines))
                .build();
        return repeated(request, RestoreState.class);
    }

    public RestoreState apply(UUID id, long rows) throws IOException, InterruptedException {
        return repeated(json("/restore/" + id + "/apply?rows=" + rows, new byte[0]), RestoreState.class);
    }

    /** Of one that is only staged; 409 for any other, also for one that was discarded before. */
    public RestoreState discard(UUID id) throws IOException, InterruptedException {
        return repeated(request("/restore/" + id).DELETE().build(), RestoreState.class);
    }

    public RestoreState restore(UUID id) throws IOException, InterruptedException {
        return repeated(request("/restore/" + id).GET().build(), RestoreState.class);
    }

    public BackfillState rebuildFollower() throws IOException, InterruptedException {
        return repeated(json("/restore/follower", new byte[0]), BackfillState.class);
    }

    public BackfillState backfill() throws IOException, InterruptedException {
        return repeated(request("/backfill").GET().build(), BackfillState.class);
    }

    private HttpRequest json(String path, byte[] body) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(limit)
                .header("Authorization", "Bearer " + token);
    }

    private <T> T repeated(HttpRequest request, Class<T> type) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return once(request, type);
            } catch (LedgerTrouble trouble) {
                if (!trouble.passing() || attempt == ATTEMPTS) {
                    throw trouble;
                }
            }
            TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE_MILLIS << attempt);
        }
    }

    private <T> T once(HttpRequest request, Class<T> type) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer;
        try {
            answer = answer(request);
        } catch (IOException e) {
            throw new LedgerTrouble(
                    kind, 0, "cannot be reached (" + e.getClass().getSimpleName() + ")", e);
        }
        if (answer.statusCode() / 100 == 2) {
            return SnapshotJson.MAPPER.readValue(answer.body(), type);
        }
        throw new LedgerTrouble(
                kind,
                answer.statusCode(),
                "answers " + answer.statusCode() + " to " + request.uri().getPath() + ": " + detail(answer.body()),
                null);
    }

    /** The client's own limit ends with the headers; this one holds for the whole answer, so a body that stalls ends too. */
    private HttpResponse<byte[]> answer(HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> coming =
                http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
        try {
            return coming.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("no whole answer within " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } finally {
            // ends the exchange where nobody waits for it any more; what is done stays done
            coming.cancel(true);
        }
    }

    private static String detail(byte[] body) {
        try {
            JsonNode problem = SnapshotJson.MAPPER.readTree(body);
            return problem == null ? "no reason given" : problem.path("detail").asText("no reason given");
        } catch (IOException e) {
            return "no reason that can be read";
        }
    }
}
