package io.homebudget.ledger.storage.internalapi;

import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.storage.access.RequiresRole;
import io.homebudget.ledger.storage.api.Refused;
import io.homebudget.ledger.storage.routing.LedgerEngine;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.wiring.LedgerRuntime;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** {@link InternalApi} as HTTP: what migration- and backup-service, and {@code ctl rollback}, reach a ledger service by. */
@Path(InternalApi.ROOT)
@RequiresRole(Role.SERVICE)
@Produces(MediaType.APPLICATION_JSON)
public class InternalResource {
    private static final int MOST_BUCKETS = 1 << 20;
    private static final long LONGEST_WAIT_MILLIS = 60_000;

    private final LedgerRuntime runtime;

    public InternalResource(LedgerRuntime runtime) {
        this.runtime = runtime;
    }

    @GET
    @Path("/state")
    @Operation(hidden = true)
    public LedgerState state() {
        return runtime.state();
    }

    @POST
    @Path("/phase")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Uni<PhaseChange.Done> phase(PhaseChange change) {
        return engine().changePhase(change);
    }

    @POST
    @Path("/backfill")
    @Operation(hidden = true)
    public Response startBackfill() {
        return Response.accepted(engine().startBackfill()).build();
    }

    @GET
    @Path("/backfill")
    @Operation(hidden = true)
    public BackfillState backfill() {
        return engine().backfill();
    }

    @POST
    @Path("/backfill/cancel")
    @Operation(hidden = true)
    public BackfillState cancelBackfill() {
        return engine().cancelBackfill();
    }

    @GET
    @Path("/head")
    @Operation(hidden = true)
    public Uni<Position> head(@QueryParam("store") String store) {
        return store(store).head().map(Position::new);
    }

    @GET
    @Path("/follower/await")
    @Operation(hidden = true)
    public Uni<Response> await(
            @QueryParam("position") long position, @QueryParam("millis") @DefaultValue("1000") long millis) {
        Duration limit = Duration.ofMillis(Math.max(1, Math.min(LONGEST_WAIT_MILLIS, millis)));
        return engine().awaitFollower(position, limit)
                .map(reached -> Response.ok(new Position(reached)).build())
                .onFailure(TimeoutException.class)
                .recoverWithItem(
                        () -> Response.status(Response.Status.GATEWAY_TIMEOUT).build())
                .onFailure(IllegalStateException.class)
                .transform(e -> new Refused(Refusal.of(LedgerError.CONFLICT, e.getMessage())));
    }

    @GET
    @Path("/digests")
    @Operation(hidden = true)
    public Uni<BucketDigests> digests(
            @QueryParam("store") String store,
            @QueryParam("buckets") int buckets,
            @QueryParam("source") @DefaultValue("served") String source) {
        return store(store).digests(Asked.within("buckets", buckets, MOST_BUCKETS), Asked.source(source));
    }

    @GET
    @Path("/digests/{bucket}")
    @Operation(hidden = true)
    public Uni<List<EntryState>> bucket(
            @PathParam("bucket") int bucket,
            @QueryParam("store") String store,
            @QueryParam("buckets") int buckets,
            @QueryParam("source") @DefaultValue("served") String source) {
        return store(store).states(Asked.within("buckets", buckets, MOST_BUCKETS), bucket, Asked.source(source));
    }

    @POST
    @Path("/states")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Uni<List<EntryState>> states(@QueryParam("store") String store, Ids ids) {
        return store(store).states(Asked.field("ids", Asked.body(ids).ids()));
    }

    @POST
    @Path("/archive")
    @Operation(hidden = true)
    public Uni<Map<String, String>> archive() {
        return engine().archive()
                .map(path -> Map.of("path", path.toAbsolutePath().toString()));
    }

    @POST
    @Path("/way-back/close")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Uni<WayBackClosing.Done> closeWayBack(WayBackClosing closing) {
        Asked.field("actor", Asked.body(closing).actor());
        return engine().closeWayBack(closing);
    }

    @POST
    @Path("/publisher/pause")
    @Operation(hidden = true)
    public void pausePublisher() {
        engine().publisher().pause();
    }

    @POST
    @Path("/publisher/resume")
    @Operation(hidden = true)
    public void resumePublisher() {
        engine().publisher().resume();
    }

    /** @param position see {@link LedgerStore#head} */
    public record Position(long position) {}

    /** @param ids which entries are wanted */
    public record Ids(List<Long> ids) {}

    private LedgerEngine engine() {
        return runtime.engine();
    }

    private LedgerStore store(String word) {
        return Asked.store(engine(), word);
    }
}
