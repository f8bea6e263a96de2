package io.homebudget.migration.ledgers;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryRepair;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.ImportBatch;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.internal.SchemaState;
import io.homebudget.ledger.internal.ShadowMismatch;
import io.homebudget.ledger.internal.WayBackClosing;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** {@link InternalApi} as seen from its caller. */
@Path(InternalApi.ROOT)
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
interface LedgerHttp {

    /** A position of a log. */
    record Position(long position) {}

    /** Ids to look up. */
    record Ids(List<Long> ids) {}

    /** @param target the version to go to; null for the newest */
    record SchemaTarget(String target) {}

    /** Where the archive of the JSON files lies. */
    record Archive(String path) {}

    @GET
    @Path("state")
    Uni<LedgerState> state(@HeaderParam("Authorization") String token);

    @POST
    @Path("phase")
    Uni<PhaseChange.Done> phase(@HeaderParam("Authorization") String token, PhaseChange change);

    @POST
    @Path("backfill")
    Uni<BackfillState> startBackfill(@HeaderParam("Authorization") String token);

    @GET
    @Path("backfill")
    Uni<BackfillState> backfill(@HeaderParam("Authorization") String token);

    @POST
    @Path("backfill/cancel")
    Uni<BackfillState> cancelBackfill(@HeaderParam("Authorization") String token);

    @GET
    @Path("head")
    Uni<Position> head(@HeaderParam("Authorization") String token, @QueryParam("store") String store);

    @GET
    @Path("follower/await")
    Uni<Position> awaitFollower(
            @HeaderParam("Authorization") String token,
            @QueryParam("position") long position,
            @QueryParam("millis") long millis);

    @GET
    @Path("digests")
    Uni<BucketDigests> digests(
            @HeaderParam("Authorization") String token,
            @QueryParam("store") String store,
            @QueryParam("buckets") int buckets,
            @QueryParam("source") String source);

    @GET
    @Path("digests/{bucket}")
    Uni<List<EntryState>> bucket(
            @HeaderParam("Authorization") String token,
            @PathParam("bucket") int bucket,
            @QueryParam("store") String store,
            @QueryParam("buckets") int buckets,
            @QueryParam("source") String source);

    @POST
    @Path("states")
    Uni<List<EntryState>> states(
            @HeaderParam("Authorization") String token, @QueryParam("store") String store, Ids ids);

    @POST
    @Path("entries")
    Uni<List<EntryImage>> entries(
            @HeaderParam("Authorization") String token,
            @QueryParam("store") String store,
            @QueryParam("source") String source,
            Ids ids);

    @POST
    @Path("repair")
    Uni<EntryRepair.Done> repair(@HeaderParam("Authorization") String token, EntryRepair repair);

    @GET
    @Path("log")
    Uni<LogPage> log(
            @HeaderParam("Authorization") String token, @QueryParam("after") long after, @QueryParam("max") int max);

    @GET
    @Path("changes")
    Uni<JsonNode> changes(
            @HeaderParam("Authorization") String token,
            @QueryParam("entry_id") long entryId,
            @QueryParam("limit") int limit,
            @QueryParam("from_version") long fromVersion);

    @GET
    @Path("shadow-reads")
    Uni<List<ShadowMismatch>> shadowReads(@HeaderParam("Authorization") String token, @QueryParam("after") long after);

    @POST
    @Path("import")
    Uni<ImportBatch.Done> importRecords(@HeaderParam("Authorization") String token, ImportBatch batch);

    @GET
    @Path("schema")
    Uni<SchemaState> schema(@HeaderParam("Authorization") String token);

    @POST
    @Path("schema/update")
    Uni<SchemaState> updateSchema(@HeaderParam("Authorization") String token, SchemaTarget target);

    @POST
    @Path("schema/undo")
    Uni<SchemaState> undoSchema(@HeaderParam("Authorization") String token);

    @POST
    @Path("way-back/close")
    Uni<WayBackClosing.Done> closeWayBack(@HeaderParam("Authorization") String token, WayBackClosing closing);

    @POST
    @Path("archive")
    Uni<Archive> archive(@HeaderParam("Authorization") String token);
}
