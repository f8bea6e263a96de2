package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Opens a store, and lets everything go again when that fails. */
final class Opener {
    private static final long SECONDS = 60;

    private Opener() {}

    static JsonStore open(JsonStoreConfig config, Clock clock, Supplier<UUID> ids, RecordRules rules, Disk disk)
            throws IOException {
        makeFolder(config.folder());
        FolderLock lock = FolderLock.take(config.folder());
        Notices notices = new Notices();
        InSyncMark mark = null;
        Start.Found found = null;
        try {
            refuseGivenUp(config.folder());
            mark = InSyncMark.open(config.folder(), disk);
            Interner interner = new Interner();
            found = new Start(config, disk, rules, ids, new RecordJson(config.kind(), interner), interner, notices)
                    .find();
        } catch (IOException | RuntimeException e) {
            if (mark != null) {
                mark.close();
            }
            lock.close();
            throw e;
        }
        JsonStore store = new JsonStore(
                config,
                clock,
                ids,
                disk,
                new JsonStore.StartedFiles(notices, lock, mark, new RecordJson(config.kind(), Interner.none()), found));
        try {
            store.begin(found.edits(), found.mustCheckpoint());
        } catch (IOException | RuntimeException e) {
            store.stop();
            throw e;
        }
        return store;
    }

    /** A new store in such a folder would be taken for the ledger. */
    private static void refuseGivenUp(Path folder) throws IOException {
        GivenUp.read(folder).ifPresent(record -> {
            throw new RecoveryRequired(
                    folder.resolve(GivenUp.FILE),
                    -1,
                    record.told(folder).sentence(),
                    "PostgreSQL alone has the ledger.");
        });
    }

    private static void makeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            }
        }
    }

    static void await(CompletableFuture<?> future) throws IOException {
        try {
            future.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the store cannot write", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
