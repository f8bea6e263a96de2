package io.homebudget.migration.live;

import io.homebudget.migration.status.Status;
import io.quarkus.websockets.next.OnClose;
import io.quarkus.websockets.next.OnOpen;
import io.quarkus.websockets.next.WebSocket;
import io.quarkus.websockets.next.WebSocketConnection;
import io.smallrye.mutiny.Uni;

/** {@code /api/v1/migration/live}: the state first, then what changes. */
@WebSocket(path = "/api/v1/migration/live")
public class LiveSocket {
    private final Live live;
    private final Status status;

    LiveSocket(Live live, Status status) {
        this.live = live;
        this.status = status;
    }

    @OnOpen
    public Uni<String> greet() {
        return status.both().map(both -> live.text("state", null, "status", both));
    }

    @OnClose
    public void bye(WebSocketConnection connection) {
        live.forget(connection.id());
    }
}
