package io.homebudget.ledger.storage.internalapi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.internal.ImportBatch;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.storage.access.RequiresRole;
import io.homebudget.ledger.storage.wiring.LedgerRuntime;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Imports over HTTP. */
@Path(InternalApi.ROOT)
@RequiresRole(Role.SERVICE)
@Produces(MediaType.APPLICATION_JSON)
public class ImportResource {
    /** Numbers are read as they stand: as doubles, one with too many decimals could become one with two. */
    private static final JsonMapper EXACT = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final LedgerRuntime runtime;

    public ImportResource(LedgerRuntime runtime) {
        this.runtime = runtime;
    }

    @POST
    @Path("/import")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Uni<ImportBatch.Done> take(byte[] body) {
        return new Imports(runtime.rules(), runtime.engine().ledger()).take(read(body));
    }

    private static ImportBatch read(byte[] body) {
        try {
            return Asked.body(EXACT.readValue(Asked.body(body), ImportBatch.class));
        } catch (JsonProcessingException e) {
            throw Asked.refused("the body is no import batch: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw Asked.refused("the body cannot be read");
        }
    }
}
