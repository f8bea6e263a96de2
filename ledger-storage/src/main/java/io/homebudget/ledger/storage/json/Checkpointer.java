package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.FrameReader;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.journal.Journal;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.journal.Segment;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Rewrites the array file in the background from an immutable view; never holds up the journal thread.
 *
 * <p>The order is what makes every crash harmless: the new array beside the old one; the metadata that belongs to it; the intent
 * in the journal; the rename; the record that it is done. A start takes the metadata whose digest fits the array that is there, and
 * the journal from its record on, so before the rename the old pair holds and after it the new one.
 */
final class Checkpointer {
    private static final Logger LOG = Logger.getLogger(Checkpointer.class);
    private static final long INTENT_SECONDS = 30;

    private final JsonStoreConfig config;
    private final Disk disk;
    private final RecordJson json;
    private final Notices notices;
    private final ScheduledThreadPoolExecutor worker;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    /** Held while files change their names or go; whoever opens files that belong together takes it too. */
    private final ReentrantLock files = new ReentrantLock();

    private Journal journal;
    private JournalThread thread;
    private volatile Current current;
    /** Under {@link #files}: from then on no file gets its final name. */
    private boolean closed;

    /**
     * The pair of files that a restart would begin with.
     *
     * @param stamp how the array file looked when it was last known to be ours
     */
    record Current(Path meta, long frame, ArrayFile.Seal array, Stamp stamp, long appended) {}

