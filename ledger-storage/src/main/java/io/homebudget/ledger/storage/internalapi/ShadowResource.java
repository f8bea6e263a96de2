package io.homebudget.ledger.storage.internalapi;

import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.ShadowMismatch;
import io.homebudget.ledger.storage.access.RequiresRole;
import io.homebudget.ledger.storage.wiring.LedgerRuntime;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What shadow reads found. */
@Path(InternalApi.ROOT + "/shadow-reads")
@RequiresRole(Role.SERVICE)
@Produces(MediaType.APPLICATION_JSON)
public class ShadowResource {
    private final LedgerRuntime runtime;

    public ShadowResource(LedgerRuntime runtime) {
        this.runtime = runtime;
    }

    @GET
    @Operation(hidden = true)
    public List<ShadowMismatch> after(@QueryParam("after") @DefaultValue("0") long after) {
        return runtime.shadowReads().after(after);
    }
}
