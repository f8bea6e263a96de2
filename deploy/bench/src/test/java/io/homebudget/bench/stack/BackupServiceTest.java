package io.homebudget.bench.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a service of a few lines whose one job goes through the states that a test gives it. */
class BackupServiceTest {
    private final List<String> orders = new ArrayList<>();
    private final Deque<String> states = new ArrayDeque<>();
    private HttpServer server;
    private BackupService backup;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1", this::answer);
        server.start();
        backup = new BackupService(
                new Http("http://127.0.0.1:" + server.getAddress().getPort(), "operator-token"));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void the_end_of_a_snapshot_is_awaited_and_says_which_one_it_is() {
        states.addAll(List.of("queued", "running", "succeeded"));

        JsonNode end = backup.end(backup.orderSnapshot());

        assertThat(end.path("backup_id").asText()).isEqualTo("20260131T120000Z-0f9a3c");
        assertThat(states).containsExactly("succeeded");
    }

    @Test
    void a_restore_is_ordered_with_consent_and_of_one_kind() {
        states.add("succeeded");

        backup.end(backup.orderRestore("20260131T120000Z-0f9a3c"));

        assertThat(orders)
                .singleElement()
                .asString()
                .startsWith("/api/v1/backups/20260131T120000Z-0f9a3c/restore ")
                .contains("\"consent\":true", "\"store\":\"both\"", "\"kind\":\"expense\"");
    }

    @Test
    void a_job_that_failed_is_told_in_its_own_words() {
        states.addAll(List.of("running", "failed"));
        String job = backup.orderSnapshot();

        assertThat(backup.over(job)).isFalse();
        assertThatThrownBy(() -> backup.over(job)).hasMessageContaining("snapshot is failed: the disk is full");
    }

    @Test
    void idle_means_that_no_job_waits_or_runs() {
        states.addAll(List.of("queued", "running", "failed"));

        backup.settle();

        assertThat(states).containsExactly("failed");
    }

    /** The last state stays. */
    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String job = "{\"id\":\"7\",\"type\":\"snapshot\",\"backup_id\":\"20260131T120000Z-0f9a3c\"";
        if (exchange.getRequestMethod().equals("POST")) {
            orders.add(path + " " + body);
            job += ",\"state\":\"queued\"}";
        } else {
            String state = states.size() > 1 ? states.remove() : states.element();
            job += ",\"state\":\"" + state + "\",\"error\":\"the disk is full\"}";
        }
        byte[] bytes =
                (path.endsWith("/backup-jobs") ? "{\"items\":[" + job + "]}" : job).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
