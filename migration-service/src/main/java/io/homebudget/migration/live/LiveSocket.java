package io.homebudget.migration.live;

import io.homebudget.migration.status.Status;
import io.quarkus.websockets.next.OnClose;
import io.quarkus.websockets.next.OnOpen;
import io.quarkus.websockets.next.WebSocket;
import io.quarkus.websockets.next.WebSocketConnection;
import io.smallrye.mutiny.Uni;
import java.time.Duration;

/** {@code /api/v1/migration/live}: the state first, after every connect, then what changes. See {@code /live/schema.json}. */
@WebSocket(path = "/api/v1/migration/live")
public class LiveSocket {
    /** Above the limits of all that a status asks for, with PostgreSQL and the ledger services away. */
    private static final Duration GREETING_LIMIT = Duration.ofSeconds(15);

    private final Live live;
    private final Status status;

    LiveSocket(Live live, Status status) {
        this.live = live;
        this.status = status;
    }

    @OnOpen
    public Uni<Void> greet(WebSocketConnection connection) {
        return live.join(connection)
                .greet(status.both().map(both -> live.text("state", null, "status", both)), GREETING_LIMIT);
    }

    @OnClose
    public void bye(WebSocketConnection connection) {
        live.leave(connection);
    }
}
