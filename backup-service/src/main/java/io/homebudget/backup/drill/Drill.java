package io.homebudget.backup.drill;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.checking.Checker;
import io.homebudget.backup.format.EntryStream;
import io.homebudget.backup.format.ExportLines;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.SnapshotReader;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.ledgers.Ledgers;
import io.homebudget.backup.recovery.Changes.MissingChanges;
import io.homebudget.backup.recovery.Lineage;
import io.homebudget.backup.recovery.LogChanges;
import io.homebudget.backup.recovery.LogFold;
import io.homebudget.backup.recovery.MergedRows;
import io.homebudget.backup.recovery.Moment;
import io.homebudget.backup.recovery.Room;
import io.homebudget.backup.restore.LedgerCalls;
import io.homebudget.ledger.config.DatabaseUrl;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LoggedSet;
import io.homebudget.ledger.phase.StoreName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Proves for one kind that its newest snapshot and the log bring the ledger back: the snapshot is restored into a scratch
 * database, the changes are replayed on it to a random later moment and on to now, and at both it must hold what an independent fold
 * holds; at the end also what the living ledger itself holds. So a change that is missing anywhere fails the drill (A29).
 */
public final class Drill {
    private final Catalogue catalogue;
    private final Checker checker;
    private final Ledgers ledgers;
    private final Function<Kind, LedgerCalls> calls;
    private final Optional<DatabaseUrl> database;
    private final RandomGenerator random;
    private final Room room;

    /**
     * @param room for the entries that changed since the snapshot
     * @param database whose server lends the scratch database; without one the drill is done in a folder alone
     */
    public Drill(
            Catalogue catalogue,
            Checker checker,
            Ledgers ledgers,
            Function<Kind, LedgerCalls> calls,
            Optional<DatabaseUrl> database,
            RandomGenerator random,
            Room room) {
        this.catalogue = catalogue;
        this.checker = checker;
        this.ledgers = ledgers;
        this.calls = calls;
        this.database = database;
        this.random = random;
        this.room = room;
    }

    /** The drill found that something cannot be brought back. */
    public static final class DrillFailed extends IOException {
        private static final long serialVersionUID = 1L;

        DrillFailed(String message) {
            super(message);
        }
    }

    /** What the living ledger holds, at a position. */
    private record Living(long position, Tally tally) {}

    /**
     * @return what was proven: {@code backup_id}, {@code position} of the random moment, {@code head}, {@code sets}, {@code entries}
     * @throws DrillFailed where the drill did not come to the same
     */
    public Map<String, Object> run(Kind kind, Progress progress) throws IOException, InterruptedException {
        Listed newest = newest(kind);
        StoreImage image = newest.manifest().primaryImage(kind).orElseThrow();
        progress.at(0, "proving snapshot " + newest.id());
        List<Flaw> flaws = checker.check(newest.id(), progress.part(0, 0.2));
        if (!flaws.isEmpty()) {
            throw new DrillFailed("Snapshot " + newest.id() + " is damaged: " + flaws.get(0));
        }
        Optional<String> foreign = Lineage.of(calls.apply(kind)).foreign(image);
        if (foreign.isPresent()) {
            throw new DrillFailed("Snapshot " + newest.id() + " does not lead to the living " + kind.plural() + ": "
                    + foreign.get() + ". Make a snapshot, then repeat.");
        }
        progress.at(0.2, "reading the living " + kind.plural());
        Living living = living(kind);
        long moment = image.position()
                + (living.position() > image.position()
                        ? 1 + random.nextLong(living.position() - image.position())
                        : 0);
        try (Catalogue.Hold hold = catalogue
                        .hold(newest.id())
                        .orElseThrow(() -> new IOException("Snapshot " + newest.id() + " is not there any more."));
                Ground ground = new Ground(kind, hold, image);
                LogFold whole = new LogFold(kind, new Moment.AtPosition(living.position()), room, catalogue.folder())) {
            progress.at(0.4, "restoring into a scratch place");
            ground.restore();
            progress.at(0.6, "replaying the changes");
            try {
                new LogChanges(calls.apply(kind)).after(image.position(), set -> {
                    // the log ascends: with the first set beyond the moment, the fold holds just what was up to it
                    if (set.position() > moment) {
                        ground.atMoment(whole);
                    }
                    ground.replay(set, living.position());
                    whole.add(set);
                    return set.position() <= living.position();
                });
            } catch (MissingChanges cut) {
                throw new DrillFailed("Snapshot " + newest.id() + " cannot be brought forward: " + cut.getMessage()
                        + ". Make a snapshot, then repeat.");
            }
            ground.atMoment(whole);
            progress.at(0.9, "comparing");
            ground.atHead(whole, living.tally());
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("backup_id", newest.id().text());
            told.put("position", moment);
            told.put("head", living.position());
            told.put("sets", whole.sets());
            told.put("entries", living.tally().entries());
            told.put("database", database.isPresent());
            return told;
        }
    }

