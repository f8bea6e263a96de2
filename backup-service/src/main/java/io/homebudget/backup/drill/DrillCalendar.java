package io.homebudget.backup.drill;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.schedule.Slots;
import io.quarkus.scheduler.Scheduled;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import org.jboss.logging.Logger;

/** Orders the monthly drill once, however many replicas look and however often the service starts: the jobs tell what was done. */
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
        Instant last = drills.all().stream()
                .filter(job -> ACTOR.equals(job.actor()))
                .map(Job::createdAt)
                .findFirst()
                .orElse(null);
        // without any snapshot there is nothing to prove yet; health tells that one is missing
        if (slots.due(now, owner.since(), last).isPresent() && !catalogue.list().isEmpty()) {
            drills.order(ACTOR, null);
        }
    }
}
