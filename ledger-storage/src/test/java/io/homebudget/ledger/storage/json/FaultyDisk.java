package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.journal.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.BiPredicate;

/** The real disk, failing where a test says so. */
final class FaultyDisk implements Disk {
    enum Call {
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
    volatile BiPredicate<Call, String> fails = (call, file) -> false;
    /** Told before every call. */
    volatile BiPredicate<Call, String> before = (call, file) -> true;
    /** When an append fails, so many bytes of it are written all the same. */
    volatile int tornBytes;

    private void call(Call call, Path file) throws IOException {
        String name = file.getFileName().toString();
        before.test(call, name);
        if (fails.test(call, name)) {
            throw new IOException("injected: " + call + " of " + name);
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
                    real.append(bytes.slice(0, Math.min(tornBytes, bytes.remaining())));
                    throw e;
                }
                real.append(bytes);
            }

            @Override
            public void overwrite(long offset, ByteBuffer bytes) throws IOException {
                call(Call.OVERWRITE, file);
                real.overwrite(offset, bytes);
            }

            @Override
            public void force() throws IOException {
                call(Call.FORCE, file);
                real.force();
            }

            @Override
            public void truncate(long size) throws IOException {
                call(Call.TRUNCATE, file);
                real.truncate(size);
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
        REAL.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        call(Call.DELETE, file);
        REAL.delete(file);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        call(Call.FORCE_FOLDER, folder);
        REAL.forceFolder(folder);
    }
}
