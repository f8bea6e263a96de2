package io.homebudget.migration.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.websockets.next.CloseReason;
import io.quarkus.websockets.next.WebSocketConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Tells whoever listens what happens. Whoever tells never waits: a client that does not read is dropped with
 * a reason and, connecting again, gets the state first.
 */
@ApplicationScoped
public class Live {
    private static final Logger LOG = Logger.getLogger(Live.class);

    /** Of the registered close codes. */
    private static final int TRY_AGAIN_LATER = 1013;

    private final ObjectMapper json;
    private final Map<String, Listener> listeners = new ConcurrentHashMap<>();

    Live(ObjectMapper json) {
        this.json = json;
    }

    /** @param what {@code run}, {@code import} or {@code upgrade}; @param kind null where it is about both */
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

    /** @param schemas as {@code GET /api/database/status} tells them */
    public void updateAvailable(Object schemas) {
        send("update_available", null, "database", schemas);
    }

    public int listeners() {
        return listeners.size();
    }

    Listener join(WebSocketConnection connection) {
        Listener listener = new Listener(connection::sendText, why -> drop(connection, why));
        listeners.put(connection.id(), listener);
        return listener;
    }

    void leave(WebSocketConnection connection) {
        listeners.remove(connection.id());
    }

    private void drop(WebSocketConnection connection, String why) {
        LOG.infof("a listener is dropped: id=%s reason=%s", connection.id(), why);
        listeners.remove(connection.id());
        connection
                .close(new CloseReason(TRY_AGAIN_LATER, why))
                .subscribe()
                .with(closed -> {}, gone -> LOG.debugf("a listener is gone: id=%s", connection.id()));
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

    private void send(String type, String kind, String name, Object body) {
        if (!listeners.isEmpty()) {
            String text = text(type, kind, name, body);
            listeners.values().forEach(listener -> listener.tell(text));
        }
    }
}
