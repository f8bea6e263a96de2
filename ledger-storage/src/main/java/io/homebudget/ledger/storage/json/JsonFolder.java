package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.StoreAway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * A kind's data folder: with the JSON store in it, or with what is left when that was given up. One process owns it, also then.
 *
 * <p>Giving up, and what a crash between two steps leaves:
 *
 * <ol>
 *   <li>everything that will go is archived, fsynced and compared with the files: nothing changed but for an archive more;
 *   <li>{@link GivenUp#FILE} is renamed into place, the commit point: a start no longer reads the files and goes on here;
 *   <li>the files are deleted: a start deletes those that are left, if the archive holds them as they are;
 *   <li>the record says that it is finished: files of a store that appear later are somebody's, and are never deleted.
 * </ol>
 */
public final class JsonFolder implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JsonFolder.class);

    /** How long {@link #close} waits for an archive or a give-up, as long as a store's own close: a million entries are packed in seconds. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    private final JsonStoreConfig config;
    private final Disk disk;
    private final Clock clock;
    /** Null once the store was given up; set so after {@link #givenUp}, so whoever reads this one first has one of the two. */
    private volatile JsonStore live;
    /** Null while it was not. */
    private volatile GivenUp givenUp;

    private volatile LedgerStore store;
    /** Held here where no store holds it. */
    private FolderLock lock;
    /** From then on nothing is begun: the folder may soon be another process's. */
    private volatile boolean closed;
    /** Archives, give-ups and the end come one after the other. */
    private final ReentrantLock turn = new ReentrantLock();

    private JsonFolder(JsonStoreConfig config, Disk disk, Clock clock) {
        this.config = config;
        this.disk = disk;
        this.clock = clock;
    }

    /**
     * As {@link JsonStore#open}; a folder whose store was given up is opened too, and holds no entries.
     *
     * @throws RecoveryRequired also where this process may not write the folder: starting again and again would not help
     */
    public static JsonFolder open(JsonStoreConfig config, Clock clock, Supplier<UUID> ids, RecordRules rules, Disk disk)
            throws IOException {
        try {
            return opened(config, clock, ids, rules, disk);
        } catch (IOException e) {
            throw Unwritable.in(config.folder(), e).orElseThrow(() -> e);
        }
    }

    private static JsonFolder opened(
            JsonStoreConfig config, Clock clock, Supplier<UUID> ids, RecordRules rules, Disk disk) throws IOException {
        JsonFolder folder = new JsonFolder(config, disk, clock);
        if (GivenUp.read(config.folder()).isEmpty()) {
            folder.live = JsonStore.open(config, clock, ids, rules, disk);
            folder.store = folder.live;
            return folder;
        }
        folder.lock = FolderLock.take(config.folder());
        try {
            folder.become(GivenUp.read(config.folder()).orElseThrow());
            folder.finish();
            return folder;
        } catch (IOException | RuntimeException e) {
            folder.lock.close();
            throw e;
        }
    }

    /** Whether the folder's JSON store was given up, so that PostgreSQL alone has the ledger. */
    public static boolean isGivenUp(Path folder) throws IOException {
        return GivenUp.read(folder).isPresent();
    }

    /** The store that stands here now; what was given up knows who ruled then, and fails at everything else. */
    public LedgerStore store() {
        return store;
    }

    /** The store with what only files have; empty once it was given up. */
    public Optional<JsonStore> live() {
        return Optional.ofNullable(live);
    }

    /** How it was given up; empty while it was not. */
    public Optional<WayBackClosing.Done> closed() {
        return Optional.ofNullable(givenUp).map(record -> record.told(config.folder()));
    }

    public UUID identity() {
        JsonStore open = live;
        return open == null ? givenUp.identity() : open.identity();
    }

    public long ruledFrom() {
        JsonStore open = live;
        return open == null ? givenUp.ruledFrom() : open.ruledFrom();
    }

    public long rejected() {
        JsonStore open = live;
        return open == null ? givenUp.rejected() : open.rejected();
    }

    /**
     * Archives what the old backend can be started on, as of the last checkpoint. Blocks; waits where the store is being given up.
     * Fails with {@link StoreAway} once it was.
     */
    public Path archive() {
        turn.lock();
        try {
            return archiveInTurn();
        } finally {
            turn.unlock();
        }
    }

    private Path archiveInTurn() {
        if (live == null) {
            throw new StoreAway(StoreName.JSON, givenUp.told(config.folder()).sentence(), null);
        }
        if (closed) {
            throw new StoreAway(StoreName.JSON, "the folder is closed", null);
        }
        return Archive.write(config, clock.instant());
    }

    /**
     * Gives the store up. Blocks as long as it takes to read, pack and compare the files. Nobody may write to the store meanwhile,
     * and its array must be up to date. Repeated, it finishes what was begun.
     *
     * @param rule that rules now, without the JSON store; {@code position} where the store stands
     * @throws IOException before the commit point nothing was given up, and {@link #closed} says so; after it, files were left
     *     behind, which the next call or start deletes
     */
    public WayBackClosing.Done giveUp(Rule rule, long position, String by, String reason) throws IOException {
        turn.lock();
        try {
            return giveUpInTurn(rule, position, by, reason);
        } finally {
            turn.unlock();
        }
    }

    private WayBackClosing.Done giveUpInTurn(Rule rule, long position, String by, String reason) throws IOException {
        if (closed) {
            throw new IOException("the folder is closed");
        }
        if (givenUp == null) {
            List<Path> files = StoreFiles.of(config);
            Path archive = Archive.write(config, files, clock.instant());
            Archive.requireSame(archive, files);
            JsonStore giving = live;
            GivenUp record = new GivenUp(
                    GivenUp.FORMAT,
                    false,
                    giving.identity(),
                    rule.epoch(),
                    position,
                    giving.ruledFrom(),
                    giving.rejected(),
                    archive.getFileName().toString(),
                    Files.size(archive),
                    clock.instant(),
                    by,
                    reason);
            try {
                record.write(config.folder(), disk);
            } catch (IOException e) {
                // renamed but perhaps not durable: a start may go either way, so nobody writes to the files any more
                if (Files.exists(config.folder().resolve(GivenUp.FILE))) {
                    leave(giving, record);
                }
                throw e;
            }
            leave(giving, record);
        }
        finish();
        return givenUp.told(config.folder());
    }

    private void leave(JsonStore giving, GivenUp record) {
        become(record);
        live = null;
        lock = giving.letGo();
    }

    private void become(GivenUp record) {
        givenUp = record;
        store = new GivenUpStore(record, record.told(config.folder()).sentence());
    }

    private void finish() throws IOException {
        List<Path> left = StoreFiles.of(config);
        if (givenUp.finished()) {
            if (!left.isEmpty()) {
                throw new RecoveryRequired(
                        left.get(0),
                        -1,
                        "it lies in a folder whose JSON store was given up on " + givenUp.at(),
                        "Move it away; or, to take these files into use again, move " + GivenUp.FILE + " away.");
            }
            return;
        }
        Path archive = givenUp.archiveIn(config.folder());
        if (!Files.exists(archive) || Files.size(archive) != givenUp.archiveBytes()) {
            throw new RecoveryRequired(
                    archive,
                    -1,
                    "the archive of the given-up JSON store is not there as it was written",
                    "Put it back: the files that are still beside it are only deleted when it is there.");
        }
        requireArchived(archive, left);
        // the decision must be durable before the first file goes
        disk.forceFolder(config.folder());
        for (Path file : left) {
            disk.delete(file);
        }
        disk.forceFolder(config.folder());
        GivenUp done = givenUp.done();
        done.write(config.folder(), disk);
        givenUp = done;
    }

    private static void requireArchived(Path archive, List<Path> files) {
        List<Path> missing;
        try {
            missing = Archive.notIn(archive, files);
        } catch (IOException e) {
            throw new RecoveryRequired(
                    archive,
                    -1,
                    "it could not be compared with the files that are left: " + e.getMessage(),
                    "Nothing was deleted. Put the archive back from a copy, or start again where the disk failed.");
        }
        if (!missing.isEmpty()) {
            throw new RecoveryRequired(
                    missing.get(0),
                    -1,
                    "the archive " + archive.getFileName() + " of the given-up JSON store does not hold it as it is",
                    "Nothing was deleted. Move the file away, and start again.");
        }
    }

    /**
     * As {@link JsonStore#close}; waits at most 30 s for an archive or a give-up that has begun. Where that goes on longer, nothing
     * is closed and the folder stays this process's until it ends: a start then goes on where the give-up was.
     */
    @Override
    public void close() {
        close(CLOSE_LIMIT);
    }

    /** @return false where the limit was over before what had begun was */
    boolean close(Duration limit) {
        closed = true;
        try {
            if (!turn.tryLock(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warnf(
                        "the JSON store in %s is still being archived or given up after %s: its files are left to it"
                                + " until the process ends, and the next start goes on from there",
                        config.folder(), limit);
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        try {
            letGo();
            return true;
        } finally {
            turn.unlock();
        }
    }

    private void letGo() {
        JsonStore open = live;
        if (open != null) {
            open.close();
        }
        FolderLock held = lock;
        if (held != null) {
            JsonStore.close(held);
        }
    }

    /** The files that a JSON store makes and keeps; archives and the files of restores are none of them. */
    private static final class StoreFiles {
        static List<Path> of(JsonStoreConfig config) throws IOException {
            String array = config.kind().arrayFileName();
            try (Stream<Path> files = Files.list(config.folder())) {
                return files.filter(Files::isRegularFile)
                        .filter(file -> isOurs(config, array, file.getFileName().toString()))
                        .sorted()
                        .toList();
            }
        }

        private static boolean isOurs(JsonStoreConfig config, String array, String name) {
            return name.equals(array)
                    || name.equals(array + ".original")
                    || name.startsWith(array + ".foreign-")
                    || name.equals(array + ".tmp")
                    || name.startsWith(config.kind().plural() + ".meta-")
                    || name.startsWith("journal-")
                    || name.equals("in-sync")
                    || name.equals("rejected.ndjson");
        }
    }
}
