package io.homebudget.ledger.storage.json;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;

/**
 * The archive of the JSON files: what the old backend can be started on, and the original and the rejected records where there
 * are such. Written beside and renamed into place: a file with the final name is whole.
 */
public final class Archive {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss").withZone(ZoneOffset.UTC);

    private Archive() {}

    /** Blocking. @return the archive, in the folder {@code archive} of the data folder */
    public static Path write(JsonStoreConfig config, Instant now) {
        Path folder = config.folder().resolve("archive");
        Path target = folder.resolve("json_backup_" + STAMP.format(now) + ".tar.gz");
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
                add(tar, config.array());
                add(tar, config.beside(".original"));
                add(tar, config.folder().resolve("rejected.ndjson"));
            }
            try (FileChannel file = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                file.force(true);
            }
            Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException("the archive " + target + " could not be written", e);
        }
    }

    private static void add(TarArchiveOutputStream tar, Path file) throws IOException {
        if (Files.exists(file)) {
            tar.putArchiveEntry(new TarArchiveEntry(file, file.getFileName().toString()));
            Files.copy(file, tar);
            tar.closeArchiveEntry();
        }
    }
}
