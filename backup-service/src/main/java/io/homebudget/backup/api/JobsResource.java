package io.homebudget.backup.api;

import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobBook;
import io.homebudget.backup.problems.Refused;
import io.homebudget.ledger.error.LedgerError;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What was ordered, and what came of it. Answered from memory. */
@Path("/api/v1/backup-jobs")
@Produces(MediaType.APPLICATION_JSON)
public class JobsResource {
    private static final int DEFAULT_LIMIT = 50;

    private final JobBook jobs;
    private final FolderOwner owner;

    JobsResource(JobBook jobs, FolderOwner owner) {
        this.jobs = jobs;
        this.owner = owner;
    }

    /** Newest first. */
    @GET
    public Map<String, Object> list(@QueryParam("limit") Integer limit, @QueryParam("after") String after) {
        owner.require();
        List<Job> all = jobs.all();
        int from = 0;
        if (after != null) {
            while (from < all.size() && !all.get(from++).id().toString().equals(after)) {
                // the cursor is the id of the last one that was shown
            }
        }
        int most = Math.max(1, Math.min(limit == null ? DEFAULT_LIMIT : limit, all.size() + 1));
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

    @GET
    @Path("{id}")
    public Map<String, Object> one(@PathParam("id") String id) {
        owner.require();
        return uuid(id).flatMap(jobs::find)
                .map(JobView::of)
                .orElseThrow(() -> Refused.of(
                        LedgerError.NOT_FOUND, "There is no such job; GET /api/v1/backup-jobs lists the newest."));
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
