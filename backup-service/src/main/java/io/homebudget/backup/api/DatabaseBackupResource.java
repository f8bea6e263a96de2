package io.homebudget.backup.api;

import io.homebudget.backup.access.Guard;
import io.homebudget.backup.format.Reason;
import io.homebudget.backup.making.Orders;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;

/** {@code POST /api/database/backup}, the name under which schema management asks for a snapshot. */
@Path("/api/database/backup")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class DatabaseBackupResource {
    private final Orders orders;
    private final Guard guard;

    DatabaseBackupResource(Orders orders, Guard guard) {
        this.orders = orders;
        this.guard = guard;
    }

    @POST
    public Response create(@HeaderParam("Authorization") String authorization) throws IOException {
        return SnapshotsResource.accepted(
                orders.snapshot(Reason.MANUAL, guard.actor(authorization), "asked by schema management"));
    }
}
