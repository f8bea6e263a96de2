package io.homebudget.backup.remote;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.catalogue.SnapshotState;
import io.homebudget.backup.catalogue.StateFile;
import io.homebudget.backup.checking.SnapshotVerifier;
import io.homebudget.backup.format.DamagedSnapshot;
import io.homebudget.backup.format.Durable;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.SnapshotWriter;
import io.homebudget.backup.jobs.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/** Keeps the folder and the remote copies in step. */
public final class Transfers {
    private static final Logger LOG = Logger.getLogger(Transfers.class);

    private final Catalogue catalogue;
    private final RemoteCopies remote;
    private final Clock clock;

    public Transfers(Catalogue catalogue, RemoteCopies remote, Clock clock) {
        this.catalogue = catalogue;
        this.remote = remote;
        this.clock = clock;
    }

    public boolean configured() {
        return remote.configured();
    }

    /** The whole remote copies; empty where none are configured. */
    public Set<SnapshotId> remote() throws IOException {
        return remote.list();
    }

    /** The remote copies that are marked as pinned. */
    public Set<SnapshotId> pinned() throws IOException {
        return remote.pinned();
    }

    /** Copies a snapshot that lies in the folder; nothing where no other place is configured. */
    public void upload(SnapshotId id, Progress progress) throws IOException, InterruptedException {
        if (!remote.configured()) {
            return;
        }
        try (Catalogue.Hold hold = catalogue
                .hold(id)
                .orElseThrow(() -> new IOException("There is no snapshot " + id + " in the folder any more."))) {
            remote.upload(id, hold.folder(), progress);
        } catch (IOException e) {
            throw new IOException(
                    "Snapshot " + id + " was made, but its copy elsewhere failed: " + e.getMessage()
                            + ". The daily upkeep tries again.",
                    e);
        }
    }

    /**
     * Pins a snapshot in the folder, or lets it go, and marks its copy likewise. A copy that cannot be marked now is marked by
     * the next reconciliation.
     *
     * @return false where no such snapshot lies in the folder
     */
    public boolean pin(SnapshotId id, boolean pinned) throws IOException {
        if (!catalogue.update(id, state -> state.pinned(pinned))) {
            return false;
        }
        try {
            if (remote.list().contains(id)) {
                remote.pin(id, pinned);
            }
        } catch (IOException e) {
            LOG.warnf("the copy is marked by the next upkeep: id=%s pinned=%s error=%s", id, pinned, e.getMessage());
        }
        return true;
    }

    /** Copies every good snapshot that has no whole copy yet, and marks the copies of the pinned ones. */
    public void reconcile(Progress progress) throws IOException, InterruptedException {
        if (!remote.configured()) {
            return;
        }
        Set<SnapshotId> there = remote.list();
        Set<SnapshotId> marked = remote.pinned();
        for (Listed listed : catalogue.list()) {
            boolean pinned = listed.state().pinned();
            if (there.contains(listed.id()) && pinned != marked.contains(listed.id())) {
                remote.pin(listed.id(), pinned);
            }
        }
        List<Listed> missing = catalogue.list().stream()
                .filter(listed -> listed.good() && !there.contains(listed.id()))
                .toList();
        for (int i = 0; i < missing.size(); i++) {
            upload(missing.get(i).id(), progress.part((double) i / missing.size(), (i + 1d) / missing.size()));
            LOG.infof("snapshot copied by reconciliation: id=%s", missing.get(i).id());
        }
    }

    /**
     * Makes sure that a snapshot lies in the folder: one that is only elsewhere is fetched and proven first, and so is one that was
     * found damaged here and has a copy. Without a copy the damaged one stays.
     */
    public void local(SnapshotId id, Progress progress) throws IOException, InterruptedException {
        Listed here = catalogue.find(id).orElse(null);
        boolean damaged = here != null
                && !here.newer()
                && (here.flaw() != null || !here.state().ok());
        if (!remote.configured() || here != null && !damaged) {
            return;
        }
        if (!damaged) {
            fetch(id, false, progress);
            return;
        }
        try {
            if (remote.list().contains(id)) {
                fetch(id, here.state().pinned(), progress);
                LOG.warnf("a damaged snapshot was replaced by its copy: id=%s", id);
            }
        } catch (IOException e) {
            String flaw = here.flaw() != null
                    ? here.flaw().toString()
                    : String.join("; ", here.state().problems());
            throw new IOException(
                    "Snapshot " + id + " is damaged here (" + flaw + "), and its copy elsewhere cannot be had: "
                            + e.getMessage(),
                    e);
        }
    }

    private void fetch(SnapshotId id, boolean pinned, Progress progress) throws IOException, InterruptedException {
        Path partial = catalogue.folder().resolve(SnapshotWriter.PARTIAL + id);
        try {
            Durable.removeTree(partial);
            Durable.folder(partial);
            remote.fetch(id, partial, progress.part(0, 0.7));
            List<Flaw> flaws = SnapshotVerifier.verify(partial, progress.part(0.7, 1));
            if (!flaws.isEmpty()) {
                throw new DamagedSnapshot(flaws.get(0));
            }
            SnapshotState state =
                    SnapshotState.NEW.pinned(pinned || remote.pinned().contains(id));
            StateFile.write(partial, state.checked(clock.instant(), List.of()));
            Durable.syncFolder(partial);
            catalogue.take(id, partial);
        } finally {
            Durable.removeTree(partial);
        }
    }
}
