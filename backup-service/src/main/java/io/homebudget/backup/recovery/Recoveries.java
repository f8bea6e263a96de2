package io.homebudget.backup.recovery;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.checking.Checker;
import io.homebudget.backup.format.DamagedSnapshot;
import io.homebudget.backup.format.EntryStream;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.SnapshotReader;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobOrder;
import io.homebudget.backup.jobs.JobRunner;
import io.homebudget.backup.jobs.JobWork;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.recovery.Changes.MissingChanges;
import io.homebudget.backup.restore.LedgerCalls;
import io.homebudget.backup.restore.RowLines;
import io.homebudget.backup.restore.Safety;
import io.homebudget.backup.restore.Undertaking;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreOrder.Mode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Takes ledgers back to any moment: the newest snapshot before it, the changes from there on, and the engine's restore. All
 * bases are found and their bytes proven, all changes read, and the rows of all kinds proven and staged, before the first ledger is touched. A failure between
 * two kinds leaves the first one recovered and says so, naming the safety snapshot, which has both.
 */
public final class Recoveries {
    public static final String RECOVER = "recover";
    private static final Logger LOG = Logger.getLogger(Recoveries.class);

    private final FolderOwner owner;
    private final JobRunner runner;
    private final Catalogue catalogue;
    private final Checker checker;
    private final Safety safety;
    private final Bases bases;
    private final Function<Kind, LedgerCalls> calls;
    private final Room room;

    /** @param room for the changed entries of all kinds of one recovery */
    public Recoveries(
            FolderOwner owner,
            JobRunner runner,
            Catalogue catalogue,
            Checker checker,
            Safety safety,
            Bases bases,
            Function<Kind, LedgerCalls> calls,
            Room room) {
        this.owner = owner;
        this.runner = runner;
        this.catalogue = catalogue;
        this.checker = checker;
        this.safety = safety;
        this.bases = bases;
        this.calls = calls;
        this.room = room;
    }

    /** @param text of {@code to}, as it came */
    public record Order(Moment.Named to, String text, List<Kind> kinds, String actor, String reason) {}

    /** The job tells {@code safety_backup_id} and per kind the base, the changes taken and what was done. */
    public Job order(Order order) throws IOException {
        owner.require();
        JobOrder job = new JobOrder(
                RECOVER,
                JobOrder.Lane.MAKING,
                order.actor(),
                order.reason(),
                Map.of(
                        "to",
                        order.text(),
                        "kinds",
                        order.kinds().stream().map(Kind::word).toList()));
        return runner.submit(job, context -> run(order, context));
    }

    /** A kind's way to the moment. @param hold keeps the base from being removed until it is applied */
    private record Course(Base base, Catalogue.Hold hold, LogFold fold, String source) {
        void close() {
            hold.close();
            try {
                if (fold != null) {
                    fold.close();
                }
            } catch (IOException e) {
                // what was done is done; the next start removes it
                LOG.warnf("scratch files of a recovery are left: error=%s", e.getMessage());
            }
        }
    }

    private void run(Order order, JobWork.Context context) throws Exception {
        Undertaking work = new Undertaking("recovered");
        List<Course> courses = new ArrayList<>();
        try {
            work.run(() -> prepare(order, courses, work, context), () -> apply(courses, work, context));
        } finally {
            courses.forEach(Course::close);
        }
    }

    private interface Finding {
        Optional<Base> in(Kind kind) throws IOException, InterruptedException;
    }

    /**
     * @param courses to be filled
     * @param unread to be filled: the change may be of the other kind
     */
    private void find(
            Order order, Finding finding, List<Course> courses, List<MissingChanges> unread, JobWork.Context context)
            throws IOException, InterruptedException {
        for (Kind kind : order.kinds()) {
            context.at(0.02, "looking for a snapshot of the " + kind.plural());
            try {
                Base base = finding.in(kind).orElse(null);
                if (base != null) {
                    courses.add(new Course(base, hold(base), null, null));
                }
            } catch (MissingChanges lost) {
                unread.add(lost);
            }
        }
    }

