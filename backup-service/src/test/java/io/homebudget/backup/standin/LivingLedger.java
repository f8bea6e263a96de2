package io.homebudget.backup.standin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homebudget.backup.format.Exports;
import io.homebudget.backup.format.SnapshotJson;
import io.homebudget.backup.recovery.History;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.internal.LoggedSet;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.rows.MalformedRow;
import io.homebudget.ledger.rows.RowLine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;

/** A ledger service with a history, a log and restores, in {@code JSON_ONLY}; with faults at will. */
public final class LivingLedger implements AutoCloseable {
    private final Kind kind;
    private final HttpServer server;
    private final TreeMap<Long, EntryValues> staged = new TreeMap<>();
    private RestoreState restore;
    private volatile History history;
    private volatile long hiddenPosition = -1;
    private volatile long cutThrough;
    private volatile long inFlightAfter = Long.MAX_VALUE;
    private volatile int inFlightFor;
    private volatile Runnable duringExport = () -> {};
    private volatile UUID identity = new UUID(7, 7);
    private volatile long epoch = 1;
    /** What was taken whole, and for how many answers the store that ruled before still answers. */
    private History taken;

    private int takesEffectAfter;
    private volatile boolean refusesRows;
    private volatile boolean failsToApply;

    public LivingLedger(Kind kind, long seed) {
        this.kind = kind;
        this.history = new History(kind, seed);
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "living-ledger");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/internal/v1/", this::call);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public History history() {
        return history;
    }

    /** The log leaves this set out, as one that lost a write would. */
    public void hides(LoggedSet set) {
        hiddenPosition = set.position();
    }

    /** For so many answers, nothing after this position is settled: what precedes it is in flight. */
    public void isInFlightAfter(long position, int answers) {
        inFlightAfter = position;
        inFlightFor = answers;
    }

    /** Happens before each export. */
    public void duringExport(Runnable happening) {
        duringExport = happening;
    }

    /** As after a disaster: another installation, with a history of its own. */
    public void becomes(History other, UUID otherIdentity) {
        history = other;
        identity = otherIdentity;
    }

    /** As one to which a part of a restore is too long. */
    public void refusesRows() {
        refusesRows = true;
    }

    /** A restore is staged, and fails when it is applied. */
    public void failsToApply() {
        failsToApply = true;
    }

    /** The last one; null before the first. */
    public synchronized RestoreState restore() {
        return restore;
    }

    public void cutsLogThrough(long position) {
        cutThrough = position;
    }

    private synchronized void call(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath().substring("/internal/v1/".length());
        byte[] body = exchange.getRequestBody().readAllBytes();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        if (path.equals("state")) {
            answer(exchange, SnapshotJson.MAPPER.writeValueAsBytes(state()));
        } else if (path.equals("export")) {
            answer(exchange, export().getBytes(StandardCharsets.UTF_8));
        } else if (path.equals("log")) {
            answer(exchange, SnapshotJson.MAPPER.writeValueAsBytes(log(query)));
        } else if (refusesRows && path.endsWith("/rows")) {
            refuse(exchange, 413);
        } else if (exchange.getRequestMethod().equals("DELETE")) {
            if (restore.state().equals("staging")) {
                restore = failed("discarded");
                answer(exchange, SnapshotJson.MAPPER.writeValueAsBytes(restore));
            } else {
                refuse(exchange, 409);
            }
        } else {
            answer(exchange, SnapshotJson.MAPPER.writeValueAsBytes(restore(path, body)));
        }
    }

    private LedgerState state() {
        if (taken != null && takesEffectAfter-- <= 0) {
            history = taken;
            epoch = restore.order().source().epoch() + 1;
            taken = null;
        }
        return new LedgerState(
                kind.word(),
                Phase.JSON_ONLY,
                epoch,
                "json",
                null,
                "none",
                false,
                0,
                0,
                0,
                "running",
                Map.of("json", (long) history.live().size()),
                0,
                0,
                history.position(),
                0,
                false,
                "",
                null,
                Map.of(),
                "1",
                null,
                identity,
                Instant.EPOCH,
                List.of());
    }

    private String export() {
        duringExport.run();
        List<EntryImage> rows = history.image();
        ExportHead head = Exports.head(kind, StoreName.JSON, Phase.JSON_ONLY, epoch, history.position(), rows);
        ExportHead at = new ExportHead(
                head.format(),
                head.kind(),
                head.store(),
                head.position(),
                head.rows(),
                head.epoch(),
                head.phase(),
                identity,
                head.idsThrough(),
                head.publishedThrough(),
                head.schemaVersion(),
                history.at());
        return Exports.text(at, rows);
    }

    private LogPage log(String query) {
        long after = Long.parseLong(query.replaceAll(".*after=(\\d+).*", "$1"));
        int max = Integer.parseInt(query.replaceAll(".*max=(\\d+).*", "$1"));
        if (after >= inFlightAfter && inFlightFor > 0) {
            inFlightFor--;
            return new LogPage(List.of(), after, false);
        }
        long settled = inFlightFor > 0 ? inFlightAfter : Long.MAX_VALUE;
        List<LoggedSet> page = history.sets().stream()
                .filter(set -> set.position() > after && set.position() <= settled)
                .limit(max)
                .toList();
        long through = page.isEmpty() ? after : page.get(page.size() - 1).position();
        return new LogPage(
                page.stream().filter(set -> set.position() != hiddenPosition).toList(), through, after < cutThrough);
    }

    private RestoreState restore(String path, byte[] body) throws IOException {
        if (path.equals("restore")) {
            staged.clear();
            restore = state(SnapshotJson.MAPPER.readValue(body, RestoreOrder.class), "staging", 0);
        } else if (path.endsWith("/rows")) {
            int rows = 0;
            for (String line : new String(body, StandardCharsets.UTF_8).split("\n")) {
                EntryImage row = row(line);
                rows++;
                if (!row.deleted()) {
                    staged.put(row.id(), row.values());
                }
            }
            restore = state(restore.order(), "staging", restore.staged() + rows);
        } else if (path.endsWith("/apply") && failsToApply) {
            restore = failed("the disk is full");
        } else if (path.endsWith("/apply")) {
            if (restore.order().mode() == RestoreOrder.Mode.EVERYTHING) {
                taken = new History(kind, 1);
                taken.restore(staged);
                takesEffectAfter = 3;
            } else {
                history.restore(staged);
            }
            restore = state(restore.order(), "succeeded", restore.staged());
        }
        return restore;
    }

    private EntryImage row(String line) throws IOException {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        RowLine row = new RowLine(kind);
        try {
            row.read(bytes, 0, bytes.length);
        } catch (MalformedRow e) {
            throw new IOException(e);
        }
        return row.image();
    }

    private RestoreState state(RestoreOrder order, String state, long rows) {
        UUID id = restore == null || state.equals("staging") && rows == 0 ? UUID.randomUUID() : restore.id();
        return new RestoreState(id, state, order, rows, 0, 0, 0, history.position(), 0, Instant.EPOCH, null);
    }

    private RestoreState failed(String error) {
        return new RestoreState(
                restore.id(), "failed", restore.order(), restore.staged(), 0, 0, 0, 0, 0, Instant.EPOCH, error);
    }

    private static void refuse(HttpExchange exchange, int status) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, -1);
        }
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
