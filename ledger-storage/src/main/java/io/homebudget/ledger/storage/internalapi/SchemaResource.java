package io.homebudget.ledger.storage.internalapi;

import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.SchemaState;
import io.homebudget.ledger.storage.access.RequiresRole;
import io.homebudget.ledger.storage.api.Refused;
import io.homebudget.ledger.storage.schema.Schema;
import io.homebudget.ledger.storage.schema.StepFailed;
import io.homebudget.ledger.storage.wiring.LedgerRuntime;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Locale;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;

/** The schema of this service over HTTP: what is there, what is to come, one step further, one step back. */
@Path(InternalApi.ROOT + "/schema")
@RequiresRole(Role.SERVICE)
@Produces(MediaType.APPLICATION_JSON)
public class SchemaResource {
    private static final Pattern VERSION = Pattern.compile("\\d{1,9}(\\.\\d{1,9}){0,3}");

    private static final Logger LOG = Logger.getLogger(SchemaResource.class);

    private final LedgerRuntime runtime;

    public SchemaResource(LedgerRuntime runtime) {
        this.runtime = runtime;
    }

    @GET
    @Operation(hidden = true)
    public Uni<SchemaState> state() {
        return answer(runtime.schema());
    }

    /** @param target the version to stop at; null for the newest */
    public record Update(String target) {}

    @POST
    @Path("/update")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Uni<SchemaState> update(Update update) {
        String target = update == null ? null : update.target();
        if (target != null && !VERSION.matcher(target).matches()) {
            throw Asked.refused("target must be a version such as 2 or 2.1");
        }
        return answer(runtime.updateSchema(target));
    }

    @POST
    @Path("/undo")
    @Operation(hidden = true)
    public Uni<SchemaState> undo() {
        return answer(runtime.undoSchema());
    }

    private static Uni<SchemaState> answer(Uni<Schema.Status> status) {
        return status.map(SchemaResource::state).onFailure().transform(SchemaResource::refused);
    }

    private static Throwable refused(Throwable failure) {
        if (failure instanceof StepFailed) {
            return new Refused(Refusal.of(LedgerError.CONFLICT, failure.getMessage()));
        }
        LOG.warn("PostgreSQL cannot be asked about the schema", failure);
        return new Refused(Refusal.of(
                LedgerError.NOT_WRITTEN,
                "PostgreSQL cannot be asked about the schema ("
                        + failure.getClass().getSimpleName() + "). Repeat the call."));
    }

    private static SchemaState state(Schema.Status status) {
        return new SchemaState(
                status.current(),
                status.target(),
                status.safe(),
                status.undoable(),
                status.pending().stream().map(SchemaResource::step).toList(),
                status.applied().stream().map(SchemaResource::step).toList());
    }

    private static SchemaState.Step step(Schema.Step step) {
        return new SchemaState.Step(
                step.version(),
                step.description(),
                step.state().toLowerCase(Locale.ROOT),
                step.installedAt(),
                step.installedAt() == null ? null : step.millis(),
                step.sql());
    }
}