    private Listed newest(Kind kind) throws IOException {
        // the newest, not the newest good one: a damaged one must not hide behind an older one
        return catalogue.list().stream()
                .filter(listed -> {
                    if (listed.manifest() == null) {
                        return true;
                    }
                    return listed.manifest().primaryImage(kind).isPresent();
                })
                .findFirst()
                .map(listed -> {
                    if (listed.manifest() == null) {
                        throw new UncheckedIOException(
                                new DrillFailed("Snapshot " + listed.id() + " is damaged: " + listed.flaw()));
                    }
                    return listed;
                })
                .orElseThrow(() -> new DrillFailed("There is no snapshot of the " + kind.plural() + "."));
    }

    private Living living(Kind kind) throws IOException, InterruptedException {
        String primary = ledgers.of(kind).state().primary();
        var store = Arrays.stream(StoreName.values())
                .filter(name -> name.word().equals(primary))
                .findFirst()
                .orElseThrow(() -> new IOException("It is not known which store of the " + kind.plural() + " rules."));
        try (InputStream export = ledgers.of(kind).export(store)) {
            ExportLines lines = new ExportLines(export);
            while (lines.next()) {
                // adding up is the reader's own
            }
            return new Living(
                    lines.head().position(),
                    new Tally(lines.sum().entries(), lines.sum().digest()));
        }
    }

    /** The scratch places and what they are compared with. */
    private final class Ground implements AutoCloseable {
        private final Kind kind;
        private final Catalogue.Hold hold;
        private final StoreImage image;
        private final ScratchFolder folder;
        private final ScratchDatabase scratch;
        private Tally seenAtMoment;

        Ground(Kind kind, Catalogue.Hold hold, StoreImage image) throws IOException {
            this.kind = kind;
            this.hold = hold;
            this.image = image;
            this.folder = new ScratchFolder(kind, catalogue.folder());
            try {
                this.scratch =
                        database.isPresent() ? ScratchDatabase.create(database.get(), kind, UUID.randomUUID()) : null;
            } catch (IOException e) {
                folder.close();
                throw e;
            }
        }

        private interface Work<T> {
            T on(EntryStream rows) throws IOException;
        }

        private <T> T reading(Work<T> work) throws IOException {
            try (EntryStream rows = SnapshotReader.open(hold.folder()).entries(kind, image.store())) {
                return work.on(rows);
            }
        }

        private Tally tally(LogFold fold) throws IOException {
            return reading(rows -> {
                try (MergedRows folded = fold.over(rows::next)) {
                    return Tally.of(folded);
                }
            });
        }

        void restore() throws IOException {
            if (scratch != null) {
                reading(rows -> {
                    scratch.restore(rows::next);
                    return null;
                });
            }
        }

        void replay(LoggedSet set, long head) throws IOException {
            if (scratch != null && set.position() <= head) {
                scratch.replay(set);
            }
        }

        /** Compares at the random moment, once. */
        void atMoment(LogFold fold) throws IOException {
            if (seenAtMoment != null) {
                return;
            }
            Tally expected = tally(fold);
            seenAtMoment = expected;
            same("the scratch database at the chosen moment", scratch == null ? expected : scratch.tally(), expected);
        }

        void atHead(LogFold whole, Tally living) throws IOException {
            Tally expected = tally(whole);
            reading(rows -> {
                try (MergedRows folded = whole.over(rows::next)) {
                    folder.write(folded);
                }
                return null;
            });
            same("snapshot and log together", expected, living);
            same("the array file", folder.tally(), living);
            if (scratch != null) {
                same("the scratch database", scratch.tally(), living);
            }
        }

        private void same(String what, Tally found, Tally expected) throws DrillFailed {
            if (!found.equals(expected)) {
                throw new DrillFailed("Of the " + kind.plural() + ", " + what + " holds " + found.entries()
                        + " entries, expected are " + expected.entries()
                        + (found.entries() == expected.entries() ? " with other contents" : "")
                        + ": a change is missing or was damaged.");
            }
        }

        @Override
        public void close() throws IOException {
            try (folder) {
                if (scratch != null) {
                    scratch.close();
                }
            }
        }
    }
}
