package io.homebudget.local;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A service's place taken by a small real process, for tests of what surrounds it. Behaviour is chosen by files in the home:
 * {@code HOME/stand-in/NAME.recovery} and {@code HOME/stand-in/rejected}.
 */
public final class StandIn {
    private static final Map<String, String> PHASES = new ConcurrentHashMap<>();
    private static final Map<String, String> RUNS = new ConcurrentHashMap<>();
    private static final AtomicInteger IDS = new AtomicInteger();

    private StandIn() {}

    public static void main(String[] args) throws IOException {
        String name = System.getProperty("homebudget.member");
        Path control = Path.of(System.getProperty("homebudget.home"), "stand-in");
        PHASES.put("expense", "JSON_ONLY");
        PHASES.put("income", "JSON_ONLY");
        HttpServer server =
                HttpServer.create(new InetSocketAddress("localhost", Integer.parseInt(System.getenv("PORT"))), 64);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            try (exchange) {
                handle(name, control, exchange);
            }
        });
        server.start();
        System.out.println("stand-in " + name + " runs");
    }

    private static void handle(String name, Path control, HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String call = exchange.getRequestMethod() + " " + path;
        if (path.equals("/ready")) {
            if (Files.exists(control.resolve(name + ".recovery"))) {
                answer(
                        exchange,
                        503,
                        "{\"status\":\"recovery\",\"file\":\"journal-1\",\"place\":\"byte 7\",\"advice\":\"restore a snapshot\"}");
            } else {
                answer(exchange, 200, "{\"status\":\"healthy\"}");
            }
        } else if (path.equals("/die-while-answering") || path.endsWith("/die")) {
            exchange.getRequestBody().readAllBytes();
            Runtime.getRuntime().halt(9);
        } else if (path.endsWith("/swallow")) {
            answer(exchange, 200, "" + exchange.getRequestBody().transferTo(OutputStream.nullOutputStream()));
        } else if (path.endsWith("/pour")) {
            exchange.sendResponseHeaders(200, 0);
            byte[] piece = new byte[1 << 20];
            for (int i = 0; i < 400; i++) {
                exchange.getResponseBody().write(piece);
            }
        } else if (name.equals("migration") && path.startsWith("/api/v1/migration")) {
            migration(call, path, control, exchange);
        } else if (path.equals("/internal/v1/state")) {
            answer(
                    exchange,
                    200,
                    "{\"kind\":\"" + name + "\",\"phase\":\"" + phaseFile(control, name) + "\",\"epoch\":4}");
        } else if (call.equals("POST /internal/v1/phase")) {
            boolean service = ("Bearer " + System.getenv("SERVICE_TOKEN"))
                    .equals(exchange.getRequestHeaders().getFirst("Authorization"));
            String body = body(exchange);
            Files.writeString(control.resolve(name + ".phase"), field(body, "target"));
            answer(exchange, service ? 200 : 401, "{\"phase\":\"" + field(body, "target") + "\",\"epoch\":5}");
        } else if (path.equals("/api/v1/health")) {
            answer(exchange, 200, "{\"status\":\"ok\"}");
        } else if (path.equals("/api/v1/backups")) {
            answer(exchange, 404, "{\"detail\":\"not here\"}");
        } else {
            body(exchange);
            answer(exchange, 200, "{\"service\":\"" + name + "\",\"call\":\"" + call + "\"}");
        }
    }

    private static void migration(String call, String path, Path control, HttpExchange exchange) throws IOException {
        boolean operator = ("Bearer " + System.getenv("OPERATOR_TOKEN"))
                .equals(exchange.getRequestHeaders().getFirst("Authorization"));
        long rejected = Files.exists(control.resolve("rejected")) ? 2 : 0;
        if (call.equals("GET /api/v1/migration/status")) {
            answer(exchange, 200, "{" + status("expense", rejected) + "," + status("income", rejected) + "}");
        } else if (!operator) {
            answer(exchange, 401, "{\"detail\":\"who are you\"}");
        } else if (call.equals("POST /api/v1/migration/runs")) {
            String body = body(exchange);
            PHASES.put(field(body, "kind"), field(body, "target"));
            String id = "run-" + IDS.incrementAndGet();
            RUNS.put(
                    id,
                    "{\"id\":\"" + id
                            + "\",\"state\":\"succeeded\",\"percent\":100,\"done\":5,\"total\":5,\"rejected\":"
                            + rejected
                            + ",\"steps\":[{\"name\":\"archive\",\"detail\":\"written to /tmp/a.tar.gz\"}]}");
            answer(exchange, 202, "{\"id\":\"" + id + "\"}");
        } else if (path.startsWith("/api/v1/migration/runs/")) {
            answer(exchange, 200, RUNS.get(path.substring(path.lastIndexOf('/') + 1)));
        } else if (call.equals("POST /api/v1/migration/verifications")) {
            answer(exchange, 202, "{\"id\":\"v1\"}");
        } else {
            int differences = Files.exists(control.resolve("different")) ? 1 : 0;
            answer(
                    exchange,
                    200,
                    "{\"state\":\"succeeded\",\"compared\":5,\"seconds\":0.1,\"differences\":" + differences + "}");
        }
    }

    private static String status(String kind, long rejected) {
        return "\"" + kind + "\":{\"phase\":\"" + PHASES.get(kind)
                + "\",\"entries\":{\"json\":5,\"postgres\":5},\"rejected\":" + rejected + "}";
    }

    private static String phaseFile(Path control, String name) throws IOException {
        Path file = control.resolve(name + ".phase");
        return Files.exists(file) ? Files.readString(file) : "DUAL_WRITE";
    }

    private static String body(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String field(String json, String name) {
        return json.replaceAll(".*\"" + name + "\":\"([^\"]*)\".*", "$1");
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
