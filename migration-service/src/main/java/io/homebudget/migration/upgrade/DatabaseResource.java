package io.homebudget.migration.upgrade;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.access.Caller;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.schema.DatabaseAway;
import io.homebudget.migration.snapshots.Backups;
import io.smallrye.mutiny.Uni;
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

/** The schemas of all services: how they stand, what would be done, the order to do it, and one step back. */
@Path("/api/database")
@Produces(MediaType.APPLICATION_JSON)
public class DatabaseResource {
    private static final int JOBS = 50;

    private final SchemaServices services;
    private final Upgrades upgrades;
    private final UpgradeBook book;
    private final Backups backups;

    DatabaseResource(SchemaServices services, Upgrades upgrades, UpgradeBook book, Backups backups) {
        this.services = services;
        this.upgrades = upgrades;
        this.book = book;
        this.backups = backups;
    }

    /** The body of {@code POST /undo}. */
    public record UndoOrder(String service, boolean confirm, String reason) {}

    @GET
    @Path("status")
    public Uni<Map<String, Object>> status() {
        return services.told().chain(told -> backupsOffered().map(offered -> SchemaView.status(told, offered)));
    }

    private Uni<Boolean> backupsOffered() {
        return !backups.configured()
                ? Uni.createFrom().item(false)
                : backups.list()
                        .map(list -> true)
                        .onFailure(Backups.Trouble.class)
                        .recoverWithItem(false);
    }

    @GET
    @Path("preview")
    public Uni<Map<String, Object>> preview() {
        return services.told().map(SchemaView::preview);
    }

    @GET
    @Path("safety")
    public Uni<Map<String, Object>> safety() {
        return services.told().chain(upgrades::safety).map(checks -> {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("safe", checks.stream().allMatch(check -> (boolean) check.get("ok")));
            answer.put("checks", checks);
            return answer;
        });
    }

    @POST
    @Path("update")
    public Uni<Response> update(Upgrades.Order order) {
        return upgrades.order(order == null ? new Upgrades.Order(false, false, "") : order, Caller.OPERATOR)
                .map(id -> Response.accepted(Map.of("id", id, "job_id", id))
                        .header("Location", "/api/database/update/" + id + "/progress")
                        .build());
    }

    @GET
    @Path("update/{id}/progress")
    public Uni<Map<String, Object>> progress(@PathParam("id") UUID id) {
        return book.find(id).map(row -> row.map(SchemaView::job)
                .orElseThrow(() -> Refused.of(LedgerError.NOT_FOUND, "There is no such upgrade.")));
    }

    /** What was installed when, and the upgrades that did it; without PostgreSQL what the services tell. */
    @GET
    @Path("history")
    public Uni<Map<String, Object>> history() {
        return services.told().chain(told -> book.newest(JOBS)
                .onFailure(DatabaseAway.class)
                .recoverWithItem(List.of())
                .map(rows -> {
                    Map<String, Object> answer = new LinkedHashMap<>();
                    answer.put("items", SchemaView.history(told));
                    answer.put("jobs", rows.stream().map(SchemaView::job).toList());
                    return answer;
                }));
    }

    @POST
    @Path("undo")
    public Uni<Map<String, Object>> undo(UndoOrder order) {
        if (order == null || order.service() == null) {
            throw Refused.unreadable("The body must be a JSON object with service and confirm.");
        }
        return upgrades.undo(order.service(), order.confirm(), Caller.OPERATOR, order.reason())
                .chain(services::told)
                .chain(told -> backupsOffered().map(offered -> SchemaView.status(told, offered)));
    }
}
