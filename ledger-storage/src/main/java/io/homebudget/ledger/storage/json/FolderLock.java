package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.journal.RecoveryRequired;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One process owns a data folder (A6). The file is used for nothing else, so nothing ever replaces or rewrites it. */
final class FolderLock implements AutoCloseable {
    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    static FolderLock take(Path folder) throws IOException {
        Path file = folder.resolve("ledger.lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // this process has it: refused like any other
        }
        if (lock == null) {
            channel.close();
            throw new RecoveryRequired(
                    file,
                    -1,
                    "another process owns this folder",
                    "Stop it first, or give this one a folder of its own.");
        }
        return new FolderLock(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
