package io.homebudget.migration.wayback;

import io.homebudget.migration.access.Caller;
import io.homebudget.migration.problems.Refused;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code POST /close-way-back}: an explicit, consented act, done when it is answered. */
@Path("/api/v1/migration/close-way-back")
@Produces(MediaType.APPLICATION_JSON)
public class WayBackResource {
    private final WayBack wayBack;

    WayBackResource(WayBack wayBack) {
        this.wayBack = wayBack;
    }

    @POST
    public Uni<Map<String, Object>> close(WayBack.Order order) {
        if (order == null) {
            throw Refused.unreadable("The body must be a JSON object with kind and consent.");
        }
        return wayBack.close(order, Caller.OPERATOR).map(row -> {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("kind", row.kind);
            answer.put("archive", row.archive);
            answer.put("closed_at", row.closedAt);
            answer.put("actor", row.actor);
            answer.put("reason", row.reason);
            return answer;
        });
    }
}
