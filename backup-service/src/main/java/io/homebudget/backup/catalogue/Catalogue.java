package io.homebudget.backup.catalogue;

import io.homebudget.backup.format.DamagedSnapshot;
import io.homebudget.backup.format.Durable;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.NewerFormat;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.SnapshotReader;
import io.homebudget.backup.format.SnapshotWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The snapshots of one folder. The folder itself is the list: what is there is listed, what is not is not, with PostgreSQL absent
 * too.
 *
 * <p>Guarantees: a folder with a snapshot's name is a whole snapshot; removing takes the name away first, so that a removal cut
 * short leaves nothing that looks like one. What is held is not removed.
 */
public final class Catalogue {
    /** What a drill writes in the folder begins with this. */
    public static final String DRILL = ".drill-";

    /** What a recovery or a drill has no memory for is kept in the folder under names that begin with this. */
    public static final String FOLD = ".fold-";

    private static final String REMOVED = ".removed-";

    private final Path folder;
    /** Manifests never change; the folder is asked each time for what is there. */
    private final Map<SnapshotId, Manifest> manifests = new ConcurrentHashMap<>();

    private final Map<SnapshotId, Integer> holds = new HashMap<>();

    /** Keeps a snapshot from being removed while somebody reads it. */
    public interface Hold extends AutoCloseable {
        Path folder();

        @Override
        void close();
    }

    public Catalogue(Path folder) {
        this.folder = folder;
    }

    /** Where snapshots are made and kept. */
    public Path folder() {
        return folder;
    }

    /** Newest first. */
    public List<Listed> list() throws IOException {
        List<SnapshotId> ids = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> SnapshotId.ofName(file.getFileName().toString())
                    .filter(id -> Files.isDirectory(file))
                    .ifPresent(ids::add));
        } catch (NoSuchFileException e) {
            return List.of();
        }
        ids.sort(Comparator.reverseOrder());
        manifests.keySet().retainAll(ids);
        List<Listed> listed = new ArrayList<>();
        for (SnapshotId id : ids) {
            find(id).ifPresent(listed::add);
        }
        return listed;
    }

    public Optional<Listed> find(SnapshotId id) throws IOException {
        Path snapshot = folder.resolve(id.text());
        if (!Files.isDirectory(snapshot)) {
            return Optional.empty();
        }
        try {
            Manifest manifest = manifests.get(id);
            if (manifest == null) {
                manifest = SnapshotReader.open(snapshot).manifest();
                manifests.put(id, manifest);
            }
            return Optional.of(new Listed(id, manifest, StateFile.read(snapshot), null, false));
        } catch (DamagedSnapshot e) {
            return Files.isDirectory(snapshot)
                    ? Optional.of(new Listed(id, null, StateFile.read(snapshot), e.flaw(), e instanceof NewerFormat))
                    : Optional.empty();
        }
    }

    /** The newest snapshot that was proven whole. */
    public Optional<Listed> newestGood() throws IOException {
        return list().stream().filter(Listed::good).findFirst();
    }

    /** Empty where there is no such snapshot. */
    public synchronized Optional<Hold> hold(SnapshotId id) {
        Path snapshot = folder.resolve(id.text());
        if (!Files.isDirectory(snapshot)) {
            return Optional.empty();
        }
        holds.merge(id, 1, Integer::sum);
        return Optional.of(new Hold() {
            private boolean let;

            @Override
            public Path folder() {
                return snapshot;
            }

            @Override
            public void close() {
                if (!let) {
                    let = true;
                    letGo(id);
                }
            }
        });
    }

    private synchronized void letGo(SnapshotId id) {
        holds.computeIfPresent(id, (key, count) -> count > 1 ? count - 1 : null);
    }

    public synchronized boolean held(SnapshotId id) {
        return holds.containsKey(id);
    }

    /** Changes what can change about a snapshot; false where there is no such one. */
    public synchronized boolean update(SnapshotId id, UnaryOperator<SnapshotState> change) throws IOException {
        Path snapshot = folder.resolve(id.text());
        if (!Files.isDirectory(snapshot)) {
            return false;
        }
        StateFile.write(snapshot, change.apply(StateFile.read(snapshot)));
        return true;
    }

    /** Removes a snapshot whole; false where it is held, pinned or not there. */
    public boolean remove(SnapshotId id) throws IOException {
        Path removed = folder.resolve(REMOVED + id);
        synchronized (this) {
            Path snapshot = folder.resolve(id.text());
            if (holds.containsKey(id)
                    || !Files.isDirectory(snapshot)
                    || StateFile.read(snapshot).pinned()) {
                return false;
            }
            Files.move(snapshot, removed, StandardCopyOption.ATOMIC_MOVE);
            manifests.remove(id);
        }
        Durable.syncFolder(folder);
        Durable.removeTree(removed);
        return true;
    }

    /**
     * Gives a snapshot's name to a folder beside it that was written and proven; a damaged one that bears the name goes. Its pin must
     * be in the new one.
     *
     * @throws IOException where the damaged one is being read
     */
    public void take(SnapshotId id, Path proven) throws IOException {
        Path removed = folder.resolve(REMOVED + id);
        synchronized (this) {
            Path snapshot = folder.resolve(id.text());
            if (Files.isDirectory(snapshot)) {
                if (holds.containsKey(id)) {
                    throw new IOException(
                            "Snapshot " + id + " is being read and cannot be replaced now; repeat later.");
                }
                // what an earlier removal may have left
                Durable.removeTree(removed);
                Files.move(snapshot, removed, StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(proven, snapshot, StandardCopyOption.ATOMIC_MOVE);
            manifests.remove(id);
        }
        Durable.syncFolder(folder);
        Durable.removeTree(removed);
    }

    /** Removes what a killed process left: half snapshots, half removals, drills and folds. Only the owner of the folder may call it. */
    public List<String> clean() throws IOException {
        List<Path> left;
        try (Stream<Path> files = Files.list(folder)) {
            left = files.filter(file -> {
                        String name = file.getFileName().toString();
                        return Stream.of(SnapshotWriter.PARTIAL, REMOVED, DRILL, FOLD)
                                .anyMatch(name::startsWith);
                    })
                    .toList();
        }
        for (Path path : left) {
            Durable.removeTree(path);
        }
        return left.stream().map(path -> path.getFileName().toString()).toList();
    }

    /** Records what is wrong with a snapshot, or that nothing is. */
    public void checked(SnapshotId id, Instant at, List<Flaw> flaws) throws IOException {
        update(id, state -> state.checked(at, flaws.stream().map(Flaw::toString).toList()));
    }
}
