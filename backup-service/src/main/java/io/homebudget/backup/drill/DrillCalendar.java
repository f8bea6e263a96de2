package io.homebudget.backup.drill;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.schedule.Retries;
import io.homebudget.backup.schedule.Slots;
import io.quarkus.scheduler.Scheduled;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Orders the monthly drill once, however many replicas look and however often the service starts: the jobs tell what was done. One that
 * failed, or was interrupted, is ordered again after a pause.
 */
@Singleton
public class DrillCalendar {
    private static final Logger LOG = Logger.getLogger(DrillCalendar.class);
    private static final String ACTOR = "schedule";

    private final FolderOwner owner;
    private final Catalogue catalogue;
    private final Drills drills;
    private final Slots slots;
    private final Clock clock;

    DrillCalendar(FolderOwner owner, Catalogue catalogue, Drills drills, DrillConfig config, Clock clock) {
        this.owner = owner;
        this.catalogue = catalogue;
        this.drills = drills;
        this.slots = new Slots("BACKUP_DRILL_SCHEDULE", config.schedule());
        this.clock = clock;
    }

    @Scheduled(every = "{backup.look-every}", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void look() {
        if (!owner.owned()) {
            return;
        }
        try {
            lookAt(clock.instant());
        } catch (IOException | RuntimeException e) {
            LOG.errorf("the drill that is due could not be ordered: error=%s", e.getMessage());
        }
    }

    void lookAt(Instant now) throws IOException {
        List<Job> mine =
                drills.all().stream().filter(job -> ACTOR.equals(job.actor())).toList();
        Optional<Instant> slot = slots.due(now, owner.since(), Retries.lastDone(mine));
        // without any snapshot there is nothing to prove yet; health tells that one is missing
        if (slot.isPresent()
                && Retries.free(now, slot.get(), mine)
                && !catalogue.list().isEmpty()) {
            drills.order(ACTOR, null);
        }
    }
}
