package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.journal.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiPredicate;
import java.util.function.Function;

/** The real disk, failing where a test says so. */
public final class FaultyDisk implements Disk {
    public enum Call {
        OPEN,
        APPEND,
        OVERWRITE,
        FORCE,
        TRUNCATE,
        RENAME,
        DELETE,
        FORCE_FOLDER
    }

    /** Whether this call on this file (for a rename: its target) fails. */
    public volatile BiPredicate<Call, String> fails = (call, file) -> false;
    /** What a failing call throws, by the file. */
    public volatile Function<Path, IOException> failure = file -> null;
    /** Told before every call. */
    public volatile BiPredicate<Call, String> before = (call, file) -> true;
    /** When an append fails, so many bytes of it are written all the same. */
    public volatile int tornBytes;

    private final ReadWriteLock still = new ReentrantReadWriteLock();

    /** Does the work while nothing on the disk changes, between two calls, as a kill would. */
    public void whileStill(Runnable work) {
        still.writeLock().lock();
        try {
            work.run();
        } finally {
            still.writeLock().unlock();
        }
    }

    /** What changes the disk. */
    @FunctionalInterface
    private interface Act {
        void run() throws IOException;
    }

    private void act(Act act) throws IOException {
        still.readLock().lock();
        try {
            act.run();
        } finally {
            still.readLock().unlock();
        }
    }

    private void call(Call call, Path file) throws IOException {
        String name = file.getFileName().toString();
        before.test(call, name);
        if (fails.test(call, name)) {
            IOException chosen = failure.apply(file);
            throw chosen != null ? chosen : new IOException("injected: " + call + " of " + name);
        }
    }

    @Override
    public Writable open(Path file) throws IOException {
        call(Call.OPEN, file);
        Writable real = REAL.open(file);
        return new Writable() {
            @Override
            public void append(ByteBuffer bytes) throws IOException {
                try {
                    call(Call.APPEND, file);
                } catch (IOException e) {
                    act(() -> real.append(bytes.slice(0, Math.min(tornBytes, bytes.remaining()))));
                    throw e;
                }
                act(() -> real.append(bytes));
            }

            @Override
            public void overwrite(long offset, ByteBuffer bytes) throws IOException {
                call(Call.OVERWRITE, file);
                act(() -> real.overwrite(offset, bytes));
            }

            @Override
            public void force() throws IOException {
                call(Call.FORCE, file);
                act(() -> real.force());
            }

            @Override
            public void truncate(long size) throws IOException {
                call(Call.TRUNCATE, file);
                act(() -> real.truncate(size));
            }

            @Override
            public long size() throws IOException {
                return real.size();
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        call(Call.RENAME, to);
        act(() -> REAL.rename(from, to));
    }

    @Override
    public void delete(Path file) throws IOException {
        call(Call.DELETE, file);
        act(() -> REAL.delete(file));
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        call(Call.FORCE_FOLDER, folder);
        act(() -> REAL.forceFolder(folder));
    }
}
