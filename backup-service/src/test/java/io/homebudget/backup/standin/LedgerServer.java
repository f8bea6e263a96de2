package io.homebudget.backup.standin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homebudget.backup.format.Exports;
import io.homebudget.backup.format.SnapshotJson;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;

/** A ledger service's internal API as far as snapshots need it, with faults at will. */
public final class LedgerServer implements AutoCloseable {
    public static final String TOKEN = "service-of-the-tests-0123456789abcdefg";

    private final Kind kind;
    private final HttpServer server;
    private final Map<StoreName, List<EntryImage>> images = new EnumMap<>(StoreName.class);
    private final Set<StoreName> away = EnumSet.noneOf(StoreName.class);
    private volatile Phase phase = Phase.JSON_ONLY;
    private volatile long epoch = 1;
    private volatile int cutExports;
    private volatile Runnable duringExport = () -> {};

    public LedgerServer(Kind kind) {
        this.kind = kind;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "stand-in");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/internal/v1/state", this::state);
        server.createContext("/internal/v1/export", this::export);
        server.start();
        holds(List.of());
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public LedgerServer holds(List<EntryImage> rows) {
        images.put(StoreName.JSON, rows);
        images.put(StoreName.POSTGRES, rows);
        return this;
    }

    public LedgerServer in(Phase now) {
        if (now != phase) {
            epoch++;
        }
        phase = now;
        return this;
    }

    public LedgerServer away(StoreName store, boolean isAway) {
        if (isAway) {
            away.add(store);
        } else {
            away.remove(store);
        }
        return this;
    }

    /** The next so many exports break off in the middle. */
    public LedgerServer cutting(int exports) {
        cutExports = exports;
        return this;
    }

    /** Happens in the middle of each export. */
    public LedgerServer during(Runnable happening) {
        duringExport = happening;
        return this;
    }

    private void state(HttpExchange exchange) throws IOException {
        LedgerState state = new LedgerState(
                kind.word(),
                phase,
                epoch,
                phase.primary().word(),
                phase.follower().map(StoreName::word).orElse(null),
                phase.dual() ? "following" : "none",
                true,
                0,
                0,
                0,
                "running",
                Map.of(),
                0,
                0,
                4_711,
                4_711,
                true,
                "",
                null,
                Map.of(),
                "1",
                null,
                new UUID(7, 7),
                Instant.EPOCH,
                List.of());
        answer(exchange, 200, SnapshotJson.MAPPER.writeValueAsBytes(state));
    }

    private void export(HttpExchange exchange) throws IOException {
        StoreName store = exchange.getRequestURI().getQuery().endsWith("json") ? StoreName.JSON : StoreName.POSTGRES;
        if (away.contains(store)) {
            answer(exchange, 503, "{\"detail\":\"the store cannot be reached\"}".getBytes(StandardCharsets.UTF_8));
            return;
        }
        duringExport.run();
        List<EntryImage> rows = images.get(store);
        byte[] text = Exports.text(Exports.head(kind, store, phase, epoch, 4_711, rows), rows)
                .getBytes(StandardCharsets.UTF_8);
        if (cutExports > 0) {
            cutExports--;
            // the length is announced and not kept: the connection breaks in the middle
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text, 0, text.length / 2);
            exchange.close();
            return;
        }
        answer(exchange, 200, text);
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        try (exchange) {
            boolean known =
                    ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.sendResponseHeaders(known ? status : 401, known ? body.length : -1);
            if (known) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
