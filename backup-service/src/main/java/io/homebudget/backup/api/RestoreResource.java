package io.homebudget.backup.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.backup.access.Guard;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.problems.Refused;
import io.homebudget.backup.recovery.Asked;
import io.homebudget.backup.restore.Restores;
import io.homebudget.backup.restore.Target;
import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
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
 * Takes ledgers back to a snapshot. The whole path stands at the class: JAX-RS chooses the class with the longest fixed path first, and
 * never looks at a second one.
 */
@Path("/api/v1/backups/{id}/restore")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class RestoreResource {
    private final Restores restores;
    private final Guard guard;

    RestoreResource(Restores restores, Guard guard) {
        this.restores = restores;
        this.guard = guard;
    }

    @POST
    public Response restore(@HeaderParam("Authorization") String authorization, @PathParam("id") String id, String text)
            throws IOException {
        return order(authorization, id, SnapshotsResource.body(text), Asked.CONSENT);
    }

    /** @param consent the fields by which consent may be given, see {@link Asked#consent} */
    Response order(String authorization, String id, JsonNode body, String... consent) throws IOException {
        Target target = Target.ofWord(body.path("store").asText(Target.BOTH.word()))
                .orElseThrow(() -> Refused.of(
                        Refusal.malformed(Fault.inBody("store", "store must be json, postgres or both", "enum"))));
        SnapshotId wanted = SnapshotId.ofName(id)
                .orElseThrow(() -> Refused.of(
                        LedgerError.NOT_FOUND, "There is no such snapshot. GET /api/v1/backups lists them."));
        Asked.consent(body, "A restore takes back what was written since the snapshot.", consent);
        return SnapshotsResource.accepted(restores.order(
                new Restores.Order(wanted, target, Asked.kinds(body), guard.actor(authorization), Asked.reason(body))));
    }
}
