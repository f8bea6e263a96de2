package io.homebudget.backup.api;

import io.homebudget.backup.access.Guard;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.drill.Drills;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.recovery.Asked;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Drills: ordered, and what came of the last ones. */
@Path("/api/v1/backups/drills")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class DrillResource {
    private static final int DEFAULT_LIMIT = 50;

    private final Drills drills;
    private final FolderOwner owner;
    private final Guard guard;

    DrillResource(Drills drills, FolderOwner owner, Guard guard) {
        this.drills = drills;
        this.owner = owner;
        this.guard = guard;
    }

    @POST
    public Response order(@HeaderParam("Authorization") String authorization, String body) throws IOException {
        return SnapshotsResource.accepted(
                drills.order(guard.actor(authorization), Asked.reason(SnapshotsResource.body(body))));
    }

    /** Newest first; {@code after} is the id of the last one that was seen. */
    @GET
    public Map<String, Object> list(@QueryParam("limit") Integer limit, @QueryParam("after") String after) {
        owner.require();
        List<Job> all = drills.all();
        int from = 0;
        if (after != null) {
            while (from < all.size() && !all.get(from).id().toString().equals(after)) {
                from++;
            }
            from = Math.min(all.size(), from + 1);
        }
        int most = Math.max(1, limit == null ? DEFAULT_LIMIT : limit);
        List<Job> page = all.subList(from, Math.min(all.size(), from + most));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("items", page.stream().map(JobView::of).toList());
        answer.put(
                "next",
                page.isEmpty() || from + page.size() == all.size()
                        ? null
                        : page.get(page.size() - 1).id().toString());
        return answer;
    }
}
