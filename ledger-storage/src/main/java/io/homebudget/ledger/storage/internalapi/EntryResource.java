package io.homebudget.ledger.storage.internalapi;

import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryRepair;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.access.RequiresRole;
import io.homebudget.ledger.storage.api.Chunks;
import io.homebudget.ledger.storage.export.Export;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.wiring.LedgerRuntime;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Entries whole, over HTTP: some by their ids, all of them as an export, one of them repaired. */
@Path(InternalApi.ROOT)
@RequiresRole(Role.SERVICE)
@Produces(MediaType.APPLICATION_JSON)
public class EntryResource {
    private static final String LINES = MediaType.TEXT_PLAIN + ";charset=UTF-8";

    private final LedgerRuntime runtime;

    public EntryResource(LedgerRuntime runtime) {
        this.runtime = runtime;
    }

    @POST
    @Path("/entries")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Uni<List<EntryImage>> entries(
            @QueryParam("store") String store,
            @QueryParam("source") @DefaultValue("served") String source,
            InternalResource.Ids ids) {
        return Asked.store(runtime.engine(), store)
                .rows(Asked.ids(Asked.body(ids).ids(), LedgerStore.MOST_ROWS), Asked.source(source))
                .map(rows -> rows.stream().map(ImageRow::image).toList());
    }

    @GET
    @Path("/export")
    @Produces(LINES)
    @Operation(hidden = true)
    public Uni<Response> export(@QueryParam("store") String word) {
        LedgerStore store = Asked.store(runtime.engine(), word);
        LedgerState state = runtime.state();
        Export.Origin origin = new Export.Origin(
                runtime.kind(),
                state.epoch(),
                state.phase(),
                state.identity(),
                store.name() == StoreName.POSTGRES ? runtime.schemaVersion() : null);
        return new Export(store, Export.Limits.USUAL, Infrastructure.getDefaultWorkerPool(), Clock.systemUTC())
                .begin(origin)
                .map(parts -> Response.ok(new Chunks(parts), LINES).build());
    }

    @POST
    @Path("/repair")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Uni<EntryRepair.Done> repair(EntryRepair repair) {
        // refuses an unknown store before anything is read
        Asked.store(runtime.engine(), Asked.body(repair).store());
        Asked.field("actor", repair.actor());
        return runtime.engine().repair(repair);
    }
}
