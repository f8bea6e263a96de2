package io.homebudget.backup.making;

import io.homebudget.backup.arrays.ArrayArchive;
import io.homebudget.backup.arrays.ArrayRows;
import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.SnapshotState;
import io.homebudget.backup.catalogue.StateFile;
import io.homebudget.backup.checking.SnapshotVerifier;
import io.homebudget.backup.format.ExportLines;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.SnapshotWriter;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.backup.format.TopicEnd;
import io.homebudget.backup.jobs.JobWork;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.ledgers.LedgerTrouble;
import io.homebudget.backup.ledgers.Ledgers;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.StoreName;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jboss.logging.Logger;

/**
 * Makes a snapshot of every store in use, while writers go on.
 *
 * <p>Guarantees: what is published was read back from disk and proven whole; each image is of one position of its log, and
 * all images of a kind are of one epoch. The primary's image is in every snapshot. Where a follower cannot be read, the snapshot is
 * published without it, saying so, and the making fails all the same: nobody is left without a copy of what rules, and nobody
 * takes the copy for a complete one. Memory does not depend on the number of entries.
 */
public final class SnapshotMaker {
    private static final Logger LOG = Logger.getLogger(SnapshotMaker.class);
    /** A phase change or a broken connection in the middle is rare; three in a row are no accident. */
    private static final int ATTEMPTS = 3;

    private static final long FIRST_PAUSE_MILLIS = 500;
    /** Rows between two signs of life. */
    private static final int STRIDE = 4_096;
    /** Where the parts of the work end, about: reading, the archive, proving. */
    private static final double READ = 0.8;

    private static final double PACKED = 0.9;
    private static final double PROVEN = 0.98;

    private final Catalogue catalogue;
    private final Ledgers ledgers;
    private final TopicEnds topicEnds;
    private final Clock clock;
    private final IntSupplier random;

    public SnapshotMaker(Catalogue catalogue, Ledgers ledgers, TopicEnds topicEnds, Clock clock, IntSupplier random) {
        this.catalogue = catalogue;
        this.ledgers = ledgers;
        this.topicEnds = topicEnds;
        this.clock = clock;
        this.random = random;
    }

    /** A kind changed its phase while it was read: everything is to be read anew. */
    private static final class PhaseChanged extends IOException {
        private static final long serialVersionUID = 1L;

        PhaseChanged(Kind kind) {
            super("the " + kind.plural() + " changed their phase while they were read");
        }
    }

    /** What is being made. */
    private static final class Draft {
        private final SnapshotWriter writer;
        private final Map<Kind, ArrayRows> arrays = new EnumMap<>(Kind.class);
        private final List<String> notes = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();

        Draft(SnapshotWriter writer) {
            this.writer = writer;
        }
    }

