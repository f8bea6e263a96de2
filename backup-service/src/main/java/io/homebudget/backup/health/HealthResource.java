package io.homebudget.backup.health;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;

/** Whether the process serves. It needs no database yet, so being up is being ready. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
public class HealthResource {

    @GET
    @Path("health")
    public Map<String, String> health() {
        return Map.of("status", "healthy");
    }

    @GET
    @Path("ready")
    public Map<String, String> ready() {
        return Map.of("status", "healthy");
    }
}
