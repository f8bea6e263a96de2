package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.journal.Disk;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;

/**
 * The archive of the JSON files: what the old backend can be started on, and the original and the rejected records where there
 * are such. Written beside and renamed into place: a file with the final name is whole. None ever replaces another; callers
 * come one after the other.
 */
final class Archive {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss").withZone(ZoneOffset.UTC);

    static final String FOLDER = "archive";
    private static final String SUFFIX = ".tar.gz";

    private Archive() {}

    /** Blocking. @return the archive, in the folder {@code archive} of the data folder */
    static Path write(JsonStoreConfig config, Instant now) {
        return write(
                config,
                List.of(
                        config.array(),
                        config.beside(".original"),
                        config.folder().resolve("rejected.ndjson")),
                now);
    }

    /** Blocking. @param files what goes in; one that is not there is left out */
    static Path write(JsonStoreConfig config, List<Path> files, Instant now) {
        Path folder = config.folder().resolve(FOLDER);
        Path target = free(folder, "json_backup_" + STAMP.format(now));
        Path beside = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.deleteIfExists(beside);
            Files.createFile(
                    beside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(beside));
                    TarArchiveOutputStream tar =
                            new TarArchiveOutputStream(new GzipCompressorOutputStream(out), "UTF-8")) {
                tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
                for (Path file : files) {
                    add(tar, file);
                }
            }
            try (FileChannel file = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                file.force(true);
            }
            Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
            Disk.REAL.forceFolder(folder);
            Disk.REAL.forceFolder(config.folder());
            return target;
        } catch (IOException e) {
            remove(beside, e);
            throw new UncheckedIOException("the archive " + target + " could not be written", e);
        }
    }

    private static void remove(Path half, IOException failure) {
        try {
            Files.deleteIfExists(half);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static Path free(Path folder, String name) {
        Path target = folder.resolve(name + SUFFIX);
        for (int i = 1; Files.exists(target, LinkOption.NOFOLLOW_LINKS); i++) {
            target = folder.resolve(name + "-" + i + SUFFIX);
        }
        return target;
    }

    /** Reads the archive back. Blocking. @throws IOException where it does not hold all of these files as they are now */
    static void requireSame(Path archive, List<Path> files) throws IOException {
        List<Path> missing = notIn(archive, files);
        if (!missing.isEmpty()) {
            throw new IOException("the archive " + archive + " does not hold "
                    + missing.get(0).getFileName() + " as it is now; repeat the call");
        }
    }

    /** Reads the archive back. Blocking. @return those of the files that it does not hold as they are now */
    static List<Path> notIn(Path archive, List<Path> files) throws IOException {
        Map<String, Path> left = new TreeMap<>();
        files.forEach(file -> left.put(file.getFileName().toString(), file));
        try (TarArchiveInputStream tar = new TarArchiveInputStream(
                new GzipCompressorInputStream(new BufferedInputStream(Files.newInputStream(archive))), "UTF-8")) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path file = left.get(entry.getName());
                if (file != null && same(file, tar)) {
                    left.remove(entry.getName());
                }
            }
        }
        return List.copyOf(left.values());
    }

    private static boolean same(Path file, InputStream archived) throws IOException {
        MessageDigest one = ArrayFile.sha256();
        MessageDigest other = ArrayFile.sha256();
        digest(archived, one);
        try (InputStream now = Files.newInputStream(file)) {
            digest(now, other);
        }
        return MessageDigest.isEqual(one.digest(), other.digest());
    }

    private static void digest(InputStream in, MessageDigest digest) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            digest.update(buffer, 0, read);
        }
    }

    private static void add(TarArchiveOutputStream tar, Path file) throws IOException {
        if (Files.exists(file)) {
            // name, size and time only: of what else a file could tell, tar warns that it does not know it
            TarArchiveEntry entry = new TarArchiveEntry(file.getFileName().toString());
            entry.setSize(Files.size(file));
            entry.setModTime(Files.getLastModifiedTime(file).toMillis());
            tar.putArchiveEntry(entry);
            Files.copy(file, tar);
            tar.closeArchiveEntry();
        }
    }
}
