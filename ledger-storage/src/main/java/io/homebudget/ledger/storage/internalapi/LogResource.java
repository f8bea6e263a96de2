package io.homebudget.ledger.storage.internalapi;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.internal.LoggedSet;
import io.homebudget.ledger.storage.access.RequiresRole;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.LoggedChange;
import io.homebudget.ledger.storage.wiring.LedgerRuntime;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The primary's log over HTTP: set by set for whoever replays it, and entry by entry for whoever judges one. */
@Path(InternalApi.ROOT)
@RequiresRole(Role.SERVICE)
@Produces(MediaType.APPLICATION_JSON)
public class LogResource {
    private static final int MOST_CHANGES = 1_000;
    /** A page of this many changes is some megabytes, and is read and sent within a second. */
    private static final int MOST_PER_PAGE = 10_000;

    private final LedgerRuntime runtime;

    public LogResource(LedgerRuntime runtime) {
        this.runtime = runtime;
    }

    @GET
    @Path("/log")
    @Operation(hidden = true)
    public Uni<LogPage> log(
            @QueryParam("after") @DefaultValue("0") long after, @QueryParam("max") @DefaultValue("1000") int max) {
        if (after < 0) {
            throw Asked.refused("after must not be negative");
        }
        return Asked.primary(runtime.engine())
                .log(after, Asked.within("max", max, MOST_PER_PAGE))
                .map(slice ->
                        new LogPage(slice.sets().stream().map(LoggedSet::of).toList(), slice.through(), slice.cut()));
    }

    @GET
    @Path("/changes")
    @Operation(hidden = true)
    public Uni<List<EntryChange>> changes(
            @QueryParam("entry_id") long entryId,
            @QueryParam("limit") @DefaultValue("100") int limit,
            @QueryParam("from_version") @DefaultValue("0") long fromVersion) {
        AuditQuery query = AuditQuery.ofEntry(entryId, Math.max(1, Math.min(MOST_CHANGES, limit)), fromVersion);
        return Asked.primary(runtime.engine())
                .audit(query)
                .map(changes -> changes.stream().map(EntryChange::of).toList());
    }

    /** One change of an entry, with what is needed to judge a store's row by it. @param id as {@code changeId} */
    @JsonNaming(SnakeCaseStrategy.class)
    public record EntryChange(
            long position,
            UUID id,
            long entryId,
            long version,
            UUID changeId,
            boolean deleted,
            Action action,
            EntryValues before,
            EntryValues after,
            UUID digest,
            long epoch,
            UUID setId,
            Instant at,
            String by) {

        static EntryChange of(LoggedChange logged) {
            Change change = logged.change();
            return new EntryChange(
                    logged.position(),
                    change.id(),
                    change.entryId(),
                    change.version(),
                    change.id(),
                    change.after() == null,
                    change.action(),
                    EntryValues.of(change.before()),
                    EntryValues.of(change.after()),
                    change.digest(),
                    logged.epoch(),
                    logged.setId(),
                    logged.at(),
                    logged.by());
        }
    }
}
