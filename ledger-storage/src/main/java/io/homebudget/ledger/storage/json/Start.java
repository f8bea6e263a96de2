package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.Journal;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.InitialFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Finds out what a folder holds and brings it into memory: a new store, the first take of an old backend's file, a checkpoint
 * with its journal, or one whose array somebody edited. What cannot be trusted is {@link RecoveryRequired}.
 */
final class Start {
    private final JsonStoreConfig config;
    private final Disk disk;
    private final RecordRules rules;
    private final Supplier<UUID> ids;
    private final RecordJson json;
    private final Loader loader;
    private final Notices notices;

    Start(
            JsonStoreConfig config,
            Disk disk,
            RecordRules rules,
            Supplier<UUID> ids,
            RecordJson json,
            Interner interner,
            Notices notices) {
        this.config = config;
        this.disk = disk;
        this.rules = rules;
        this.ids = ids;
        this.json = json;
        this.loader = new Loader(config, interner, json);
        this.notices = notices;
    }

    /**
     * What a start found.
     *
     * @param pair the checkpoint it began with; null where the first one must be written before anybody is served
     * @param edits changes of the array file that are to be committed as the primary's own; empty where there are none
     * @param mustCheckpoint whether the files do not yet hold what the view does
     */
    record Found(View view, Journal journal, Checkpointer.Current pair, List<Change> edits, boolean mustCheckpoint) {}

    Found find() throws IOException {
        removeTemporaries();
        Journal journal = Journal.find(config.folder(), disk, config.kind().word(), config.segmentBytes());
        List<MetaFile.Header> metas = MetaFile.find(config.folder(), config.kind());
        boolean array = Files.exists(config.array());
        if (metas.isEmpty()) {
            if (journal.hasFrames()) {
                throw new RecoveryRequired(
                        config.folder(),
                        -1,
                        "there is a journal, but the metadata is missing",
                        "Put the file " + config.kind().plural() + ".meta-... back, or restore a snapshot.");
            }
            return begin(journal, array ? firstTake() : empty());
        }
        if (!array) {
            throw new RecoveryRequired(
                    config.array(),
                    -1,
                    "the array file is missing beside its journal",
                    "Put it back, or restore a snapshot. This is not taken for an empty ledger.");
        }
        Checkpointer.Stamp stamp = Checkpointer.Stamp.of(config.array());
        ArrayFile.Seal seal = ArrayFile.seal(config.array());
        for (int i = metas.size() - 1; i >= 0; i--) {
            if (metas.get(i).array().equals(seal)) {
                View view = loader.load(metas.get(i));
                replay(journal, view);
                return new Found(view, journal, pair(metas.get(i), stamp), List.of(), false);
            }
        }
        return edited(journal, metas);
    }

    private Found begin(Journal journal, View view) throws IOException {
        if (journal.segments().isEmpty()) {
            view.identity = ids.get();
            journal.begin(view.identity.toString());
        } else {
            view.identity = UUID.fromString(journal.segments().get(0).header().identity());
            journal.replay(0, frame -> {}, notices::add);
        }
        return new Found(view, journal, null, List.of(), true);
    }

    private void replay(Journal journal, View view) throws IOException {
        for (var segment : journal.segments()) {
            if (!segment.header().identity().equals(view.identity.toString())) {
                throw new RecoveryRequired(
                        segment.file(), -1, "it belongs to another store", "Check which files were put here.");
            }
        }
        view.frame = journal.replay(view.frame, new Replay(view, json, config.folder()), notices::add);
    }

    private Checkpointer.Current pair(MetaFile.Header meta, Checkpointer.Stamp stamp) {
        return new Checkpointer.Current(meta.file(), meta.frame(), meta.array(), stamp, 0);
    }

    private void removeTemporaries() throws IOException {
        try (Stream<Path> files = Files.list(config.folder())) {
            for (Path file : files.filter(f -> f.getFileName().toString().endsWith(".tmp"))
                    .toList()) {
                disk.delete(file);
            }
        }
    }

    // ---- the first time ------------------------------------------------------------------------------------------

    /** Everything that will ever be there is going to be in the log, so its consumers need no baseline. */
    private View empty() {
        View view = loader.newView();
        view.published = 0L;
        return view;
    }

