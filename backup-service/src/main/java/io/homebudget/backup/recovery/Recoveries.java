package io.homebudget.backup.recovery;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.checking.Checker;
import io.homebudget.backup.format.EntryStream;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.SnapshotReader;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobOrder;
import io.homebudget.backup.jobs.JobRunner;
import io.homebudget.backup.jobs.JobWork;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.restore.LedgerCalls;
import io.homebudget.backup.restore.Restores;
import io.homebudget.backup.restore.RowLines;
import io.homebudget.backup.restore.RowUpload;
import io.homebudget.backup.restore.Safety;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreOrder.Mode;
import io.homebudget.ledger.internal.RestoreState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Takes ledgers back to any moment: the newest snapshot before it, the changes from there on, and the engine's restore. All
 * bases are found and proven, and all changes read, before the first ledger is touched.
 */
public final class Recoveries {
    public static final String RECOVER = "recover";

    private final FolderOwner owner;
    private final JobRunner runner;
    private final Catalogue catalogue;
    private final Checker checker;
    private final Safety safety;
    private final Bases bases;
    private final Function<Kind, LedgerCalls> calls;

    public Recoveries(
            FolderOwner owner,
            JobRunner runner,
            Catalogue catalogue,
            Checker checker,
            Safety safety,
            Bases bases,
            Function<Kind, LedgerCalls> calls) {
        this.owner = owner;
        this.runner = runner;
        this.catalogue = catalogue;
        this.checker = checker;
        this.safety = safety;
        this.bases = bases;
        this.calls = calls;
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
    private record Course(Base base, Catalogue.Hold hold, LogFold fold, String source) {}

    private void run(Order order, JobWork.Context context) throws Exception {
        List<Course> courses = new ArrayList<>();
        try {
            recover(order, courses, context);
        } finally {
            courses.forEach(course -> course.hold().close());
        }
    }

    private void recover(Order order, List<Course> courses, JobWork.Context context) throws Exception {
        for (Kind kind : order.kinds()) {
            context.at(0.02, "looking for a snapshot of the " + kind.plural());
            Base base = bases.find(kind, order.to()).orElse(null);
            if (base != null) {
                courses.add(new Course(base, hold(base), null, null));
            }
        }
        if (courses.isEmpty()) {
            throw new IOException(
                    order.to().change() != null
                            ? "No log holds change " + order.text() + " after any good snapshot. Nothing was recovered."
                            : "There is no good snapshot of this installation from before " + order.text()
                                    + ". Nothing was recovered.");
        }
        if (order.to().instant() != null && courses.size() < order.kinds().size()) {
            throw new IOException("Not every kind has a good snapshot from before " + order.text()
                    + ". Nothing was recovered; name one kind to recover it alone.");
        }
        // of all kinds together: all changes are read before the first ledger is touched
        Room room = Room.ofHeap();
        for (int i = 0; i < courses.size(); i++) {
            courses.set(i, read(courses.get(i), room, context));
        }
        safety.take(order.actor(), "before recovering to " + order.text(), context, context.part(0.3, 0.5));
        double share = 0.5 / courses.size();
        for (int i = 0; i < courses.size(); i++) {
            apply(order, courses.get(i), context, context.part(0.5 + i * share, 0.5 + (i + 1) * share));
        }
    }

    private Catalogue.Hold hold(Base base) throws IOException {
        return catalogue
                .hold(base.snapshot().id())
                .orElseThrow(() -> new IOException(
                        "Snapshot " + base.snapshot().id() + " is not there any more. Nothing was recovered."));
    }

    private Course read(Course course, Room room, JobWork.Context context) throws IOException, InterruptedException {
        Base base = course.base();
        context.at(0.1, "proving snapshot " + base.snapshot().id());
        List<Flaw> flaws = checker.check(base.snapshot().id(), Progress.NONE);
        if (!flaws.isEmpty()) {
            throw new IOException(
                    "Snapshot " + base.snapshot().id() + " is damaged, nothing was recovered: " + flaws.get(0));
        }
        context.at(0.2, "reading the changes of the " + base.kind().plural());
        Bases.Folded folded = bases.fold(base, room);
        return new Course(base, course.hold(), folded.fold(), folded.source());
    }

    private void apply(Order order, Course course, JobWork.Context context, Progress progress)
            throws IOException, InterruptedException {
        Base base = course.base();
        Kind kind = base.kind();
        SnapshotReader reader = SnapshotReader.open(course.hold().folder());
        try (EntryStream image = reader.entries(kind, base.image().store())) {
            RestoreOrder asked =
                    new RestoreOrder(Mode.CHANGES, image.head(), order.actor(), "recovery to " + order.text());
            RestoreState done = new RowUpload(calls.apply(kind))
                    .run(
                            asked,
                            RowLines.of(kind, course.fold().over(image::next)),
                            base.image().rows() + course.fold().changed().size(),
                            progress);
            Map<String, Object> told = new LinkedHashMap<>(Restores.done(done, Mode.CHANGES));
            told.put("base", base.snapshot().id().text());
            told.put("sets", course.fold().sets());
            told.put("changes_from", course.source());
            context.tell(kind.word(), told);
        }
    }
}
