package io.homebudget.backup.snapshots;

import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Every call of the backup API is answered 501, so that a caller can tell "not offered yet" from "away" and from "failed", and
 * can go on without a snapshot knowingly.
 */
@Path("/api/v1/{api: backups|backup-jobs}{rest: (/.*)?}")
public class SnapshotsResource {

    private static final int NOT_IMPLEMENTED = 501;

    @GET
    public Response read() {
        return notOffered();
    }

    @POST
    public Response act() {
        return notOffered();
    }

    @PUT
    public Response replace() {
        return notOffered();
    }

    @DELETE
    public Response remove() {
        return notOffered();
    }

    private static Response notOffered() {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "urn:home-budget:problem:not-offered");
        problem.put("title", "Not offered yet");
        problem.put("status", NOT_IMPLEMENTED);
        problem.put("detail", "Snapshots come with backup-service; they are not offered yet.");
        return Response.status(NOT_IMPLEMENTED)
                .type("application/problem+json")
                .entity(problem)
                .build();
    }
}
