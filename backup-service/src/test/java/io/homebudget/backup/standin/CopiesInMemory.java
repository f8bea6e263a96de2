package io.homebudget.backup.standin;

import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.remote.RemoteCopies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Another place, in memory, that is always within reach; tests make it fail where they need that. Moves no files. */
public class CopiesInMemory implements RemoteCopies {
    private final Map<SnapshotId, Optional<Manifest>> copies = new TreeMap<>();
    private final Set<SnapshotId> pins = new TreeSet<>();

    /** A whole copy. @param manifest what it says of itself; null where nobody asks */
    public void put(SnapshotId id, Manifest manifest) {
        copies.put(id, Optional.ofNullable(manifest));
    }

    @Override
    public boolean configured() {
        return true;
    }

    @Override
    public Set<SnapshotId> list() throws IOException {
        return Set.copyOf(copies.keySet());
    }

    @Override
    public Set<SnapshotId> pinned() throws IOException {
        return Set.copyOf(pins);
    }

    @Override
    public Manifest manifest(SnapshotId id) throws IOException {
        return copies.get(id).orElseThrow(() -> new UnsupportedOperationException("nobody asks what a copy holds"));
    }

    @Override
    public void upload(SnapshotId id, Path from, Progress progress) throws IOException {
        put(id, null);
    }

    @Override
    public void fetch(SnapshotId id, Path into, Progress progress) throws IOException {
        throw new UnsupportedOperationException("no files are in memory");
    }

    @Override
    public void pin(SnapshotId id, boolean pinned) throws IOException {
        if (pinned) {
            pins.add(id);
        } else {
            pins.remove(id);
        }
    }

    @Override
    public void remove(SnapshotId id) {
        copies.remove(id);
    }
}
