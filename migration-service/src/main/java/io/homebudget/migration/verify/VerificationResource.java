package io.homebudget.migration.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.access.Caller;
import io.homebudget.migration.problems.Refused;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Verifications, and what the last one found. */
@Path("/api/v1/migration")
@Produces(MediaType.APPLICATION_JSON)
public class VerificationResource {
    private static final int MOST = 1_000;
    private static final int USUAL = 100;

    private final Verifications verifications;
    private final VerificationBook book;
    private final ObjectMapper json;

    VerificationResource(Verifications verifications, VerificationBook book, ObjectMapper json) {
        this.verifications = verifications;
        this.book = book;
        this.json = json;
    }

    /** The body of {@code POST /verifications}. */
    public record Order(String kind, String reason) {}

    @POST
    @Path("verifications")
    public Uni<Response> begin(Order order) {
        Kind kind = Kind.ofWord(order == null || order.kind() == null ? "" : order.kind())
                .orElseThrow(() -> Refused.of(LedgerError.INVALID, "kind must be expense or income"));
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

    @GET
    @Path("discrepancies")
    public Uni<Map<String, Object>> discrepancies(
            @QueryParam("kind") String kind,
            @QueryParam("state") String state,
            @QueryParam("type") String type,
            @QueryParam("limit") Integer limit,
            @QueryParam("after") Long after) {
        int most = limit == null ? USUAL : Math.max(1, Math.min(limit, MOST));
        return book.discrepancies(kind, state, type, after == null ? Long.MAX_VALUE : after, most)
                .map(rows -> {
                    List<Map<String, Object>> items = new ArrayList<>();
                    rows.forEach(row -> items.add(view(row)));
                    Map<String, Object> page = new LinkedHashMap<>();
                    page.put("items", items);
                    page.put("next", rows.size() < most ? null : String.valueOf(rows.get(most - 1).id));
                    return page;
                });
    }

    private Map<String, Object> view(DiscrepancyRow row) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", row.id);
        view.put("kind", row.kind);
        view.put("entry_id", row.entryId);
        view.put("type", row.type);
        view.put("fields", row.fields == null ? List.of() : List.of(row.fields.split(",")));
        view.put("damaged", row.damaged);
        view.put("json", tree(row.jsonSide));
        view.put("postgres", tree(row.postgresSide));
        view.put("cause", row.cause);
        view.put("state", row.state);
        view.put("found_at", row.foundAt);
        view.put("resolved_at", row.resolvedAt);
        view.put("resolution", row.resolution);
        view.put("verification_id", row.verificationId);
        return view;
    }

    private JsonNode tree(String text) {
        try {
            return text == null ? null : json.readTree(text);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException("a stored side is not JSON", e);
        }
    }
}
