package io.homebudget.migration.repair;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.access.Caller;
import io.homebudget.migration.discrepancies.DiscrepancyBook;
import io.homebudget.migration.discrepancies.DiscrepancyResource;
import io.homebudget.migration.discrepancies.DiscrepancyResource.Because;
import io.homebudget.migration.discrepancies.DiscrepancyRow;
import io.homebudget.migration.discrepancies.DiscrepancyView;
import io.homebudget.migration.problems.KindWord;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.verify.EntryJudge;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Repairs, of one discrepancy at once and of all as an order. */
@Path("/api/v1/migration")
@Produces(MediaType.APPLICATION_JSON)
public class RepairResource {
    private final DiscrepancyBook book;
    private final Repairer repairer;
    private final RepairOrders orders;

    RepairResource(DiscrepancyBook book, Repairer repairer, RepairOrders orders) {
        this.book = book;
        this.repairer = repairer;
        this.orders = orders;
    }

    /** The body of {@code POST /discrepancies/repair}. */
    public record Order(String kind, String reason) {}

    /** The answer is the discrepancy as it stands afterwards; {@code result} is the ledger service's word for it. */
    @POST
    @Path("discrepancies/{id}/repair")
    @Consumes(MediaType.WILDCARD)
    public Uni<Map<String, Object>> repair(@PathParam("id") long id, Because because) {
        String reason = Because.of(because);
        return book.find(id).chain(found -> {
            DiscrepancyRow row = found.orElseThrow(DiscrepancyResource::none);
            if (!row.open()) {
                throw Refused.of(LedgerError.CONFLICT, "It is " + row.state + " already.");
            }
            Kind kind = Kind.ofWord(row.kind).orElseThrow();
            return repairer.repair(kind, List.of(row), Caller.OPERATOR, reason)
                    .onFailure(EntryJudge.Pending.class)
                    .transform(pending -> Refused.of(
                            LedgerError.CONFLICT,
                            "Whether it is mended cannot be judged now: " + pending.getMessage()
                                    + ". It is looked at again by itself."))
                    .chain(results -> book.find(id).map(after -> {
                        Map<String, Object> view = DiscrepancyView.of(after.orElse(row));
                        view.put("result", results.get(id));
                        return view;
                    }));
        });
    }

    @POST
    @Path("discrepancies/repair")
    public Uni<Response> repairAll(Order order) {
        Kind kind = KindWord.inBody(order == null ? null : order.kind());
        return orders.begin(kind, Caller.OPERATOR, Because.of(new Because(order.reason())))
                .map(row -> Response.accepted(Map.of("id", row.id))
                        .header("Location", "/api/v1/migration/repairs/" + row.id)
                        .build());
    }

    @GET
    @Path("repairs/{id}")
    public Uni<Map<String, Object>> read(@PathParam("id") UUID id) {
        return orders.find(id)
                .map(found ->
                        view(found.orElseThrow(() -> Refused.of(LedgerError.NOT_FOUND, "There is no such repair."))));
    }

    private static Map<String, Object> view(RepairRow row) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", row.id);
        view.put("kind", row.kind);
        view.put("state", row.state);
        view.put("percent", percent(row));
        view.put("total", row.total);
        view.put("done", row.done);
        view.put("repaired", row.repaired);
        view.put("started_at", row.startedAt);
        view.put("finished_at", row.finishedAt);
        view.put("error", row.error);
        view.put("actor", row.actor);
        view.put("reason", row.reason);
        return view;
    }

    private static long percent(RepairRow row) {
        if (!"running".equals(row.state)) {
            return 100;
        }
        return row.total == 0 ? 0 : Math.min(99, 100 * row.done / row.total);
    }
}
