package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.journal.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Whether this folder holds everything that was acknowledged, readable when PostgreSQL is lost (A34). Overwritten in place in a
 * file of fixed size, so that clearing it needs no space on a full disk. Anything but the exact mark counts as not in sync.
 */
final class InSyncMark implements AutoCloseable {
    private static final byte[] SET = "in-sync yes\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLEAR = "in-sync no \n".getBytes(StandardCharsets.US_ASCII);

    private final Path path;
    private final Disk disk;
    private Disk.Writable file;
    private volatile boolean set;

    private InSyncMark(Path path, Disk disk, boolean set) {
        this.path = path;
        this.disk = disk;
        this.set = set;
    }

    static InSyncMark open(Path folder, Disk disk) throws IOException {
        Path path = folder.resolve("in-sync");
        boolean set = Files.exists(path) && Arrays.equals(Files.readAllBytes(path), SET);
        InSyncMark mark = new InSyncMark(path, disk, set);
        if (!Files.exists(path) || Files.size(path) != SET.length) {
            mark.file = disk.open(path);
            mark.file.truncate(0);
            mark.file.append(ByteBuffer.wrap(CLEAR));
            mark.file.force();
            disk.forceFolder(folder);
        }
        return mark;
    }

    boolean set() {
        return set;
    }

    /** Blocks until it is on disk. A failed fsync is not tried again on the same descriptor (A41). */
    synchronized void mark(boolean inSync) throws IOException {
        if (!inSync) {
            set = false;
        }
        try {
            if (file == null) {
                file = disk.open(path);
            }
            file.overwrite(0, ByteBuffer.wrap(inSync ? SET : CLEAR));
            file.force();
            set = inSync;
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (file != null) {
            Disk.Writable closing = file;
            file = null;
            closing.close();
        }
    }
}
