package io.homebudget.backup.health;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.config.BackupConfig;
import io.homebudget.backup.remote.Transfers;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whether this service can work, and whether what it made would help today.
 *
 * <p>{@code /ready} is 503 only while the folder cannot be used. Snapshots that are too old make {@code /health} unhealthy, with
 * 200: restarting or unrouting the service, which is what a 503 leads to, would make no snapshot. {@code database} and, where copies go
 * elsewhere, {@code copies} are told and decide nothing: lists, verification, downloads and restores need neither.
 */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class HealthResource {
    private static final String DATABASE = "database";

    private final FolderOwner owner;
    private final Catalogue catalogue;
    private final Transfers transfers;
    private final DatabaseLook database;
    private final BackupConfig config;
    private final Clock clock;

    HealthResource(
            FolderOwner owner,
            Catalogue catalogue,
            Transfers transfers,
            DatabaseLook database,
            BackupConfig config,
            Clock clock) {
        this.owner = owner;
        this.catalogue = catalogue;
        this.transfers = transfers;
        this.database = database;
        this.config = config;
        this.clock = clock;
    }

    @GET
    @Path("health")
    public Response health() throws IOException {
        return answer(200);
    }

    @GET
    @Path("ready")
    public Response ready() throws IOException {
        return answer(503);
    }

    private Response answer(int statusWithoutFolder) throws IOException {
        Map<String, Object> view = new LinkedHashMap<>();
        if (!owner.owned()) {
            view.put("status", "unhealthy");
            view.put(DATABASE, database.last().word());
            view.put("detail", owner.trouble());
            return Response.status(statusWithoutFolder).entity(view).build();
        }
        Freshness freshness = Freshness.of(
                catalogue.newestGood(), owner.since(), config.schedule().tooOld(), clock.instant());
        view.put("status", freshness.fine() ? "healthy" : "unhealthy");
        view.put(DATABASE, database.last().word());
        view.put("snapshots", freshness.status());
        view.put("last_snapshot_at", freshness.newest());
        if (transfers.configured()) {
            view.put("copies", transfers.standing().word());
            if (transfers.standing().trouble() != null) {
                view.put("copies_detail", transfers.standing().trouble());
            }
        }
        if (!freshness.fine()) {
            view.put(
                    "detail",
                    "No snapshot that is proven whole is younger than "
                            + config.schedule().tooOld().toHours()
                            + " h. See GET /api/v1/backup-jobs for what failed.");
        }
        return Response.ok(view).build();
    }
}
