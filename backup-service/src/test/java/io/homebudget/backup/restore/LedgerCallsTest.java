package io.homebudget.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homebudget.backup.config.BackupConfig;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.InternalApi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LedgerCallsTest {

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void anAnswerThatStallsInTheMiddleEndsAndIsAskedForAgain() throws Exception {
        // Given a service that sends the headers and half of a page, and nothing more, the first time
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch over = new CountDownLatch(1);
        byte[] page = "{\"sets\":[],\"through\":7,\"cut\":false}".getBytes(StandardCharsets.US_ASCII);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService threads = Executors.newCachedThreadPool();
        server.setExecutor(threads);
        server.createContext(InternalApi.ROOT + "/log", exchange -> {
            if (asked.incrementAndGet() == 1) {
                half(exchange, page, over);
            } else {
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
                exchange.close();
            }
        });
        server.start();
        try {
            LedgerCalls calls = new LedgerCalls(
                    Kind.EXPENSE, at("http://127.0.0.1:" + server.getAddress().getPort()), Duration.ofSeconds(3));
            // Then
            assertThat(calls.log(0, 10).through()).isEqualTo(7);
            assertThat(asked).hasValue(2);
        } finally {
            over.countDown();
            server.stop(0);
            threads.shutdownNow();
        }
    }

    private static void half(HttpExchange exchange, byte[] page, CountDownLatch over) throws IOException {
        exchange.sendResponseHeaders(200, page.length);
        exchange.getResponseBody().write(page, 0, page.length / 2);
        exchange.getResponseBody().flush();
        try {
            over.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static BackupConfig.Ledgers at(String url) {
        return new BackupConfig.Ledgers() {
            @Override
            public String expenseUrl() {
                return url;
            }

            @Override
            public String incomeUrl() {
                return url;
            }

            @Override
            public Optional<String> token() {
                return Optional.empty();
            }

            @Override
            public Duration connectTimeout() {
                return Duration.ofSeconds(2);
            }

            @Override
            public Duration quickTimeout() {
                return Duration.ofSeconds(2);
            }

            @Override
            public Duration stallTimeout() {
                return Duration.ofSeconds(2);
            }
        };
    }
}
