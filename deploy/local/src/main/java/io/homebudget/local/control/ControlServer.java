package io.homebudget.local.control;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homebudget.local.home.Home;
import io.homebudget.local.home.Refused;
import io.homebudget.local.http.JsonHttp;
import io.homebudget.local.supervision.Supervisor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;

/**
 * How {@code ctl} talks to the running {@code up}: HTTP on loopback, whose address and secret lie in {@code HOME/run/control},
 * readable by the owner only. (A socket file would be nicer, but deep homes exceed its limit of about 100 characters.)
 */
public final class ControlServer implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(120);
    private final HttpServer server;
    private final Path file;
    private final String secret = UUID.randomUUID().toString();
    private final Supervisor supervisor;
    private final Runnable down;

    /** @param down asks {@code up} to stop everything; must return at once */
    public ControlServer(Home home, Supervisor supervisor, Runnable down) throws IOException {
        this.supervisor = supervisor;
        this.down = down;
        this.file = home.run().resolve("control");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "control");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/", this::handle);
        server.start();
        publish(home);
    }

    private void publish(Home home) throws IOException {
        Path beside = home.run().resolve("control.tmp");
        Files.deleteIfExists(beside);
        Files.createFile(beside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(beside, server.getAddress().getPort() + " " + secret + "\n");
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            dispatch(exchange);
        }
    }

    private void dispatch(HttpExchange exchange) throws IOException {
        try {
            String given = exchange.getRequestHeaders().getFirst("Authorization");
            if (!("Bearer " + secret).equals(given)) {
                answer(exchange, 401, Map.of("detail", "the secret in " + file + " is another one"));
                return;
            }
            String[] path = exchange.getRequestURI().getPath().substring(1).split("/");
            switch (exchange.getRequestMethod() + " " + path[0]) {
                case "GET status" -> answer(exchange, 200, supervisor.status());
                case "POST down" -> {
                    answer(exchange, 202, Map.of("status", "stopping"));
                    down.run();
                }
                case "POST start" -> {
                    supervisor.start(path[1]);
                    boolean ready = supervisor.awaitReady(path[1], START_LIMIT);
                    answer(
                            exchange,
                            ready ? 200 : 504,
                            Map.of("detail", ready ? "ready" : "started, but not ready yet"));
                }
                case "POST stop" -> {
                    supervisor.stop(path[1]);
                    answer(exchange, 200, Map.of("detail", "stopped"));
                }
                default -> answer(exchange, 404, Map.of("detail", "no such command"));
            }
        } catch (Refused e) {
            answer(exchange, 404, Map.of("detail", e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(HttpExchange exchange, int status, Object body) throws IOException {
        byte[] bytes = JsonHttp.MAPPER.writeValueAsBytes(body);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        server.stop(0);
    }
}
