package io.homebudget.migration.verify;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.access.Caller;
import io.homebudget.migration.problems.KindWord;
import io.homebudget.migration.problems.Refused;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.UUID;

/** Verifications. */
@Path("/api/v1/migration")
@Produces(MediaType.APPLICATION_JSON)
public class VerificationResource {
    private final Verifications verifications;

    VerificationResource(Verifications verifications) {
        this.verifications = verifications;
    }

    /** The body of {@code POST /verifications}. */
    public record Order(String kind, String reason) {}

    @POST
    @Path("verifications")
    public Uni<Response> begin(Order order) {
        Kind kind = KindWord.inBody(order == null ? null : order.kind());
        if (verifications.running(kind)) {
            throw Refused.of(LedgerError.CONFLICT, "A verification of this kind is running; wait for its end.");
        }
        String reason = order.reason() == null ? "" : order.reason();
        return verifications.begin(kind, null, Caller.OPERATOR, reason).map(row -> Response.accepted(
                        Map.of("id", row.id))
                .header("Location", "/api/v1/migration/verifications/" + row.id)
                .build());
    }

    @GET
    @Path("verifications/{id}")
    public Uni<Map<String, Object>> read(@PathParam("id") UUID id) {
        return verifications.find(id).map(found -> found.map(VerificationView::of)
                .orElseThrow(() -> Refused.of(LedgerError.NOT_FOUND, "There is no such verification.")));
    }
}
