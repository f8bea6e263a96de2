package io.homebudget.backup.restore;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.format.Reason;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.jobs.JobWork;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.making.SnapshotFailed;
import io.homebudget.backup.making.SnapshotMaker;
import io.homebudget.backup.making.SnapshotOrder;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/** The snapshot before a restore, by which the restore itself can be taken back. Without it nothing is restored. */
public final class Safety {
    private static final Logger LOG = Logger.getLogger(Safety.class);

    private final SnapshotMaker maker;
    private final Catalogue catalogue;

    public Safety(SnapshotMaker maker, Catalogue catalogue) {
        this.maker = maker;
        this.catalogue = catalogue;
    }

    /** The job tells its {@code safety_backup_id}. A follower that cannot be read does not hold the restore up. */
    public SnapshotId take(String actor, String why, JobWork.Context context, Progress progress)
            throws IOException, InterruptedException {
        return make(Reason.SAFETY, actor, why, context, progress, "safety_");
    }

    /** The first snapshot of an installation that has just taken everything; the job tells its {@code first_backup_id}. */
    void first(String actor, String why, JobWork.Context context, Progress progress)
            throws IOException, InterruptedException {
        try {
            make(Reason.MANUAL, actor, why, context, progress, "first_");
        } catch (IOException failure) {
            throw new IOException(
                    "Everything was restored, but no snapshot could be made of it: " + failure.getMessage()
                            + " Make one (ctl backup create) before you rely on recoveries.",
                    failure);
        }
    }

    private SnapshotId make(
            Reason reason, String actor, String why, JobWork.Context context, Progress progress, String prefix)
            throws IOException, InterruptedException {
        AtomicReference<SnapshotId> made = new AtomicReference<>();
        JobWork.Context telling = new JobWork.Context() {
            @Override
            public void tell(String key, Object value) {
                if (key.equals("backup_id")) {
                    made.set(new SnapshotId((String) value));
                }
                context.tell(prefix + key, value);
            }

            @Override
            public void at(double share, String doing) {
                progress.at(share, reason.word() + " snapshot: " + doing);
            }
        };
        try {
            maker.make(new SnapshotOrder(reason, actor, why), telling);
        } catch (SnapshotFailed partly) {
            boolean published = made.get() != null && catalogue.find(made.get()).isPresent();
            if (!published) {
                throw partly;
            }
            LOG.warnf("the %s snapshot lacks a follower: %s", reason.word(), partly.getMessage());
            context.tell(prefix + "note", partly.getMessage());
        }
        return made.get();
    }
}
