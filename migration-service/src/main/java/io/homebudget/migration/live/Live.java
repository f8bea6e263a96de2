package io.homebudget.migration.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.websockets.next.OpenConnections;
import io.quarkus.websockets.next.WebSocketConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** Tells whoever listens what happens. A client that does not read its messages misses some; it holds nothing up. */
@ApplicationScoped
public class Live {
    private static final Logger LOG = Logger.getLogger(Live.class);

    /** Messages on their way to one client; more are dropped for it. */
    private static final int MOST_UNDERWAY = 16;

    private final OpenConnections connections;
    private final ObjectMapper json;
    private final Map<String, AtomicInteger> underway = new ConcurrentHashMap<>();

    Live(OpenConnections connections, ObjectMapper json) {
        this.connections = connections;
        this.json = json;
    }

    /** @param what {@code run}, {@code import} or {@code upgrade} */
    public void progress(String what, String kind, Object view) {
        send("progress", kind, what, view);
    }

    /** @param what {@code run}, {@code verification}, {@code import} or {@code upgrade} */
    public void complete(String what, String kind, Object view) {
        send("complete", kind, what, view);
    }

    public void phaseChanged(String kind, Object state) {
        send("phase_changed", kind, "state", state);
    }

    /** @param view without the values of entries */
    public void discrepancy(String kind, Object view) {
        send("discrepancy", kind, "discrepancy", view);
    }

    public int listeners() {
        return connections.listAll().size();
    }

    String text(String type, String kind, String name, Object body) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("type", type);
        if (kind != null) {
            message.put("kind", kind);
        }
        message.put(name, body);
        try {
            return json.writeValueAsString(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a message of plain values must be writable", e);
        }
    }

    void forget(String connection) {
        underway.remove(connection);
    }

    private void send(String type, String kind, String name, Object body) {
        if (connections.listAll().isEmpty()) {
            return;
        }
        String text = text(type, kind, name, body);
        for (WebSocketConnection connection : connections.listAll()) {
            AtomicInteger waiting = underway.computeIfAbsent(connection.id(), id -> new AtomicInteger());
            if (waiting.get() >= MOST_UNDERWAY) {
                continue;
            }
            waiting.incrementAndGet();
            connection
                    .sendText(text)
                    .onTermination()
                    .invoke(waiting::decrementAndGet)
                    .subscribe()
                    .with(sent -> {}, gone -> LOG.debugf("a listener is gone: id=%s", connection.id()));
        }
    }
}
