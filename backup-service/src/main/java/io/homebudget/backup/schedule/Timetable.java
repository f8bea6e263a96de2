package io.homebudget.backup.schedule;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.format.Reason;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobBook;
import io.homebudget.backup.making.Orders;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Looks every few seconds at what the calendar wants, and orders it once: only the owner of the folder does, and what was done is
 * read from the snapshots and jobs themselves, so neither a restart nor a second replica makes it happen twice.
 */
@Singleton
public class Timetable {
    /** Who is recorded as the actor of what nobody ordered. */
    public static final String ACTOR = "schedule";

    private static final Logger LOG = Logger.getLogger(Timetable.class);

    private final FolderOwner owner;
    private final Catalogue catalogue;
    private final JobBook jobs;
    private final Orders orders;
    private final Slots snapshots;
    private final Slots upkeep;
    private final Clock clock;

    Timetable(FolderOwner owner, Catalogue catalogue, JobBook jobs, Orders orders, Calendar calendar, Clock clock) {
        this.owner = owner;
        this.catalogue = catalogue;
        this.jobs = jobs;
        this.orders = orders;
        this.snapshots = calendar.snapshots();
        this.upkeep = calendar.upkeep();
        this.clock = clock;
    }

    /** @param snapshots when snapshots are made; {@code upkeep} when old ones are cleared away and verified */
    public record Calendar(Slots snapshots, Slots upkeep) {}

    void start(@Observes StartupEvent started) {
        owner.own();
    }

    /** Cheap: one look into the folder. */
    @Scheduled(every = "{backup.look-every}", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void look() {
        if (!owner.own()) {
            return;
        }
        try {
            lookAt(clock.instant());
        } catch (IOException | RuntimeException e) {
            // the next look tries again; health tells when no snapshot comes of it
            LOG.errorf("the calendar could not be served: error=%s", e.getMessage());
        }
    }

    void lookAt(Instant now) throws IOException {
        Optional<Instant> slot = snapshots.due(now, owner.since(), newestScheduled());
        if (slot.isPresent() && Retries.free(now, slot.get(), mine(Orders.SNAPSHOT))) {
            orders.snapshot(Reason.SCHEDULED, ACTOR, "due since " + slot.get());
        }
        Optional<Instant> turn = upkeep.due(now, owner.since(), Retries.lastDone(mine(Orders.UPKEEP)));
        if (turn.isPresent() && Retries.free(now, turn.get(), mine(Orders.UPKEEP))) {
            orders.upkeep(ACTOR);
        }
    }

    private Instant newestScheduled() throws IOException {
        return catalogue.list().stream()
                .filter(listed -> listed.manifest() != null
                        && listed.manifest().reason() == Reason.SCHEDULED
                        && listed.manifest().complete())
                .findFirst()
                .map(Listed::manifest)
                .map(manifest -> manifest.createdAt())
                .orElse(null);
    }

    private List<Job> mine(String type) {
        return jobs.all().stream()
                .filter(job -> job.type().equals(type) && ACTOR.equals(job.actor()))
                .toList();
    }
}