    /** @param courses to be filled */
    private void prepare(Order order, List<Course> courses, Undertaking work, JobWork.Context context)
            throws IOException, InterruptedException {
        List<MissingChanges> unread = new ArrayList<>();
        find(order, kind -> bases.find(kind, order.to()), courses, unread, context);
        if (courses.isEmpty() && order.to().change() != null) {
            find(order, kind -> bases.findInTopic(kind, order.to().change()), courses, unread, context);
        }
        if (courses.isEmpty()) {
            throw new IOException(
                    order.to().change() != null
                            ? "No log holds change " + order.text() + " after any good snapshot"
                                    + unread.stream()
                                            .map(lost -> "; " + lost.getMessage())
                                            .collect(Collectors.joining())
                                    + ". Nothing was recovered."
                            : "There is no good snapshot of this installation from before " + order.text()
                                    + ". Nothing was recovered.");
        }
        if (order.to().instant() != null && courses.size() < order.kinds().size()) {
            throw new IOException("Not every kind has a good snapshot from before " + order.text()
                    + ". Nothing was recovered; name one kind to recover it alone.");
        }
        // of all kinds together: all changes are read before the first ledger is touched
        Room each = room.among(courses.size());
        for (int i = 0; i < courses.size(); i++) {
            courses.set(i, read(courses.get(i), each, context));
        }
        work.safety(
                safety.take(order.actor(), "before recovering to " + order.text(), context, context.part(0.3, 0.5)));
        for (int i = 0; i < courses.size(); i++) {
            stage(order, courses.get(i), work, context.part(0.5, 0.75).nth(i, courses.size()));
        }
    }

    private Catalogue.Hold hold(Base base) throws IOException {
        return catalogue
                .hold(base.snapshot().id())
                .orElseThrow(() -> new IOException(
                        "Snapshot " + base.snapshot().id() + " is not there any more. Nothing was recovered."));
    }

    private Course read(Course course, Room each, JobWork.Context context) throws IOException, InterruptedException {
        Base base = course.base();
        context.at(0.1, "proving snapshot " + base.snapshot().id());
        List<Flaw> flaws = checker.checkBytes(base.snapshot().id(), Progress.NONE);
        if (!flaws.isEmpty()) {
            throw new IOException(
                    "Snapshot " + base.snapshot().id() + " is damaged: " + flaws.get(0) + ". Nothing was recovered.");
        }
        context.at(0.2, "reading the changes of the " + base.kind().plural());
        Bases.Folded folded = bases.fold(base, each);
        return new Course(base, course.hold(), folded.fold(), folded.source());
    }

    private void stage(Order order, Course course, Undertaking work, Progress progress)
            throws IOException, InterruptedException {
        Base base = course.base();
        Kind kind = base.kind();
        SnapshotReader reader = SnapshotReader.open(course.hold().folder());
        try (EntryStream image = reader.entries(kind, base.image().store());
                MergedRows rows = course.fold().over(image::next)) {
            RestoreOrder asked =
                    new RestoreOrder(Mode.CHANGES, image.head(), order.actor(), "recovery to " + order.text());
            work.stage(
                    calls.apply(kind),
                    asked,
                    RowLines.of(kind, rows),
                    base.image().rows() + course.fold().atMost(),
                    progress);
        } catch (DamagedSnapshot damaged) {
            checker.damaged(base.snapshot().id(), List.of(damaged.flaw()));
            throw damaged;
        }
    }

    private static void apply(List<Course> courses, Undertaking work, JobWork.Context context)
            throws IOException, InterruptedException {
        for (int i = 0; i < courses.size(); i++) {
            Course course = courses.get(i);
            Kind kind = course.base().kind();
            Map<String, Object> told = work.apply(kind, context.part(0.75, 1).nth(i, courses.size()))
                    .told();
            told.put("base", course.base().snapshot().id().text());
            told.put("sets", course.fold().sets());
            told.put("changes_from", course.source());
            context.tell(kind.word(), told);
        }
    }
}
