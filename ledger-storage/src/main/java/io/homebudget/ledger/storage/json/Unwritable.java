package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.journal.RecoveryRequired;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tells a data folder that this process may not write from a disk that fails. The first needs a person, and no repetition; what
 * lies in the folder is as it was.
 */
final class Unwritable {
    private Unwritable() {}

    /**
     * @param failure of opening the folder
     * @return empty where something else is behind it
     */
    static Optional<RuntimeException> in(Path folder, IOException failure) {
        Path standing = folder.toAbsolutePath();
        while (!Files.exists(standing) && standing.getParent() != null) {
            standing = standing.getParent();
        }
        if (!Files.isDirectory(standing)) {
            return Optional.of(new RecoveryRequired(
                    folder,
                    -1,
                    standing + " is a file, where the data folder or one above it should be",
                    "Nothing was changed. Move the file " + standing
                            + " away, or set LEDGER_DATA_DIR to the right folder," + " then start again."));
        }
        String user = System.getProperty("user.name");
        Path refused = Files.isWritable(standing) ? refused(failure) : standing;
        return Optional.ofNullable(refused)
                .map(place -> new RecoveryRequired(
                        place,
                        -1,
                        "it cannot be read and written by the user " + user + " (" + failure + ")",
                        "The service runs as the user " + user
                                + ", who may not use it. Nothing of the ledger was changed and"
                                + " nothing is lost. Give " + user + " read and write access to the folder "
                                + folder + " and all files in it, mount its disk for writing where it is mounted"
                                + " read-only, or set LEDGER_DATA_DIR to the right folder; then start again."));
    }

    /** The file that may not be used, by the failure or a cause of it; null where there is none. */
    private static Path refused(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof FileSystemException on && on.getFile() != null) {
                Path file = Path.of(on.getFile());
                // a read-only disk and an immutable file have no exception of their own
                if (on instanceof AccessDeniedException || Files.exists(file) && !Files.isWritable(file)) {
                    return file;
                }
            }
        }
        return null;
    }
}
