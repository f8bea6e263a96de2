package io.homebudget.ledger.storage.breakglass;

import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.json.JsonStore;
import io.homebudget.ledger.storage.json.JsonStoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Writes the array that a start of the service would serve, journal included, without the service; behind {@code ctl export}.
 *
 * <p>It works on a copy of the folder and lets the store itself recover it, so what comes out is exactly what the service
 * would come up with, and the folder stays as it is. Needs as much free disk as the folder takes. A running service's folder
 * gives its state as of some moment during the copy; journals are copied last, so nothing acknowledged before is missing.
 */
public final class ExportFiles {
    private ExportFiles() {}

    /** {@code KIND FOLDER OUT} */
    public static void main(String[] arguments) throws IOException {
        Kind kind = Kind.ofWord(arguments[0]).orElseThrow();
        Path folder = Path.of(arguments[1]);
        Path out = Path.of(arguments[2]).toAbsolutePath();
        Path copy = Files.createTempDirectory(out.getParent(), ".export-");
        try {
            copy(folder, copy);
            EntryRules rules = new EntryRules(kind, "₪");
            JsonStoreConfig config = JsonStoreConfig.of(kind, copy);
            try (JsonStore store = JsonStore.open(config, Clock.systemUTC(), UUID::randomUUID, rules::take)) {
                store.notices().forEach(System.err::println);
            }
            Files.move(config.array(), out);
        } catch (RecoveryRequired damage) {
            System.err.println(damage.getMessage());
            System.exit(1);
        } finally {
            delete(copy);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(from)) {
            files = listed.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().equals("ledger.lock"))
                    .sorted((a, b) -> Boolean.compare(isJournal(a), isJournal(b)))
                    .toList();
        }
        for (Path file : files) {
            try {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            } catch (NoSuchFileException retired) {
                System.err.println(file.getFileName() + " was retired while copying; if the export fails, repeat it.");
            }
        }
    }

    private static boolean isJournal(Path file) {
        return file.getFileName().toString().startsWith("journal-");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
