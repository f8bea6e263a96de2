package io.homebudget.backup.remote;

import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.jobs.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * Copies of the snapshots in another place.
 *
 * <p>Guarantees: a copy that is listed is whole and was checked; one that was cut short is not listed and goes on where it
 * stopped.
 */
public interface RemoteCopies {
    /** Nowhere: nothing is configured. */
    RemoteCopies NONE = new RemoteCopies() {
        @Override
        public boolean configured() {
            return false;
        }

        @Override
        public Set<SnapshotId> list() {
            return Set.of();
        }

        @Override
        public Manifest manifest(SnapshotId id) throws IOException {
            throw new IOException("no other place is configured that could hold snapshot " + id);
        }

        @Override
        public void upload(SnapshotId id, Path folder, Progress progress) {
            // there is no other place
        }

        @Override
        public void fetch(SnapshotId id, Path into, Progress progress) throws IOException {
            throw new IOException("no other place is configured that could hold snapshot " + id);
        }

        @Override
        public Set<SnapshotId> pinned() {
            return Set.of();
        }

        @Override
        public void pin(SnapshotId id, boolean pinned) {
            // there is no other place
        }

        @Override
        public void remove(SnapshotId id) {
            // there is no other place
        }
    };

    boolean configured();

    /** The whole copies; waits out a store that is away for a moment. */
    Set<SnapshotId> list() throws IOException;

    /** As {@link #list}, for somebody who waits: gives up soon. */
    default Set<SnapshotId> listSoon() throws IOException {
        return list();
    }

    /** What a whole copy holds, read from the other place. Its checksum was proven when it was sent, not now. */
    Manifest manifest(SnapshotId id) throws IOException;

    /** Copies a whole snapshot, or what is missing of it; one that is there already costs one look. Its pin goes with it. */
    void upload(SnapshotId id, Path folder, Progress progress) throws IOException, InterruptedException;

    /** Brings a copy back, file by file, into an empty folder. The caller verifies it. */
    void fetch(SnapshotId id, Path into, Progress progress) throws IOException, InterruptedException;

    /** The copies that are marked as pinned: the mark was sent with them or set since. */
    Set<SnapshotId> pinned() throws IOException;

    /** As {@link #pinned}, for somebody who waits: gives up soon. */
    default Set<SnapshotId> pinnedSoon() throws IOException {
        return pinned();
    }

    /** Marks a copy as pinned, or takes the mark away; repeating changes nothing. */
    void pin(SnapshotId id, boolean pinned) throws IOException;

    /** Removes a copy, also a half one; one that is not there is removed already. */
    void remove(SnapshotId id) throws IOException;
}
