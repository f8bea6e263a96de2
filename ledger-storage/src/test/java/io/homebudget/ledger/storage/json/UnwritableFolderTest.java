package io.homebudget.ledger.storage.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder that this process may not write is said as what it is, with what to do, and nothing is lost. */
class UnwritableFolderTest {
    private final FaultyDisk disk = new FaultyDisk();

    @TempDir
    Path home;

    @Test
    void a_data_folder_below_a_file_is_refused_with_advice_and_the_file_is_untouched() throws IOException {
        Path file = Files.writeString(home.resolve("data"), "somebody's");

        for (Path folder : List.of(file, file.resolve("expense"))) {
            assertThatThrownBy(() -> open(folder, Disk.REAL))
                    .isInstanceOf(RecoveryRequired.class)
                    .hasMessageContaining(file + " is a file")
                    .hasMessageContaining("LEDGER_DATA_DIR");
        }
        assertThat(file).hasContent("somebody's");
    }

    @Test
    void files_that_may_not_be_written_are_named_with_the_user_and_what_to_do_and_nothing_is_lost() throws IOException {
        Path folder = home.resolve("data");
        written(folder, "kept");
        disk.fails = (call, file) -> call == FaultyDisk.Call.OPEN;
        disk.failure = file -> new AccessDeniedException(file.toString());

        RecoveryRequired refused = catchThrowableOfType(
                RecoveryRequired.class, () -> open(folder, disk).close());

        assertThat(refused.file()).hasParent(folder);
        assertThat(refused).hasMessageContaining("by the user " + System.getProperty("user.name"));
        // up prints the advice without the message
        assertThat(refused.advice())
                .contains("as the user " + System.getProperty("user.name"), "nothing is lost", "the folder " + folder);
        disk.fails = (call, file) -> false;
        try (JsonFolder again = open(folder, disk)) {
            assertThat(Stores.all(again.live().orElseThrow()))
                    .extracting(held -> held.entry().notes())
                    .containsExactly("kept");
        }
    }

    @Test
    void a_read_only_folder_is_refused_where_the_user_is_bound_by_it() throws IOException {
        Path folder = home.resolve("data");
        written(folder, "kept");
        // the next start has to make it
        Files.delete(folder.resolve("ledger.lock"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            if (Files.isWritable(folder)) {
                // root may write whatever the mode says: nothing is in the way, and nothing is refused
                open(folder, Disk.REAL).close();
            } else {
                assertThatThrownBy(() -> open(folder, Disk.REAL))
                        .isInstanceOf(RecoveryRequired.class)
                        .hasMessageContaining(folder.toString())
                        .hasMessageContaining("by the user " + System.getProperty("user.name"));
            }
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        try (JsonFolder again = open(folder, Disk.REAL)) {
            assertThat(Stores.all(again.live().orElseThrow())).hasSize(1);
        }
    }

    @Test
    void a_disk_that_fails_is_no_folder_that_may_not_be_written() throws IOException {
        Path folder = home.resolve("data");
        written(folder, "kept");
        disk.fails = (call, file) -> call == FaultyDisk.Call.OPEN;

        assertThatThrownBy(() -> open(folder, disk))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("injected");
    }

    /** A store whose next start has a file to write: the in-sync mark is not as it should be. */
    private static void written(Path folder, String notes) throws IOException {
        try (JsonStore store = Stores.ruling(folder)) {
            Stores.created(store, notes);
        }
        Files.writeString(folder.resolve("in-sync"), "damaged");
    }

    private static JsonFolder open(Path folder, Disk disk) throws IOException {
        return JsonFolder.open(Stores.config(folder), Clock.systemUTC(), UUID::randomUUID, Stores::take, disk);
    }
}