    /**
     * Makes one snapshot; the context is told its {@code backup_id} before anything is written.
     *
     * @throws SnapshotFailed where none was made, or one that lacks a follower
     */
    public Manifest make(SnapshotOrder order, JobWork.Context context) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return once(order, context);
            } catch (PhaseChanged e) {
                if (attempt == ATTEMPTS) {
                    throw new SnapshotFailed(
                            "No snapshot was made: " + e.getMessage() + ", " + ATTEMPTS
                                    + " times in a row. Repeat when the phases stand still.",
                            e);
                }
                LOG.infof("a snapshot begins anew: reason=%s", e.getMessage());
            }
        }
    }

    private Manifest once(SnapshotOrder order, JobWork.Context context) throws IOException, InterruptedException {
        List<Subject> subjects = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            subjects.addAll(Subject.of(kind, state(kind)));
        }
        Instant now = clock.instant();
        SnapshotId id = SnapshotId.at(now, random.getAsInt());
        context.tell("backup_id", id.text());
        try (SnapshotWriter writer = SnapshotWriter.begin(catalogue.folder(), id)) {
            Draft draft = new Draft(writer);
            try {
                // before the stores are read: what they do not hold is then in the topics from here on
                List<TopicEnd> ends = topicEnds.ask(draft.notes::add);
                read(draft, subjects, context.part(0, READ));
                pack(draft, now, context);
                Manifest manifest = writer.complete(new SnapshotWriter.Description(
                        now, order.reason(), order.actor(), order.comment(), ends, draft.missing, draft.notes));
                prove(writer.folder(), context.part(PACKED, PROVEN));
                writer.publish();
                context.at(1, "published");
                LOG.infof("snapshot made: id=%s reason=%s bytes=%d", id, order.reason(), manifest.bytes());
                if (!draft.missing.isEmpty()) {
                    throw new SnapshotFailed("Snapshot " + id + " holds every store that rules, but not "
                            + String.join("; nor ", draft.missing));
                }
                return manifest;
            } finally {
                for (ArrayRows rows : draft.arrays.values()) {
                    rows.close();
                }
            }
        }
    }

    private LedgerState state(Kind kind) throws IOException, InterruptedException {
        return repeated(() -> ledgers.of(kind).state());
    }

    private void read(Draft draft, List<Subject> subjects, Progress progress) throws IOException, InterruptedException {
        for (int i = 0; i < subjects.size(); i++) {
            Subject subject = subjects.get(i);
            Progress part = progress.nth(i, subjects.size());
            try {
                StoreImage image = repeated(() -> read(draft, subject, part));
                if (image.damaged() > 0) {
                    draft.notes.add(image.damaged() + " entries of " + subject.words()
                            + " were damaged before: their values are not those that their last change recorded.");
                }
            } catch (LedgerTrouble | ExportLines.BrokenExport e) {
                if (subject.primary()) {
                    throw new SnapshotFailed(
                            "No snapshot was made: " + subject.words() + " cannot be read: " + e.getMessage(), e);
                }
                draft.notes.add(subject.words() + " is missing: " + e.getMessage());
                draft.missing.add(subject.words() + " (" + e.getMessage() + ")");
            }
        }
    }

    private StoreImage read(Draft draft, Subject subject, Progress progress) throws IOException {
        Kind kind = subject.kind();
        ArrayRows array = subject.store() == StoreName.JSON
                ? new ArrayRows(kind, draft.writer.folder().resolve(".sorting-" + kind.word()))
                : null;
        try (InputStream export = ledgers.of(kind).export(subject.store())) {
            StoreImage image = draft.writer.entries(kind, subject.store(), subject.primary(), export, lines -> {
                if (array != null) {
                    array.add(lines.row());
                }
                if (lines.read() % STRIDE == 0) {
                    if (Thread.currentThread().isInterrupted()) {
                        throw new InterruptedIOException("backup-service is stopping");
                    }
                    progress.at(
                            (double) lines.read() / lines.head().rows(),
                            "reading " + subject.words() + ", " + lines.read() + " of "
                                    + lines.head().rows());
                }
            });
            if (image.epoch() != subject.state().epoch()
                    || image.phase() != subject.state().phase()) {
                throw new PhaseChanged(kind);
            }
            if (array != null) {
                array.rest();
                draft.arrays.put(kind, array);
            }
            return image;
        } catch (IOException | RuntimeException e) {
            giveUp(array, e);
            throw e;
        }
    }

    /** Of what is given up only why counts. */
    private static void giveUp(ArrayRows array, Exception why) {
        try {
            if (array != null) {
                array.close();
            }
        } catch (IOException | RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    private static void pack(Draft draft, Instant now, Progress progress) throws IOException {
        if (draft.arrays.isEmpty()) {
            return;
        }
        progress.at(READ, "packing the array files");
        draft.writer.file(ArrayArchive.path(now), out -> ArrayArchive.write(draft.arrays, now, out));
        for (ArrayRows rows : draft.arrays.values()) {
            rows.close();
        }
    }

    /** Reads everything back from the disk, and says in the snapshot itself that it was whole. */
    private void prove(Path folder, Progress progress) throws IOException, InterruptedException {
        List<Flaw> flaws = SnapshotVerifier.verifyWritten(folder, progress);
        if (!flaws.isEmpty()) {
            throw new SnapshotFailed("No snapshot was made: what was written could not be read back whole: "
                    + flaws.get(0) + ". See whether the disk is in order.");
        }
        StateFile.write(folder, SnapshotState.NEW.checked(clock.instant(), List.of()));
    }

    private interface Attempt<T> {
        T run() throws IOException, InterruptedException;
    }

    /** Repeats what may be a passing trouble, with growing pauses. */
    private static <T> T repeated(Attempt<T> attempt) throws IOException, InterruptedException {
        for (int number = 1; ; number++) {
            try {
                return attempt.run();
            } catch (LedgerTrouble e) {
                if (!e.passing() || number == ATTEMPTS) {
                    throw e;
                }
            } catch (ExportLines.BrokenExport e) {
                if (number == ATTEMPTS) {
                    throw e;
                }
            }
            TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE_MILLIS << number);
        }
    }
}
