package io.homebudget.migration.runs;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.access.Caller;
import io.homebudget.migration.problems.Refused;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Orders, progress and cancellation of runs, and the way back. */
@Path("/api/v1/migration")
@Produces(MediaType.APPLICATION_JSON)
public class RunResource {
    private static final String RUNS = "/api/v1/migration/runs/";
    private static final int MOST = 200;

    private final Admission admission;
    private final RunBook book;
    private final Rollback rollback;
    private final Clock clock;

    RunResource(Admission admission, RunBook book, Rollback rollback, Clock clock) {
        this.admission = admission;
        this.book = book;
        this.rollback = rollback;
        this.clock = clock;
    }

    @POST
    @Path("runs")
    public Uni<Response> order(RunOrder order) {
        if (order == null) {
            throw Refused.unreadable("The body must be a JSON object with kind and target.");
        }
        return admission.admit(order, Caller.OPERATOR).map(id -> accepted(id, Map.of("id", id)));
    }

    @GET
    @Path("runs")
    public Uni<Map<String, Object>> list(
            @QueryParam("kind") String kind,
            @QueryParam("limit") @DefaultValue("50") int limit,
            @QueryParam("after") @DefaultValue("0") int after) {
        Optional<Kind> only = kind == null ? Optional.empty() : Kind.ofWord(kind);
        int most = Math.max(1, Math.min(limit, MOST));
        return book.newest(only, most, Math.max(0, after)).map(found -> {
            List<Map<String, Object>> items = new ArrayList<>();
            rollback.unwritten().forEach(entry -> items.add(RunView.of(entry, clock.instant())));
            found.forEach(entry -> items.add(RunView.of(entry, clock.instant())));
            Map<String, Object> page = new LinkedHashMap<>();
            page.put("items", items);
            page.put("next", found.size() < most ? null : String.valueOf(after + most));
            return page;
        });
    }

    @GET
    @Path("runs/{id}")
    public Uni<Map<String, Object>> read(@PathParam("id") UUID id) {
        Optional<RunBook.Entry> inMemory = rollback.unwritten(id);
        if (inMemory.isPresent()) {
            return Uni.createFrom().item(RunView.of(inMemory.get(), clock.instant()));
        }
        return found(id)
                .map(entries -> id.equals(entries.get(0).run().batchId)
                        ? RunView.ofBatch(entries, clock.instant())
                        : RunView.of(entries.get(0), clock.instant()));
    }

    @POST
    @Path("runs/{id}/cancel")
    public Uni<Response> cancel(@PathParam("id") UUID id) {
        return found(id)
                .invoke(entries -> entries.forEach(RunResource::refuseTooLate))
                .chain(entries -> {
                    Uni<Boolean> any = Uni.createFrom().item(false);
                    for (RunBook.Entry entry : entries) {
                        any = any.chain(
                                before -> book.requestCancel(entry.run().id).map(cancelled -> cancelled || before));
                    }
                    return any;
                })
                .map(any -> {
                    if (!any) {
                        throw Refused.of(LedgerError.CONFLICT, "The run is over; there is nothing to cancel.");
                    }
                    return accepted(id, Map.of("id", id));
                });
    }

    private static void refuseTooLate(RunBook.Entry entry) {
        Run run = entry.run();
        if (run.stateOf().active() && run.changedEpoch != null && !Plan.mayUndo(run.from(), run.to())) {
            throw Refused.of(
                    LedgerError.CONFLICT,
                    "The ledger is back in " + run.target + " already, and " + run.fromPhase
                            + " is reached only forwards, through its gates. Wait for the end of this run.");
        }
    }

    private Uni<List<RunBook.Entry>> found(UUID id) {
        return book.find(id).invoke(entries -> {
            if (entries.isEmpty()) {
                throw Refused.of(LedgerError.NOT_FOUND, "There is no such run.");
            }
        });
    }

    @POST
    @Path("rollback")
    public Uni<Response> back(Rollback.Order order) {
        if (order == null) {
            throw Refused.unreadable("The body must be a JSON object with kind and consent.");
        }
        return rollback.back(order, Caller.OPERATOR).map(begun -> {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("id", begun.id());
            answer.put("target", begun.target());
            if (begun.change() != null) {
                answer.put("phase", begun.change().phase());
                answer.put("epoch", begun.change().epoch());
                answer.put("warning", begun.change().warning());
            }
            return accepted(begun.id(), answer);
        });
    }

    private static Response accepted(UUID id, Map<String, Object> body) {
        return Response.accepted(body).header("Location", RUNS + id).build();
    }
}