    /** Takes an old backend's file. The original stays beside it. */
    private View firstTake() throws IOException {
        byte[] bytes = stableContent();
        ForeignArray array = ForeignArray.read(config.array(), bytes, rules);
        Path original = config.beside(".original");
        if (!Files.exists(original)) {
            Path temporary = config.beside(".original.tmp");
            try (Disk.Writable out = disk.open(temporary)) {
                out.truncate(0);
                out.append(ByteBuffer.wrap(bytes));
                out.force();
            }
            disk.rename(temporary, original);
            disk.forceFolder(config.folder());
        }
        View view = loader.newView();
        view.rejected = keepRejects(array);
        // versions are known to nobody else yet, and the publisher must begin with a baseline of what no change tells
        // of
        List<Held> held = new ArrayList<>();
        for (Entry entry : array.entries().values()) {
            held.add(new Held(entry, 1, 1, ids.get(), EntryDigest.of(entry)));
        }
        held.sort(Comparator.comparingLong(h -> h.entry().id()));
        Loader.fill(view, held);
        view.published = held.isEmpty() ? 0L : InitialFile.unpublished(view.ids);
        for (ForeignArray.Reject reject : array.rejects()) {
            if (reject.id() != null && reject.id() > 0 && reject.id() <= Entry.MAX_ID) {
                view.raiseIds(reject.id());
            }
        }
        return view;
    }

    private long keepRejects(ForeignArray array) throws IOException {
        long total = ForeignArray.keepRejects(disk, config.folder().resolve("rejected.ndjson"), array.rejects());
        if (!array.rejects().isEmpty()) {
            notices.add(array.rejects().size() + " records of " + config.array().getFileName()
                    + " could not be taken in; they are kept in rejected.ndjson with line and reason.");
        }
        return total;
    }

    /** The content of a file that nobody is writing any more; the old backend overwrites it as a whole at every request. */
    private byte[] stableContent() throws IOException {
        long limit = System.nanoTime() + config.stableLimit().toNanos();
        Path array = config.array();
        while (true) {
            Checkpointer.Stamp before = Checkpointer.Stamp.of(array);
            Duration age = Duration.between(before.modified().toInstant(), Instant.now());
            if (age.isNegative() || age.compareTo(config.stableFor()) >= 0) {
                byte[] bytes = Files.readAllBytes(array);
                ArrayFile.Seal seal = ArrayFile.seal(array);
                if (Checkpointer.Stamp.of(array).equals(before)
                        && seal.length() == bytes.length
                        && seal.sha256()
                                .equals(HexFormat.of()
                                        .formatHex(ArrayFile.sha256().digest(bytes)))) {
                    return bytes;
                }
            }
            if (System.nanoTime() > limit) {
                throw new RecoveryRequired(
                        array,
                        -1,
                        "the file keeps changing, so somebody else still writes it",
                        "Stop the old backend, then start again. The file was not touched.");
            }
            pause();
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the array file to rest", e);
        }
    }

    // ---- somebody edited the array -------------------------------------------------------------------------------

    private Found edited(Journal journal, List<MetaFile.Header> metas) throws IOException {
        byte[] bytes = stableContent();
        ForeignArray array = ForeignArray.read(config.array(), bytes, rules);
        ForeignEdit edit = null;
        for (MetaFile.Header meta : metas) {
            ForeignEdit candidate = new ForeignEdit(meta, loader.rows(meta), array);
            if (edit == null || candidate.size() <= edit.size()) {
                edit = candidate;
            }
        }
        edit.refuseDamagedRecords(config.array());
        View view = loader.view(edit.header(), edit.base(), edit.rows());
        replay(journal, view);
        Path aside = Checkpointer.keepAside(config, config.array());
        Checkpointer.Current pair = pair(edit.header(), Checkpointer.Stamp.of(config.array()));
        // the file is known and kept: it is no longer foreign to the checkpoint that replaces it
        pair = new Checkpointer.Current(pair.meta(), -1, ArrayFile.seal(config.array()), pair.stamp(), pair.appended());
        if (!view.primary()) {
            edit.showAsDamage(view);
            notices.add("The array file of this follower was edited while the store was stopped: " + edit.size()
                    + " entries differ. The edit is kept in " + aside.getFileName()
                    + " and is found as discrepancies.");
            return new Found(view, journal, pair, List.of(), true);
        }
        view.rejected = Math.max(view.rejected, keepRejects(array));
        List<Change> changes = edit.changes(view, ids, notices);
        notices.add("The array file was edited while the store was stopped: " + changes.size()
                + " changes were taken in. The edited file is kept in " + aside.getFileName() + ".");
        return new Found(view, journal, pair, changes, true);
    }
}
