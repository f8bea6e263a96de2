package io.homebudget.backup.catalogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.homebudget.backup.format.Durable;
import io.homebudget.backup.format.FileSummer;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.SnapshotJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * {@code state.json}, the one file of a snapshot that changes: replaced as a whole, with a checksum of its own, because the
 * manifest cannot hold it.
 */
public final class StateFile {
    public static final String NAME = "state.json";

    private StateFile() {}

    /** The state; one without the file is new, one that cannot be trusted is pinned and not ok. */
    public static SnapshotState read(Path folder) throws IOException {
        try {
            SnapshotState state =
                    SnapshotJson.MAPPER.readValue(Files.readAllBytes(folder.resolve(NAME)), SnapshotState.class);
            if (state != null && seal(state).equals(state.sha256())) {
                return state;
            }
            return SnapshotState.unreadable(NAME + ": its checksum is not the one it names");
        } catch (NoSuchFileException e) {
            return SnapshotState.NEW;
        } catch (JsonProcessingException e) {
            return SnapshotState.unreadable(NAME + ": it cannot be read");
        }
    }

    public static void write(Path folder, SnapshotState state) throws IOException {
        Durable.replace(folder.resolve(NAME), SnapshotJson.MAPPER.writeValueAsBytes(state.sealed(seal(state))));
    }

    /** What is wrong with the file, if something is. */
    public static Optional<Flaw> check(Path folder) throws IOException {
        SnapshotState state = read(folder);
        if (state.sha256() != null || !Files.exists(folder.resolve(NAME))) {
            return Optional.empty();
        }
        return Optional.of(new Flaw(
                NAME, "", "it is not what was written; the snapshot counts as pinned until somebody says otherwise"));
    }

    private static String seal(SnapshotState state) throws JsonProcessingException {
        byte[] bytes = SnapshotJson.MAPPER.writeValueAsBytes(state.sealed(null));
        FileSummer summer = new FileSummer();
        summer.write(bytes, 0, bytes.length);
        return summer.finish(NAME).sha256();
    }
}
