package io.homebudget.e2e.stack;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.awaitility.Awaitility;

/** JSON over HTTP to one member. */
public final class Api {
    private static final String KEY = "Idempotency-Key";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    public static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private final String base;
    private final String token;
    private final boolean patient;

    private Api(String base, String token, boolean patient) {
        this.base = base;
        this.token = token;
        this.patient = patient;
    }

    /** @param role whose token is sent: operator, viewer, service; null for none */
    public static Api of(Stack stack, String member, String role) throws IOException {
        return new Api(stack.url(member), role == null ? null : stack.token(role), false);
    }

    /**
     * The same for a client that repeats, for a minute, what the API says may be repeated: what was certainly not written, and
     * what may have been and does no harm twice. For calls that are not what a test is about.
     */
    public Api patient() {
        return new Api(base, token, true);
    }

    /** An answer. */
    public record Answer(int status, HttpResponse<String> response, Duration took) {
        public JsonNode json() {
            try {
                return JSON.readTree(response.body());
            } catch (IOException e) {
                throw new AssertionError(status + " with no JSON: " + response.body(), e);
            }
        }

        public String text() {
            return response.body();
        }

        public String header(String name) {
            return response.headers().firstValue(name).orElse(null);
        }

        public Answer must(int wanted) {
            if (status != wanted) {
                throw new AssertionError(
                        response.request().method() + " " + response.uri() + " gave " + status + ": " + text());
            }
            return this;
        }
    }

    public Answer get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    public Answer post(String path, Object body) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
    }

    /** A create that may be repeated. */
    public Answer post(String path, Object body, String key) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .header(KEY, key)
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
    }

    public Answer patch(String path, Object body) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
    }

    public Answer delete(String path) throws IOException, InterruptedException {
        return send(request(path).DELETE());
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(60));
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    private Answer send(HttpRequest.Builder builder) throws IOException, InterruptedException {
        HttpRequest request = builder.build();
        if (!patient) {
            return once(request);
        }
        Answer[] last = new Answer[1];
        Awaitility.await(request.method() + " " + request.uri())
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptionsMatching(failure -> failure instanceof IOException && repeatable(request))
                .until(() -> !again(request, last[0] = once(request)));
        return last[0];
    }

    private static boolean again(HttpRequest request, Answer answer) {
        return answer.status() == 503 && (answer.header("Retry-After") != null || repeatable(request));
    }

    private static boolean repeatable(HttpRequest request) {
        return !request.method().equals("POST")
                || request.headers().firstValue(KEY).isPresent();
    }

    private static Answer once(HttpRequest request) throws IOException, InterruptedException {
        long began = System.nanoTime();
        HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response, Duration.ofNanos(System.nanoTime() - began));
    }
}
