package io.homebudget.local.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** JSON over HTTP to one address, with one credential. An {@link IOException} means: no answer came. */
public final class JsonHttp {
    public static final ObjectMapper MAPPER = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final String base;
    private final String token;
    private final Duration limit;

    /** @param token sent as bearer; null for none */
    public JsonHttp(String base, String token, Duration limit) {
        this.base = base;
        this.token = token;
        this.limit = limit;
    }

    public Answer get(String path) throws IOException, InterruptedException {
        return send(request(path).GET().build());
    }

    public Answer post(String path, Object body) throws IOException, InterruptedException {
        return send(posting(path, body).build());
    }

    /** Posts bytes as they are, a file for example. */
    public Answer post(String path, String contentType, HttpRequest.BodyPublisher body)
            throws IOException, InterruptedException {
        return send(request(path).header("Content-Type", contentType).POST(body).build());
    }

    /** Writes what is answered into a file as it comes; refused where one is there already. The item is the status. */
    public int download(String path, Path file) throws IOException, InterruptedException {
        HttpRequest request = request(path).GET().build();
        return CLIENT.send(
                        request,
                        HttpResponse.BodyHandlers.ofFile(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))
                .statusCode();
    }

    public CompletableFuture<Answer> postAsync(String path, Object body, String idempotencyKey) {
        HttpRequest request =
                posting(path, body).header("Idempotency-Key", idempotencyKey).build();
        return CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply(JsonHttp::answer);
    }

    private HttpRequest.Builder posting(String path, Object body) {
        try {
            return request(path)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(MAPPER.writeValueAsString(body)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(limit).header("Accept", "application/json");
        if (token != null) {
            builder.header("Authorization", "Bearer " + token);
        }
        return builder;
    }

    private static Answer send(HttpRequest request) throws IOException, InterruptedException {
        return answer(CLIENT.send(request, HttpResponse.BodyHandlers.ofString()));
    }

    private static Answer answer(HttpResponse<String> response) {
        JsonNode json;
        try {
            JsonNode read = MAPPER.readTree(response.body());
            json = read == null ? MissingNode.getInstance() : read;
        } catch (JsonProcessingException e) {
            json = MissingNode.getInstance();
        }
        long retryAfter = response.headers()
                .firstValue("Retry-After")
                .filter(value -> value.matches("\\d{1,6}"))
                .map(Long::parseLong)
                .orElse(-1L);
        String location = response.headers().firstValue("Location").orElse(null);
        return new Answer(response.statusCode(), json, response.body(), retryAfter, location);
    }
}
