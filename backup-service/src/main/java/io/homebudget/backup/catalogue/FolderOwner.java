package io.homebudget.backup.catalogue;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.backup.format.Durable;
import io.homebudget.backup.format.SnapshotJson;
import io.homebudget.backup.jobs.JobBook;
import io.homebudget.backup.problems.Refused;
import io.homebudget.ledger.error.LedgerError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * One process owns the folder of the snapshots: it alone makes, removes and restores, so a schedule fires once however many
 * replicas look at it, and what lies half made there is certainly nobody's. When it dies, the operating system gives its lock up and
 * the next one that asks goes on.
 */
public final class FolderOwner implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(FolderOwner.class);
    private static final String LOCK = ".owner.lock";
    private static final String ABOUT = ".folder.json";

    private final Path folder;
    private final Catalogue catalogue;
    private final JobBook jobs;
    private final Clock clock;
    private FileChannel channel;
    private volatile Instant since;
    private volatile String trouble = "the folder has not been looked at yet";

    /** @param since when the folder was first used: no slot of the calendar before it was ever missed */
    @JsonNaming(SnakeCaseStrategy.class)
    record About(int format, Instant since) {}

    public FolderOwner(Catalogue catalogue, JobBook jobs, Clock clock) {
        this.folder = catalogue.folder();
        this.catalogue = catalogue;
        this.jobs = jobs;
        this.clock = clock;
    }

    /** Owns the folder if nobody else does. To be repeated: the other one may stop, the volume may come. */
    public synchronized boolean own() {
        if (since != null) {
            return true;
        }
        try {
            Durable.folder(folder);
            if (!locked()) {
                complain("another backup-service process owns " + folder);
                return false;
            }
            List<String> left = catalogue.clean();
            if (!left.isEmpty()) {
                LOG.warnf("removed what an interrupted process had left: %s", left);
            }
            jobs.open();
            since = about().since();
            trouble = null;
            return true;
        } catch (IOException e) {
            release();
            complain("BACKUP_DIR " + folder + " cannot be used: " + e);
            return false;
        }
    }

    private void complain(String why) {
        if (!why.equals(trouble)) {
            LOG.warnf("snapshots cannot be made here now: reason=%s", why);
        }
        trouble = why;
    }

    private boolean locked() throws IOException {
        channel = FileChannel.open(
                folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            release();
            return false;
        }
        return true;
    }

    private About about() throws IOException {
        Path file = folder.resolve(ABOUT);
        if (!Files.exists(file)) {
            Durable.replace(file, SnapshotJson.MAPPER.writeValueAsBytes(new About(1, clock.instant())));
        }
        About about = SnapshotJson.MAPPER.readValue(Files.readAllBytes(file), About.class);
        if (about.format() != 1) {
            throw new IOException(ABOUT + " has format " + about.format() + ", known is 1");
        }
        return about;
    }

    public boolean owned() {
        return since != null;
    }

    /** When the folder was first used. Only while owned. */
    public Instant since() {
        return since;
    }

    /** Why the folder is not owned; null while it is. */
    public String trouble() {
        return trouble;
    }

    /** @throws Refused where another process owns the folder, or nobody can */
    public void require() {
        if (!owned()) {
            throw Refused.of(LedgerError.NOT_WRITTEN, "Not here, not now: " + trouble + ".");
        }
    }

    private void release() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.warnf("the lock of the folder cannot be given up: error=%s", e.getMessage());
        }
        channel = null;
    }

    @Override
    public synchronized void close() {
        since = null;
        trouble = "the service is stopping";
        release();
    }
}
