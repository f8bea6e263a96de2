package io.homebudget.migration.console;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;

/** Sends {@code /console} to the page itself, which is static and holds no data: whoever wants data needs a token. */
@Path("/console")
public class ConsoleResource {

    @GET
    public Response page() {
        return Response.status(Response.Status.FOUND)
                .header("Location", "/console/index.html")
                .build();
    }
}