    /** What tells without reading whether a file was touched. */
    record Stamp(long size, FileTime modified, Object key) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
        }
    }

    Checkpointer(JsonStoreConfig config, Disk disk, RecordJson json, Notices notices) {
        this.config = config;
        this.disk = disk;
        this.json = json;
        this.notices = notices;
        this.worker = new ScheduledThreadPoolExecutor(1, task -> {
            Thread daemon =
                    new Thread(task, "ledger-checkpoint-" + config.kind().word());
            daemon.setDaemon(true);
            return daemon;
        });
        // what is due only after the close would write files that nobody expects any more
        worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** @param found the pair that the start began with; null for a new store */
    void begin(Journal ownJournal, JournalThread ownThread, Current found) {
        journal = ownJournal;
        thread = ownThread;
        current = found;
    }

    ScheduledExecutorService worker() {
        return worker;
    }

    /** Is told of every batch, on the journal thread: only looks whether it is time. */
    void wrote(View view) {
        Current last = current;
        if (last == null || view.substance <= last.frame()) {
            return;
        }
        if (view.byId.size() <= config.smallEntries()) {
            schedule(config.checkpointDelay().toMillis());
        } else if (journal.appended() - last.appended() > last.array().length() / 4) {
            schedule(0);
        }
    }

    private void schedule(long millis) {
        if (scheduled.compareAndSet(false, true)) {
            try {
                worker.schedule(this::runScheduled, millis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("no checkpoint any more, the store is closing");
            }
        }
    }

    private void runScheduled() {
        scheduled.set(false);
        try {
            run();
        } catch (IOException | RuntimeException e) {
            LOG.warnf("the array file could not be rewritten, it is tried again: %s", e.getMessage());
            schedule(Math.max(1_000, config.checkpointDelay().toMillis()));
        }
        wrote(thread.view());
    }

    /** Brings the array file up to date. Blocks; a store that did not change since writes nothing. */
    synchronized void run() throws IOException {
        run(false);
    }

    /**
     * Reads array and metadata from end to end, whatever their times say, and writes them anew where they are not what was
     * written. Blocks.
     *
     * @return whether they were damaged
     */
    synchronized boolean mend() throws IOException {
        Current last = current;
        if (last == null || sound(last)) {
            return false;
        }
        run(true);
        notices.add("The files of the checkpoint were damaged on disk; they were written anew from memory.");
        return true;
    }

    private boolean sound(Current last) throws IOException {
        try (FrameReader meta = new FrameReader(last.meta())) {
            MetaFile.read(meta, new MetaFile.Visitor() {});
            return ArrayFile.seal(config.array()).equals(last.array());
        } catch (NoSuchFileException | RecoveryRequired e) {
            LOG.warnf("the checkpoint is damaged on disk: %s", e.getMessage());
            return false;
        }
    }

    private void run(boolean anyway) throws IOException {
        View view = thread.view();
        Current last = current;
        if (!anyway && last != null && view.substance <= last.frame()) {
            if (!foreign(last)) {
                retire(view, last);
                return;
            }
        }
        Path array = config.array();
        Path newArray = config.beside(".tmp");
        Path meta = MetaFile.name(config.folder(), config.kind(), view.frame);
        Path newMeta = meta.resolveSibling(meta.getFileName() + ".tmp");
        try {
            ArrayFile.Seal seal = ArrayFile.write(disk, newArray, config.kind(), view.byId.values());
            MetaFile.write(disk, newMeta, config.kind(), view, seal, json);
            long appended = journal.appended();
            files.lock();
            try {
                requireOpen();
                disk.rename(newMeta, meta);
                disk.forceFolder(config.folder());
            } finally {
                files.unlock();
            }
            record(FrameType.CHECKPOINT_INTENT, view.frame, seal);
            files.lock();
            try {
                requireOpen();
                keepForeign(last);
                disk.rename(newArray, array);
                current = new Current(meta, view.frame, seal, Stamp.of(array), appended);
                disk.forceFolder(config.folder());
            } finally {
                files.unlock();
            }
            record(FrameType.CHECKPOINT_DONE, view.frame, seal);
            retire(view, current);
        } catch (IOException e) {
            Files.deleteIfExists(newArray);
            Files.deleteIfExists(newMeta);
            throw e;
        }
    }

    private void record(FrameType type, long frame, ArrayFile.Seal seal) throws IOException {
        Object payload = RecordJson.object()
                .put("frame", frame)
                .put("array_sha256", seal.sha256())
                .put("array_length", seal.length());
        try {
            thread.submit((draft, recorder) -> {
                        recorder.record(type, payload);
                        return null;
                    })
                    .get(INTENT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the journal does not take the record of a checkpoint", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Looks at the file's stamp, and reads it only when that changed. */
    private boolean foreign(Current last) throws IOException {
        Path array = config.array();
        if (last == null) {
            return false;
        }
        try {
            Stamp stamp = Stamp.of(array);
            if (stamp.equals(last.stamp())) {
                return false;
            }
            if (ArrayFile.seal(array).equals(last.array())) {
                current = new Current(last.meta(), last.frame(), last.array(), stamp, last.appended());
                return false;
            }
            return true;
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    /** An edit made while the store runs is not taken in, but nothing of it is lost. */
    private void keepForeign(Current last) throws IOException {
        if (!foreign(last)) {
            return;
        }
        if (!Files.exists(config.array())) {
            notices.add("The array file " + config.array().getFileName()
                    + " was removed while the store was running; it is written anew.");
            return;
        }
        Path aside = keepAside(config, config.array());
        notices.add("The array file was edited while the store was running. The edit was not taken in; it is kept in "
                + aside.getFileName() + ".");
    }

    /** A copy beside it under a name of its own, without a moment in which the array is not there. */
    static Path keepAside(JsonStoreConfig config, Path file) throws IOException {
        String name = config.kind().arrayFileName() + ".foreign-"
                + DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'")
                        .withZone(ZoneOffset.UTC)
                        .format(Files.getLastModifiedTime(file).toInstant());
        Path aside = config.folder().resolve(name);
        for (int i = 1; Files.exists(aside); i++) {
            if (Files.mismatch(file, aside) < 0) {
                return aside;
            }
            aside = config.folder().resolve(name + "-" + i);
        }
        try {
            Files.createLink(aside, file);
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.copy(file, aside);
        }
        return aside;
    }

    private void retire(View view, Current pair) throws IOException {
        files.lock();
        try {
            for (Path meta : MetaFile.files(config.folder(), config.kind())) {
                if (!meta.equals(pair.meta())) {
                    disk.delete(meta);
                }
            }
            journal.retire(pair.frame(), view.cutThrough);
        } finally {
            files.unlock();
        }
    }

    // ---- reading files that belong together ----------------------------------------------------------------------

    /** Opens a set of files of which none goes away or changes between two openings. */
    interface Opening<T> {
        T open(View view, Current pair, List<FrameReader> journal) throws IOException;
    }

    <T> T pinned(Opening<T> opening) throws IOException {
        List<FrameReader> readers = new ArrayList<>();
        files.lock();
        try {
            Current pair = current;
            List<Segment> segments = List.copyOf(journal.segments());
            View view = thread.view();
            for (int i = 0; i < segments.size(); i++) {
                boolean over =
                        i + 1 < segments.size() && segments.get(i + 1).header().firstFrame() <= pair.frame() + 1;
                if (!over) {
                    readers.add(new FrameReader(segments.get(i).file()));
                }
            }
            return opening.open(view, pair, readers);
        } catch (IOException | RuntimeException e) {
            for (FrameReader reader : readers) {
                reader.close();
            }
            throw e;
        } finally {
            files.unlock();
        }
    }

    /** Opens one segment that may be on its way out; null where it is gone. */
    FrameReader open(Segment segment) throws IOException {
        try {
            return new FrameReader(segment.file());
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the store is closed");
        }
    }

    /**
     * Waits for what runs, at most so long, and begins nothing that is not due. Afterwards no file gets its final name, also where
     * the wait was too short; such a run fails and removes what it wrote beside.
     */
    void close(long millis) throws InterruptedException {
        worker.shutdown();
        try {
            if (!worker.awaitTermination(millis, TimeUnit.MILLISECONDS)) {
                LOG.warn("a checkpoint did not end before the store was closed; its files are dropped");
            }
        } finally {
            files.lock();
            closed = true;
            files.unlock();
        }
    }
}
