package io.homebudget.bench.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homebudget.ledger.phase.Phase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a service of a few lines that keeps a phase: what is tested is the order of calls, not the service. */
class ExpenseLedgerTest {
    private final List<String> calls = new ArrayList<>();
    private HttpServer server;
    private ExpenseLedger ledger;
    private Phase phase = Phase.JSON_ONLY;
    private String follower = "none";

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/internal/v1", this::answer);
        server.start();
        ledger = new ExpenseLedger(
                new Http("http://127.0.0.1:" + server.getAddress().getPort(), "service-token"));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void every_phase_on_the_way_is_taken_and_a_follower_that_needs_it_is_filled_first() {
        ledger.moveTo(Phase.DATABASE_ONLY);

        assertThat(calls)
                .containsExactly("phase DUAL_WRITE", "backfill", "phase DATABASE_READS", "phase DATABASE_ONLY");
    }

    @Test
    void the_way_back_is_the_same_in_reverse() {
        phase = Phase.DATABASE_ONLY;

        ledger.moveTo(Phase.DUAL_WRITE);

        assertThat(calls).containsExactly("phase DATABASE_READS", "phase DUAL_WRITE");
    }

    @Test
    void where_the_ledger_is_already_nothing_is_asked_of_it() {
        ledger.moveTo(Phase.JSON_ONLY);

        assertThat(calls).isEmpty();
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (!"Bearer service-token".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            exchange.sendResponseHeaders(401, -1);
            return;
        }
        String answer;
        if (path.endsWith("/phase")) {
            Phase target = Phase.valueOf(body.replaceAll(".*\"target\":\"(\\w+)\".*", "$1"));
            calls.add("phase " + target);
            follower = !target.dual() ? "none" : phase == Phase.JSON_ONLY ? "needs_backfill" : "following";
            phase = target;
            answer = "{\"phase\":\"" + phase + "\",\"epoch\":2,\"position\":9,\"held_millis\":12}";
        } else if (path.endsWith("/backfill")) {
            if (exchange.getRequestMethod().equals("POST")) {
                calls.add("backfill");
                follower = "following";
            }
            answer = "{\"state\":\"succeeded\",\"target\":\"postgres\",\"done\":5,\"total\":5}";
        } else {
            answer = "{\"phase\":\"" + phase + "\",\"follower_state\":\"" + follower
                    + "\",\"in_sync\":true,\"follower_lag\":0,\"publish_backlog\":0,\"publisher\":\"running\","
                    + "\"stores\":{\"json\":\"connected\",\"postgres\":\"connected\"}}";
        }
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
