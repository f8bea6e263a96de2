package io.homebudget.ledger.storage.api;

import static org.eclipse.microprofile.openapi.annotations.enums.SchemaType.OBJECT;

import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.storage.access.RequiresRole;
import io.homebudget.ledger.storage.flags.FlagCalls;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/**
 * Every call of the ledger API; a service adds the path. Nothing here blocks, so all of it runs on the event loop. What is
 * accepted or answered does not depend on the request's Content-Type or Accept, as in the old backend.
 */
public abstract class LedgerResource {
    private static final String ENTRY =
            "{\"date\":\"2026-01-31\",\"category\":\"Groceries\",\"amount\":158.16,\"account\":\"Credit card\"}";
    private static final String JSON = "application/json";

    private final Writes writes;
    private final Reads reads;
    private final FlagCalls flags;

    protected LedgerResource(Writes writes, Reads reads, FlagCalls flags) {
        this.writes = writes;
        this.reads = reads;
        this.flags = flags;
    }

    @GET
    @Operation(
            summary = "List entries",
            description =
                    "Newest date first, then highest id. Without limit the whole list is streamed; with limit (1 to"
                            + " 1000) a Link header with rel=next leads to the next page.")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> list(
            @Context HttpServerRequest request,
            @QueryParam("from") String from,
            @QueryParam("to") String to,
            @QueryParam("category") String category,
            @QueryParam("account") String account,
            @QueryParam("q") String q,
            @QueryParam("limit") String limit,
            @QueryParam("after") String after) {
        Query query = Query.of(request);
        return reads.list(filters(query, from, to, category, account, q)
                .page(query.given("limit", limit), query.given("after", after)));
    }

    @POST
    @Operation(
            summary = "Create an entry",
            description = "With an Idempotency-Key a repeat within 24 h gets the first answer, of the latest 100,000"
                    + " keys where the JSON store rules; another body with the same key is 422.")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> create(
            @RequestBody(
                            content =
                                    @Content(
                                            mediaType = JSON,
                                            schema = @Schema(type = OBJECT),
                                            examples = @ExampleObject(name = "entry", value = ENTRY)))
                    Body body,
            @HeaderParam("Idempotency-Key") String key) {
        return writes.create(Body.bytesOf(body), key);
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "Read an entry", description = "Its ETag is the id of its last change, for If-Match.")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> one(@PathParam("id") String id) {
        return reads.one(id);
    }

    @PATCH
    @Path("/{id}")
    @Operation(summary = "Change one field")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> patch(
            @PathParam("id") String id,
            @RequestBody(
                            content =
                                    @Content(
                                            mediaType = JSON,
                                            schema = @Schema(type = OBJECT),
                                            examples =
                                                    @ExampleObject(
                                                            name = "amount",
                                                            value = "{\"field\":\"amount\",\"value\":99.9}")))
                    Body body,
            @HeaderParam("If-Match") List<String> ifMatch) {
        return writes.patch(id, Body.bytesOf(body), ifMatch);
    }

    @PUT
    @Path("/{id}")
    @Operation(summary = "Change some or all fields", description = "Fields not given stay.")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> put(
            @PathParam("id") String id,
            @RequestBody(
                            content =
                                    @Content(
                                            mediaType = JSON,
                                            schema = @Schema(type = OBJECT),
                                            examples = @ExampleObject(name = "entry", value = ENTRY)))
                    Body body,
            @HeaderParam("If-Match") List<String> ifMatch) {
        return writes.put(id, Body.bytesOf(body), ifMatch);
    }

    @DELETE
    @Path("/{id}")
    @Operation(summary = "Delete an entry")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> delete(@PathParam("id") String id, @HeaderParam("If-Match") List<String> ifMatch) {
        return writes.delete(id, ifMatch);
    }

    @POST
    @Path("/bulk-delete")
    @Operation(
            summary = "Delete those of the ids that exist",
            description =
                    "One atomic set: all of them or none. Idempotency-Key as on creating; a call that deletes nothing does"
                            + " not bind its key.")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> bulkDelete(
            @RequestBody(
                            content =
                                    @Content(
                                            mediaType = JSON,
                                            schema = @Schema(type = OBJECT),
                                            examples = @ExampleObject(name = "ids", value = "{\"ids\":[1,2,3]}")))
                    Body body,
            @HeaderParam("Idempotency-Key") String key) {
        return writes.bulkDelete(Body.bytesOf(body), key);
    }

    @GET
    @Path("/summary")
    @Operation(summary = "Count, total, average, least and greatest per group and currency")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> summary(
            @Context HttpServerRequest request,
            @QueryParam("by") String by,
            @QueryParam("from") String from,
            @QueryParam("to") String to,
            @QueryParam("category") String category,
            @QueryParam("account") String account,
            @QueryParam("q") String q) {
        return reads.summary(by, filters(Query.of(request), from, to, category, account, q));
    }

    @GET
    @Path("/export.csv")
    @Operation(summary = "All entries, or the filtered ones, as CSV")
    @APIResponse(responseCode = "200", content = @Content(mediaType = "text/csv"))
    public Uni<Response> csv(
            @Context HttpServerRequest request,
            @QueryParam("from") String from,
            @QueryParam("to") String to,
            @QueryParam("category") String category,
            @QueryParam("account") String account,
            @QueryParam("q") String q) {
        return reads.csv(filters(Query.of(request), from, to, category, account, q));
    }

    @GET
    @Path("/audit")
    @RequiresRole(Role.VIEWER)
    @Operation(summary = "Who changed what and when, newest first")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> audit(
            @Context HttpServerRequest request,
            @QueryParam("entry_id") String entryId,
            @QueryParam("from") String from,
            @QueryParam("to") String to,
            @QueryParam("limit") String limit,
            @QueryParam("after") String after) {
        Query query = Query.of(request);
        return reads.audit(
                query.given("entry_id", entryId),
                query.given("from", from),
                query.given("to", to),
                query.given("limit", limit),
                query.given("after", after));
    }

    @GET
    @Path("/flags")
    @Operation(summary = "All feature flags as they apply", description = "For one user with user_id.")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> flags(@Context HttpServerRequest request, @QueryParam("user_id") String userId) {
        return flags.list(Query.of(request).given("user_id", userId));
    }

    @GET
    @Path("/flags/{name}")
    @Operation(summary = "One feature flag as it applies")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> flag(
            @Context HttpServerRequest request, @PathParam("name") String name, @QueryParam("user_id") String userId) {
        return flags.one(name, Query.of(request).given("user_id", userId));
    }

    @PUT
    @Path("/flags/{name}")
    @RequiresRole(Role.OPERATOR)
    @Operation(summary = "Set a feature flag", description = "Globally, or for one user with user_id.")
    @APIResponse(responseCode = "200", content = @Content(mediaType = JSON))
    public Uni<Response> setFlag(
            @Context HttpServerRequest request,
            @PathParam("name") String name,
            @QueryParam("user_id") String userId,
            @RequestBody(
                            content =
                                    @Content(
                                            mediaType = JSON,
                                            schema = @Schema(type = OBJECT),
                                            examples = @ExampleObject(name = "on", value = "{\"enabled\":true}")))
                    Body body) {
        return flags.set(name, Query.of(request).given("user_id", userId), Body.bytesOf(body));
    }

    private static ListParameters filters(
            Query query, String from, String to, String category, String account, String q) {
        return new ListParameters(
                query.given("from", from),
                query.given("to", to),
                query.given("category", category),
                query.given("account", account),
                q,
                null,
                null);
    }
}
