package io.homebudget.local.frontdoor;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.local.StandIn;
import io.homebudget.local.home.Ports;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The front door as a process of its own, before real processes and before none. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class FrontDoorIT {
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    @TempDir
    static Path home;

    private static final List<Process> PROCESSES = new ArrayList<>();
    private static Ports ports;
    private static Vertx vertx;

    @BeforeAll
    static void start() throws Exception {
        ports = freePorts();
        java(ports.frontDoor(), "front-door", FrontDoor.class.getName(), "" + ports.frontDoor());
        java(ports.of("expense"), "expense", StandIn.class.getName());
        vertx = Vertx.vertx();
        HttpServer live = vertx.createHttpServer().webSocketHandler(socket -> {
            socket.writeTextMessage("state of " + socket.path() + " for " + socket.subProtocol());
            socket.textMessageHandler(text -> socket.writeTextMessage("heard " + text));
        });
        live.listen(ports.of("migration"), "localhost")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        awaitListening(ports.frontDoor());
        awaitListening(ports.of("expense"));
    }

    @AfterAll
    static void stop() throws Exception {
        for (Process process : PROCESSES) {
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void health_is_exactly_the_old_answer() throws Exception {
        HttpResponse<String> answer = get("/api/v1/health");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"status\":\"ok\"}");
    }

    @Test
    void the_front_door_says_of_itself_that_it_is_healthy_in_the_words_of_the_services() throws Exception {
        assertThat(get("/health").body()).isEqualTo("{\"status\":\"healthy\"}");
        assertThat(get("/ready").body()).isEqualTo("{\"status\":\"healthy\"}");
    }

    @Test
    void a_program_is_greeted_and_a_browser_is_sent_to_the_console() throws Exception {
        assertThat(get("/").body()).startsWith("{\"message\":\"Home Budget");
        HttpResponse<String> browser = HTTP.send(
                request("/").header("Accept", "text/html,application/xhtml+xml").build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(browser.statusCode()).isEqualTo(307);
        assertThat(browser.headers().firstValue("location")).contains("/console");
    }

    @Test
    void a_path_keeps_its_query_and_its_escapes() throws Exception {
        assertThat(get("/api/v1/expense?q=%D7%A8%26x&limit=2").body()).contains("\"service\":\"expense\"");
    }

    @Test
    void a_service_that_is_away_is_503_with_retry_after_because_nothing_was_written() throws Exception {
        HttpResponse<String> answer = post("/api/v1/income", "{}");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("retry-after")).contains("1");
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(answer.body()).contains("not-written").contains("Nothing was written");
    }

    @Test
    void a_service_with_more_to_do_than_it_can_is_not_called_away() throws Exception {
        HttpServer silent = vertx.createHttpServer().requestHandler(request -> {});
        silent.listen(ports.of("backup"), "localhost")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        try {
            // more than there are connections to one service
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                answers.add(HTTP.sendAsync(
                        request("/api/v1/backups")
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
            }

            CompletableFuture.anyOf(answers.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);

            HttpResponse<String> refused = answers.stream()
                    .filter(CompletableFuture::isDone)
                    .findFirst()
                    .orElseThrow()
                    .join();
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("retry-after")).contains("1");
            assertThat(refused.body())
                    .contains("not-written")
                    .contains("more to do than it can")
                    .contains("Nothing was written");
        } finally {
            silent.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_service_that_dies_under_a_write_is_outcome_unknown_without_retry_after() throws Exception {
        HttpResponse<String> answer = post("/api/v1/expense/die", "{}");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("retry-after")).isEmpty();
        assertThat(answer.body()).contains("outcome-unknown").contains("Idempotency-Key");
        java(ports.of("expense"), "expense", StandIn.class.getName());
        awaitListening(ports.of("expense"));
        assertThat(post("/api/v1/expense", "{}").statusCode()).isEqualTo(200);
    }

    @Test
    void an_unknown_path_is_a_404_problem() throws Exception {
        HttpResponse<String> answer = get("/api/v2/expense");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    }

    @Test
    void a_body_much_larger_than_the_heap_passes_to_the_service() throws Exception {
        long size = 400L << 20;
        InputStream endless = new InputStream() {
            private long left = size;

            @Override
            public int read() {
                return left-- > 0 ? 7 : -1;
            }

            @Override
            public int read(byte[] into, int from, int length) {
                if (left <= 0) {
                    return -1;
                }
                int now = (int) Math.min(length, left);
                Arrays.fill(into, from, from + now, (byte) 7);
                left -= now;
                return now;
            }
        };
        HttpResponse<String> answer = HTTP.send(
                request("/api/v1/expense/swallow")
                        .POST(HttpRequest.BodyPublishers.ofInputStream(() -> endless))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.body()).isEqualTo("" + size);
    }

    @Test
    void an_answer_much_larger_than_the_heap_passes_to_the_client() throws Exception {
        HttpResponse<InputStream> answer =
                HTTP.send(request("/api/v1/expense/pour").build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            assertThat(body.transferTo(OutputStream.nullOutputStream())).isEqualTo(400L << 20);
        }
    }

    @Test
    void the_live_socket_passes_with_its_subprotocol() throws Exception {
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<String> second = new CompletableFuture<>();
        WebSocket socket = HTTP.newWebSocketBuilder()
                .buildAsync(
                        URI.create(ports.url("front-door").replace("http", "ws") + "/api/v1/migration/live"),
                        new WebSocket.Listener() {
                            @Override
                            public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                                if (!first.complete(text.toString())) {
                                    second.complete(text.toString());
                                }
                                from.request(1);
                                return null;
                            }
                        })
                .get(10, TimeUnit.SECONDS);
        assertThat(first.get(10, TimeUnit.SECONDS)).startsWith("state of /api/v1/migration/live");
        socket.sendText("you", true);
        assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo("heard you");
        socket.abort();
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return HTTP.send(
                request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(ports.url("front-door") + path))
                .timeout(Duration.ofSeconds(60));
    }

    private static void java(int port, String member, String... mainAndArguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-Dhomebudget.home=" + home,
                "-Dhomebudget.member=" + member,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        command.addAll(List.of(mainAndArguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve(member + ".log").toFile()));
        builder.environment().put("PORT", "" + port);
        PROCESSES.add(builder.start());
    }

    private static void awaitListening(int port) {
        Awaitility.await("port " + port)
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> {
                    try (Socket socket = new Socket("localhost", port)) {
                        return socket.isConnected();
                    }
                });
    }

    private static Ports freePorts() {
        while (true) {
            Ports candidate = new Ports(18_200 + 8 * ThreadLocalRandom.current().nextInt(97));
            boolean free = true;
            for (int port = candidate.frontDoor(); port < candidate.frontDoor() + 8; port++) {
                try (ServerSocket socket = new ServerSocket()) {
                    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                } catch (IOException e) {
                    free = false;
                }
            }
            if (free) {
                return candidate;
            }
        }
    }
}
