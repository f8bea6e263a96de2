package io.homebudget.migration.status;

import io.homebudget.migration.schema.Database;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;

/** Ready with PostgreSQL away too: status and rollback work without it, and those are needed most just then. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
public class HealthResource {
    private final Database database;

    HealthResource(Database database) {
        this.database = database;
    }

    @GET
    @Path("health")
    public Map<String, String> health() {
        int pending = database.pending();
        return Map.of(
                "status",
                "healthy",
                "database",
                database.connected() ? "connected" : "disconnected",
                "schema",
                pending == 0 ? "current" : "runs on with " + pending + " steps pending; see GET /api/database/status");
    }

    @GET
    @Path("ready")
    public Map<String, String> ready() {
        return health();
    }
}
