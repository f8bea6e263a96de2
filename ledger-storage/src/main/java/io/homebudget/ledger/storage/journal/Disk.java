package io.homebudget.ledger.storage.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Everything a store does to its files that can fail half way. A seam: tests put one in that fails, fills up or stops at a
 * chosen call.
 */
public interface Disk {

    /** A file open for writing. */
    interface Writable extends Closeable {
        /** Writes all of it behind what was written before. */
        void append(ByteBuffer bytes) throws IOException;

        /** Overwrites in place; the file does not grow. */
        void overwrite(long offset, ByteBuffer bytes) throws IOException;

        void force() throws IOException;

        /** Cuts the file; the next append goes there. */
        void truncate(long size) throws IOException;

        long size() throws IOException;
    }

    /** Opens, making the file with mode 600 where it is not there; appends go to its end. */
    Writable open(Path file) throws IOException;

    /** Replaces {@code to} at once. Durable after {@link #forceFolder}. */
    void rename(Path from, Path to) throws IOException;

    void delete(Path file) throws IOException;

    void forceFolder(Path folder) throws IOException;

    Disk REAL = new Disk() {
        @Override
        public Writable open(Path file) throws IOException {
            return new RealFile(file);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void delete(Path file) throws IOException {
            Files.deleteIfExists(file);
        }

        @Override
        public void forceFolder(Path folder) throws IOException {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    };

    /** The plain file. */
    final class RealFile implements Writable {
        private final FileChannel channel;

        RealFile(Path file) throws IOException {
            Set<StandardOpenOption> options =
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
            channel = posix(file)
                    ? FileChannel.open(
                            file,
                            options,
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                    : FileChannel.open(file, options);
            channel.position(channel.size());
        }

        private static boolean posix(Path file) {
            return file.getFileSystem().supportedFileAttributeViews().contains("posix");
        }

        @Override
        public void append(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        @Override
        public void overwrite(long offset, ByteBuffer bytes) throws IOException {
            long at = offset;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
            channel.position(size);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
