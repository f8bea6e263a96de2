package io.homebudget.backup.recovery;

import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.ledger.entry.Kind;
import io.quarkus.scheduler.Scheduled;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Looks whether the changes since the newest good snapshot are all still in the log, so that every moment can be reached (A28). */
@Singleton
public class Reach {
    private static final Logger LOG = Logger.getLogger(Reach.class);

    private final Bases bases;
    private final FolderOwner owner;
    private final Map<Kind, Boolean> seen = new ConcurrentHashMap<>(new EnumMap<>(Kind.class));

    Reach(Bases bases, FolderOwner owner) {
        this.bases = bases;
        this.owner = owner;
    }

    @Scheduled(every = "{recovery.reach-every}", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void look() {
        if (!owner.owned()) {
            return;
        }
        for (Kind kind : Kind.values()) {
            try {
                bases.allThere(kind).ifPresentOrElse(there -> note(kind, there), () -> seen.remove(kind));
            } catch (IOException e) {
                seen.remove(kind);
                LOG.debugf("the log cannot be asked: kind=%s error=%s", kind.word(), e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void note(Kind kind, boolean allThere) {
        Boolean before = seen.put(kind, allThere);
        if (!allThere && !Boolean.FALSE.equals(before)) {
            LOG.warnf(
                    "recovery at risk: changes of the %s since the newest good snapshot are no more in the log;"
                            + " make a snapshot now",
                    kind.plural());
        }
    }

    /** 1, 0, or NaN where it is not known. */
    public double atRisk(Kind kind) {
        Boolean allThere = seen.get(kind);
        return allThere == null ? Double.NaN : allThere ? 0 : 1;
    }
}
