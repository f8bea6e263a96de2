package io.homebudget.ledger.storage.internalapi;

import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreState;
import io.homebudget.ledger.storage.access.RequiresRole;
import io.homebudget.ledger.storage.api.ApiConfig;
import io.homebudget.ledger.storage.api.Refused;
import io.homebudget.ledger.storage.restoring.RestoreDesk;
import io.homebudget.ledger.storage.wiring.LedgerRuntime;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.UUID;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Taking the ledger back, over HTTP: an order, its rows in parts, and the word to apply them. */
@Path(InternalApi.ROOT + "/restore")
@RequiresRole(Role.SERVICE)
@Produces(MediaType.APPLICATION_JSON)
public class RestoreResource {
    private final LedgerRuntime runtime;
    private final ApiConfig config;

    public RestoreResource(LedgerRuntime runtime, ApiConfig config) {
        this.runtime = runtime;
        this.config = config;
    }

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Response begin(RestoreOrder order) {
        return Response.status(Response.Status.CREATED)
                .entity(asked(() -> runtime.restores().begin(order)))
                .build();
    }

    @POST
    @Path("/{id}/rows")
    @Blocking
    @Consumes({MediaType.TEXT_PLAIN, "application/x-ndjson"})
    @Operation(hidden = true)
    public RestoreState rows(@PathParam("id") UUID id, @QueryParam("from") @DefaultValue("0") long from, byte[] lines) {
        // one that does not say beforehand how long it is has passed the edge
        if (lines.length > config.maxInternalBodyBytes()) {
            throw new Refused(Refusal.of(
                    LedgerError.TOO_LARGE, "The body is longer than " + config.maxInternalBodyBytes() + " bytes."));
        }
        return asked(() -> runtime.restores().rows(id, from, lines));
    }

    @POST
    @Path("/{id}/apply")
    @Blocking
    @Operation(hidden = true)
    public Response apply(@PathParam("id") UUID id, @QueryParam("rows") long rows) {
        return Response.accepted(asked(() -> runtime.restores().apply(id, rows)))
                .build();
    }

    /** Waits for a part that is just being made durable. */
    @GET
    @Path("/{id}")
    @Blocking
    @Operation(hidden = true)
    public Uni<RestoreState> state(@PathParam("id") UUID id) {
        return runtime.restores()
                .state(id)
                .onFailure(RestoreDesk.Refused.class)
                .transform(refused -> new Refused(((RestoreDesk.Refused) refused).refusal()));
    }

    @DELETE
    @Path("/{id}")
    @Blocking
    @Operation(hidden = true)
    public RestoreState discard(@PathParam("id") UUID id) {
        return asked(() -> runtime.restores().discard(id));
    }

    @POST
    @Path("/follower")
    @Operation(hidden = true)
    public Uni<Response> follower() {
        return runtime.engine().rebuildFollower().map((BackfillState state) -> Response.accepted(state)
                .build());
    }

    private static <T> T asked(Supplier<T> call) {
        try {
            return call.get();
        } catch (RestoreDesk.Refused refused) {
            throw new Refused(refused.refusal());
        }
    }
}
