package io.homebudget.backup.api;

import io.homebudget.backup.recovery.Asked;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;

/**
 * {@code POST /api/database/restore/{id}}, the name under which schema management asks for a restore. Consent is
 * {@code "confirm": true}, as for its update, or {@code "consent": true}.
 */
@Path("/api/database/restore/{id}")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class DatabaseRestoreResource {
    /** The word of {@code POST /api/database/update}. */
    private static final String CONFIRM = "confirm";

    private final RestoreResource restores;

    DatabaseRestoreResource(RestoreResource restores) {
        this.restores = restores;
    }

    @POST
    public Response restore(@HeaderParam("Authorization") String authorization, @PathParam("id") String id, String text)
            throws IOException {
        return restores.order(authorization, id, SnapshotsResource.body(text), CONFIRM, Asked.CONSENT);
    }
}
