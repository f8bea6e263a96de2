package io.homebudget.backup.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.backup.access.Guard;
import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.format.Reason;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.SnapshotJson;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.making.Orders;
import io.homebudget.backup.problems.Refused;
import io.homebudget.backup.remote.Transfers;
import io.homebudget.backup.retention.Cleaner;
import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/** The backup API: the list, and the orders. Everything reads the disk, so everything runs on workers. */
@Path("/api/v1/backups")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class SnapshotsResource {
    private static final Logger LOG = Logger.getLogger(SnapshotsResource.class);
    private static final String AUTHORIZATION = "Authorization";
    private static final String NO_LIST = "It is not known which copies are elsewhere: ";
    private static final String NO_MARKS = "It is not known which of the copies elsewhere are pinned: ";
    private static final int DEFAULT_LIMIT = 50;
    private static final int MOST = 500;

    private final Catalogue catalogue;
    private final Transfers transfers;
    private final Orders orders;
    private final Cleaner cleaner;
    private final FolderOwner owner;
    private final Guard guard;

    SnapshotsResource(
            Catalogue catalogue, Transfers transfers, Orders orders, Cleaner cleaner, FolderOwner owner, Guard guard) {
        this.catalogue = catalogue;
        this.transfers = transfers;
        this.orders = orders;
        this.cleaner = cleaner;
        this.owner = owner;
        this.guard = guard;
    }

    @GET
    public Map<String, Object> list(@QueryParam("limit") Integer limit, @QueryParam("after") String after)
            throws IOException {
        // whoever asks for more than a page may hold gets a full one, and "next"
        int most = limit == null ? DEFAULT_LIMIT : Math.min(limit, MOST);
        if (most < 1) {
            throw Refused.of(LedgerError.BAD_REQUEST, "limit is " + most + "; it must be at least 1.");
        }
        SnapshotId from = after == null ? null : id(after);
        List<String> notes = new ArrayList<>();
        Set<SnapshotId> remote = asked(transfers::remote, NO_LIST, notes);
        TreeMap<SnapshotId, Map<String, Object>> all = new TreeMap<>(Comparator.reverseOrder());
        for (Listed listed : catalogue.list()) {
            all.put(listed.id(), SnapshotView.brief(listed, remote == null ? null : remote.contains(listed.id())));
        }
        if (remote != null && !all.keySet().containsAll(remote)) {
            Set<SnapshotId> pinned = asked(transfers::pinned, NO_MARKS, notes);
            remote.forEach(id -> all.computeIfAbsent(id, one -> SnapshotView.elsewhere(one, marked(pinned, one))));
        }
        List<Map<String, Object>> rest = List.copyOf(
                from == null ? all.values() : all.tailMap(from, false).values());
        List<Map<String, Object>> page = rest.subList(0, Math.min(most, rest.size()));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("items", page);
        answer.put("next", page.size() < rest.size() ? page.get(page.size() - 1).get("id") : null);
        if (!notes.isEmpty()) {
            answer.put("note", notes.get(0));
        }
        return answer;
    }

    @POST
    public Response create(@HeaderParam(AUTHORIZATION) String authorization, String body) throws IOException {
        JsonNode order = body(body);
        String word = order.path("reason").asText(Reason.MANUAL.word());
        Reason reason = Reason.ofWord(word)
                .filter(one -> one != Reason.SCHEDULED)
                .orElseThrow(() -> Refused.of(Refusal.malformed(
                        Fault.inBody("reason", "reason must be manual, pre_migration or safety", "enum"))));
        String comment =
                order.path("comment").isTextual() ? order.path("comment").asText() : null;
        return accepted(orders.snapshot(reason, guard.actor(authorization), comment));
    }

    @GET
    @Path("{id}")
    public Map<String, Object> one(@PathParam("id") String id) throws IOException {
        SnapshotId wanted = id(id);
        Set<SnapshotId> remote = asked(transfers::remote, NO_LIST, new ArrayList<>());
        Listed listed = catalogue.find(wanted).orElse(null);
        if (listed == null && remote != null && remote.contains(wanted)) {
            return SnapshotView.elsewhere(
                    wanted, marked(asked(transfers::pinned, NO_MARKS, new ArrayList<>()), wanted));
        }
        if (listed == null) {
            throw absent(wanted);
        }
        return SnapshotView.whole(listed, remote == null ? null : remote.contains(wanted));
    }

    @POST
    @Path("{id}/verify")
    public Response verify(@HeaderParam(AUTHORIZATION) String authorization, @PathParam("id") String id)
            throws IOException {
        SnapshotId wanted = id(id);
        transfers.require(wanted);
        return accepted(orders.verify(wanted, guard.actor(authorization)));
    }

    /** Pins, or with {@code {"pinned": false}} lets go. */
    @POST
    @Path("{id}/pin")
    public Map<String, Object> pin(@PathParam("id") String id, String body) throws IOException {
        owner.require();
        SnapshotId wanted = id(id);
        JsonNode pinned = body(body).path("pinned");
        if (!pinned.isMissingNode() && !pinned.isBoolean()) {
            throw Refused.of(Refusal.malformed(Fault.inBody("pinned", "pinned must be true or false", "bool_type")));
        }
        boolean pin = pinned.isMissingNode() || pinned.asBoolean();
        if (!transfers.pin(wanted, pin)) {
            throw notHere(wanted);
        }
        return one(id);
    }

    @GET
    @Path("{id}/download")
    @Produces({"application/gzip", "application/problem+json"})
    public Response download(@PathParam("id") String id) throws IOException {
        SnapshotId wanted = id(id);
        Listed listed = catalogue.find(wanted).orElse(null);
        if (listed == null) {
            throw notHere(wanted);
        }
        if (listed.manifest() == null) {
            throw Refused.of(LedgerError.CONFLICT, "The snapshot is damaged: " + listed.flaw() + ".");
        }
        return Response.ok(new Download(catalogue, listed.manifest()))
                .header("Content-Disposition", "attachment; filename=\"home-budget-" + wanted + ".tar.gz\"")
                .build();
    }

    /** {@code {"dry_run": true}}, the default, says what would go and why; false does it. */
    @POST
    @Path("retention")
    public Response retention(@HeaderParam(AUTHORIZATION) String authorization, String body) throws IOException {
        JsonNode dryRun = body(body).path("dry_run");
        if (!dryRun.isMissingNode() && !dryRun.isBoolean()) {
            throw Refused.of(Refusal.malformed(Fault.inBody("dry_run", "dry_run must be true or false", "bool_type")));
        }
        if (dryRun.asBoolean(true)) {
            Cleaner.Plan plan = cleaner.look();
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("dry_run", true);
            answer.put("items", plan.decisions());
            if (plan.trouble() != null) {
                answer.put("note", plan.trouble());
            }
            return Response.ok(answer).build();
        }
        return accepted(orders.retention(guard.actor(authorization)));
    }

    /** Null where it is not known which are marked. */
    private static Boolean marked(Set<SnapshotId> pinned, SnapshotId id) {
        return pinned == null ? null : pinned.contains(id);
    }

    private interface Asking {
        Set<SnapshotId> ask() throws IOException;
    }

    /** Null where it cannot be known now; then {@code notes} has what, and why. */
    private static Set<SnapshotId> asked(Asking asking, String unknown, List<String> notes) {
        try {
            return asking.ask();
        } catch (IOException e) {
            notes.add(unknown + e.getMessage());
            LOG.warn(unknown + e.getMessage());
            return null;
        }
    }

    static Response accepted(Job job) {
        return Response.accepted(JobView.of(job))
                .location(URI.create("/api/v1/backup-jobs/" + job.id()))
                .build();
    }

    static JsonNode body(String body) {
        if (body == null || body.isBlank()) {
            return SnapshotJson.MAPPER.createObjectNode();
        }
        try {
            JsonNode read = SnapshotJson.MAPPER.readTree(body);
            if (read.isObject()) {
                return read;
            }
        } catch (JsonProcessingException e) {
            LOG.debugf("a body is no JSON: place=%s", e.getLocation());
        }
        throw Refused.of(
                Refusal.malformed(new Fault(List.of("body"), "The body must be a JSON object", "json_invalid")));
    }

    private static SnapshotId id(String text) {
        return SnapshotId.ofName(text)
                .orElseThrow(() -> Refused.of(
                        LedgerError.NOT_FOUND,
                        "There is no such snapshot: an id reads like 20260131T120000Z-0f9a3c. GET /api/v1/backups lists"
                                + " them."));
    }

    /** Of one that is listed and only elsewhere, this needs it here. */
    private Refused notHere(SnapshotId id) throws IOException {
        transfers.require(id);
        return Refused.of(
                LedgerError.CONFLICT,
                "Snapshot " + id + " is only elsewhere. POST /api/v1/backups/" + id
                        + "/verify fetches it (ctl backup verify " + id + "); then repeat the call.");
    }

    private static Refused absent(SnapshotId id) {
        return Refused.of(LedgerError.NOT_FOUND, "There is no snapshot " + id + ". GET /api/v1/backups lists them.");
    }
}
