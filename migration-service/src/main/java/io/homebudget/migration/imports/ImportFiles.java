package io.homebudget.migration.imports;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.problems.Refused;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The files of imports: the body while it is needed, the rejects and the new ids for longer. Only the owner may read them (modes
 * 700 and 600): they hold amounts. A body is there whole or not at all.
 */
@ApplicationScoped
class ImportFiles {
    /** Left free for everything else on that disk. */
    private static final long SPARE = 200L << 20;

    private final ImportConfig config;

    ImportFiles(ImportConfig config) {
        this.config = config;
    }

    Path body(UUID id) {
        return config.dir().resolve(id + ".body");
    }

    Path rejects(UUID id) {
        return config.dir().resolve(id + ".rejects.ndjson");
    }

    Path renumbered(UUID id) {
        return config.dir().resolve(id + ".renumbered.ndjson");
    }

    /** Whether this machine has what the import needs. */
    boolean here(UUID id) {
        return Files.exists(body(id));
    }

    /** Stores a body as it comes, durable when this returns. For worker threads. */
    void receive(UUID id, InputStream in) throws IOException {
        folder();
        Path part = config.dir().resolve(id + ".part");
        try (FileChannel out = FileChannel.open(
                part,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            copy(in, out);
            out.force(true);
            Files.move(part, body(id), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(part);
            throw e;
        }
    }

    private void copy(InputStream in, FileChannel out) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            total += read;
            if (total > config.largest()) {
                throw Refused.of(
                        LedgerError.TOO_LARGE,
                        "An import may have " + config.largest() + " bytes (IMPORT_MAX_BYTES). Send it in parts.");
            }
            if (Files.getFileStore(config.dir()).getUsableSpace() < SPARE) {
                throw Refused.of(LedgerError.NOT_WRITTEN, "There is no room for the body in IMPORT_DIR. Make room.");
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        }
    }

    private void folder() throws IOException {
        if (!Files.isDirectory(config.dir())) {
            Files.createDirectories(config.dir());
            Files.setPosixFilePermissions(config.dir(), PosixFilePermissions.fromString("rwx------"));
        }
    }

    void deleteBody(UUID id) {
        try {
            Files.deleteIfExists(body(id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the files of imports that are not in {@code needed}; those of the last hour may be of one being received. */
    void sweep(Set<UUID> needed, Instant olderThan) throws IOException {
        if (!Files.isDirectory(config.dir())) {
            return;
        }
        try (Stream<Path> files = Files.list(config.dir())) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                int dot = name.indexOf('.');
                if (dot == 36
                        && !needed.contains(UUID.fromString(name.substring(0, dot)))
                        && Files.getLastModifiedTime(file).toInstant().isBefore(olderThan)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
