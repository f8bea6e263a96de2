package io.homebudget.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homebudget.backup.format.SnapshotJson;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RowUploadTest {
    private static final int MOST = 1 << 20;

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aLongRowBehindManyShortOnesStillFitsIntoWhatTheServiceTakes() throws Exception {
        // Given a service that keeps the length of every part
        List<Integer> parts = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        UUID id = new UUID(1, 2);
        server.createContext(InternalApi.ROOT + "/restore", exchange -> {
            int length = exchange.getRequestBody().readAllBytes().length;
            if (exchange.getRequestURI().getPath().endsWith("/rows")) {
                parts.add(length);
            }
            answer(exchange, new RestoreState(id, "succeeded", null, 0, 0, 0, 0, 0, 0, Instant.EPOCH, null));
        });
        server.start();
        try {
            LedgerCalls calls = new LedgerCalls(
                    Kind.EXPENSE,
                    LedgerCallsTest.at("http://127.0.0.1:" + server.getAddress().getPort()),
                    Duration.ofSeconds(5));
            // When
            Iterator<byte[]> rows = List.of(new byte[500_000], new byte[1_000_000], new byte[10])
                    .iterator();
            new RowUpload(calls)
                    .stage(
                            new RestoreOrder(RestoreOrder.Mode.CHANGES, null, "operator", "a test"),
                            lines -> {
                                if (!rows.hasNext()) {
                                    return false;
                                }
                                lines.write(rows.next());
                                return true;
                            },
                            3,
                            Progress.NONE);
            // Then
            assertThat(parts).allSatisfy(length -> assertThat(length).isLessThanOrEqualTo(MOST));
            assertThat(parts.stream().mapToInt(length -> length).sum()).isEqualTo(1_500_010);
        } finally {
            server.stop(0);
        }
    }

    private static void answer(HttpExchange exchange, RestoreState state) throws IOException {
        byte[] body = SnapshotJson.MAPPER.writeValueAsBytes(state);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
