package io.homebudget.backup.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.backup.access.Guard;
import io.homebudget.backup.problems.Refused;
import io.homebudget.backup.recovery.Asked;
import io.homebudget.backup.recovery.Moment;
import io.homebudget.backup.recovery.Recoveries;
import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.Refusal;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Clock;

/** Takes ledgers back to any moment. */
@Path("/api/v1/backups/recover")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class RecoverResource {
    private final Recoveries recoveries;
    private final Guard guard;
    private final Clock clock;

    RecoverResource(Recoveries recoveries, Guard guard, Clock clock) {
        this.recoveries = recoveries;
        this.guard = guard;
        this.clock = clock;
    }

    @POST
    public Response recover(@HeaderParam("Authorization") String authorization, String text) throws IOException {
        JsonNode body = SnapshotsResource.body(text);
        String to = body.path("to").asText(null);
        Moment.Named moment = Moment.Named.of(to)
                .orElseThrow(() -> Refused.of(Refusal.malformed(Fault.inBody(
                        "to", "to must be an instant such as 2026-01-31T12:00:00Z, or the id of a change", "moment"))));
        if (moment.instant() != null && moment.instant().isAfter(clock.instant())) {
            throw Refused.of(Refusal.malformed(
                    Fault.inBody("to", "to must not lie in the future; now it is " + clock.instant(), "moment")));
        }
        Asked.consent(body, "A recovery takes back what was written after the moment.", Asked.CONSENT);
        return SnapshotsResource.accepted(recoveries.order(
                new Recoveries.Order(moment, to, Asked.kinds(body), guard.actor(authorization), Asked.reason(body))));
    }
}
