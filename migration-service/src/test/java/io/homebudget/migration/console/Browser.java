package io.homebudget.migration.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** Chromium without a window, steered by its own debugging protocol. */
final class Browser implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/chromium");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path profile = Files.createTempDirectory("console-it");
    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger number = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    static boolean present() {
        return Files.isExecutable(PROGRAM);
    }

    Browser(URI page) throws IOException, InterruptedException {
        process = new ProcessBuilder(
                        PROGRAM.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--window-size=1280,1800",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("output").toFile())
                .start();
        Path told = profile.resolve("DevToolsActivePort");
        Awaitility.await("Chromium tells its port")
                .atMost(Duration.ofSeconds(60))
                .until(() -> Files.exists(told) && Files.readAllLines(told).size() >= 2);
        String port = Files.readAllLines(told).get(0);
        HttpClient http = HttpClient.newHttpClient();
        HttpResponse<String> opened = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/new?" + page))
                        .PUT(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        String address =
                JSON.readTree(opened.body()).get("webSocketDebuggerUrl").asText();
        socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(address), new Answers())
                .join();
        ask("Runtime.enable", JSON.createObjectNode());
        ask("Page.enable", JSON.createObjectNode());
    }

    private final class Answers implements WebSocket.Listener {
        private final StringBuilder part = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            part.append(text);
            if (last) {
                hear(part.toString());
                part.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private void hear(String text) {
        try {
            JsonNode message = JSON.readTree(text);
            if (message.has("id")) {
                asked.remove(message.get("id").asInt()).complete(message);
            } else if (message.path("method").asText().equals("Runtime.exceptionThrown")) {
                complaints.add(message.path("params").toString());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private JsonNode ask(String method, ObjectNode parameters) {
        int id = number.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        asked.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", parameters);
        socket.sendText(message.toString(), true).join();
        return answer.orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** The value of a piece of JavaScript in the page. */
    JsonNode evaluate(String script) {
        ObjectNode parameters =
                JSON.createObjectNode().put("expression", script).put("returnByValue", true);
        JsonNode answer = ask("Runtime.evaluate", parameters);
        return answer.path("result").path("result").path("value");
    }

    void screenshot(Path file) throws IOException {
        ObjectNode whole = JSON.createObjectNode().put("captureBeyondViewport", true);
        String data =
                ask("Page.captureScreenshot", whole).path("result").path("data").asText();
        Files.write(file, Base64.getDecoder().decode(data));
    }

    /** Errors that nothing in the page caught. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    @Override
    public void close() throws InterruptedException {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        process.waitFor(10, TimeUnit.SECONDS);
    }
}
