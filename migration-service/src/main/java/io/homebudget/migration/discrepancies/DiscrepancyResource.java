package io.homebudget.migration.discrepancies;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.access.Caller;
import io.homebudget.migration.problems.Refused;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.RestMulti;

/** What differs, for a person: the list, the same as CSV, and dismissing what is meant to be so. */
@Path("/api/v1/migration")
public class DiscrepancyResource {
    private static final int MOST = 1_000;
    private static final int USUAL = 100;
    private static final Map<String, List<String>> CSV = Map.of(
            "Content-Type", List.of("text/csv;charset=UTF-8"),
            "Content-Disposition", List.of("attachment; filename=\"discrepancies.csv\""));

    private final DiscrepancyBook book;
    private final Clock clock;

    DiscrepancyResource(DiscrepancyBook book, Clock clock) {
        this.book = book;
        this.clock = clock;
    }

    /** Why somebody acts. */
    public record Because(String reason) {
        /** Never null; too long ones are refused. */
        public static String of(Because body) {
            String reason = body == null || body.reason() == null ? "" : body.reason();
            if (reason.length() > MOST) {
                throw Refused.inBody(
                        "reason", "reason must not be longer than " + MOST + " characters", "string_too_long");
            }
            return reason;
        }
    }

    @GET
    @Path("discrepancies")
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Map<String, Object>> list(
            @QueryParam("kind") String kind,
            @QueryParam("state") String state,
            @QueryParam("type") String type,
            @QueryParam("limit") Integer limit,
            @QueryParam("after") Long after) {
        int most = limit == null ? USUAL : Math.max(1, Math.min(limit, MOST));
        return book.page(new Filter(kind, state, type), before(after), most).map(rows -> {
            Map<String, Object> page = new LinkedHashMap<>();
            page.put("items", rows.stream().map(DiscrepancyView::of).collect(Collectors.toList()));
            page.put("next", rows.size() < most ? null : String.valueOf(rows.get(most - 1).id));
            return page;
        });
    }

    @GET
    @Path("discrepancies/{id}")
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Map<String, Object>> read(@PathParam("id") long id) {
        return book.find(id).map(found -> DiscrepancyView.of(found.orElseThrow(DiscrepancyResource::none)));
    }

    /** All that the filter lets through, page by page, so that memory does not grow with them. */
    @GET
    @Path("discrepancies.csv")
    public Multi<byte[]> csv(
            @QueryParam("kind") String kind, @QueryParam("state") String state, @QueryParam("type") String type) {
        Filter filter = new Filter(kind, state, type);
        // the first page comes before the first byte: where PostgreSQL is away the answer is a 503, not half a file
        return RestMulti.fromUniResponse(
                book.page(filter, Long.MAX_VALUE, MOST), first -> DiscrepancyCsv.of(from(filter, first)), first -> CSV);
    }

    private Multi<List<DiscrepancyRow>> from(Filter filter, List<DiscrepancyRow> first) {
        if (first.size() < MOST) {
            return Multi.createFrom().item(first);
        }
        AtomicLong before = new AtomicLong(first.get(MOST - 1).id);
        Multi<List<DiscrepancyRow>> rest = Multi.createBy()
                .repeating()
                .uni(() ->
                        book.page(filter, before.get(), MOST).invoke(rows -> rows.forEach(row -> before.set(row.id))))
                .whilst(rows -> rows.size() == MOST);
        return Multi.createBy().concatenating().streams(Multi.createFrom().item(first), rest);
    }

    @POST
    @Path("discrepancies/{id}/dismiss")
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Map<String, Object>> dismiss(@PathParam("id") long id, Because because) {
        return book.dismiss(id, Caller.OPERATOR, Because.of(because), clock.instant())
                .map(found -> {
                    DiscrepancyRow row = found.orElseThrow(DiscrepancyResource::none);
                    if (!DiscrepancyRow.DISMISSED.equals(row.state)) {
                        throw Refused.of(LedgerError.CONFLICT, "It is " + row.state + " already.");
                    }
                    return DiscrepancyView.of(row);
                });
    }

    private static long before(Long after) {
        return Optional.ofNullable(after).orElse(Long.MAX_VALUE);
    }

    /** The answer where there is no such discrepancy. */
    public static Refused none() {
        return Refused.of(LedgerError.NOT_FOUND, "There is no such discrepancy.");
    }
}
