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
import io.homebudget.backup.problems.Refused;
import io.homebudget.ledger.error.LedgerError;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/** Keeps the folder and the remote copies in step. */
public final class Transfers {
    private static final Logger LOG = Logger.getLogger(Transfers.class);
    private static final Standing CURRENT = new Standing("current", null);

    private final Catalogue catalogue;
    private final RemoteCopies remote;
    private final Clock clock;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile Standing standing = new Standing("unknown", null);

    /**
     * How copying stands, by the last copy, or reconciliation, since the start.
     *
     * @param word {@code unknown} before the first; {@code current} when it ended with everything copied; {@code failing}
     * @param trouble for a person; null where there is none
     */
    public record Standing(String word, String trouble) {}

    public Transfers(Catalogue catalogue, RemoteCopies remote, Clock clock) {
        this.catalogue = catalogue;
        this.remote = remote;
        this.clock = clock;
    }

    public boolean configured() {
        return remote.configured();
    }

    /** Asks nobody. */
    public Standing standing() {
        return standing;
    }

    /** The whole remote copies, for somebody who waits; empty where none are configured. */
    public Set<SnapshotId> remote() throws IOException {
        return remote.listSoon();
    }

    /** The remote copies that are marked as pinned, for somebody who waits. */
    public Set<SnapshotId> pinned() throws IOException {
        return remote.pinnedSoon();
    }

    /**
     * That a snapshot lies in the folder, or that its copy lies elsewhere.
     *
     * @throws Refused 404 where it does not; 503 where it is not in the folder, and nobody can tell now what is elsewhere
     */
    public void require(SnapshotId id) throws IOException {
        if (catalogue.find(id).isPresent()) {
            return;
        }
        boolean elsewhere;
        try {
            elsewhere = remote.listSoon().contains(id);
        } catch (IOException e) {
            throw Refused.of(
                    LedgerError.NOT_WRITTEN,
                    "Snapshot " + id + " is not in the folder, and it is not known whether there is a copy elsewhere: "
                            + e.getMessage());
        }
        if (!elsewhere) {
            throw Refused.of(LedgerError.NOT_FOUND, "There is no snapshot " + id + ". GET /api/v1/backups lists them.");
        }
    }

    /** Copies a snapshot that lies in the folder; nothing where no other place is configured. */
    public void upload(SnapshotId id, Progress progress) throws IOException, InterruptedException {
        if (!remote.configured()) {
            return;
        }
        if (!copied(id, progress)) {
            throw new IOException("There is no snapshot " + id + " in the folder any more.");
        }
        standing = CURRENT;
    }

    /** @return false where it does not lie in the folder any more */
    private boolean copied(SnapshotId id, Progress progress) throws IOException, InterruptedException {
        Catalogue.Hold held = catalogue.hold(id).orElse(null);
        if (held == null) {
            return false;
        }
        try (Catalogue.Hold hold = held) {
            elsewhere(() -> {
                remote.upload(id, hold.folder(), progress);
                return null;
            });
            return true;
        } catch (DamagedSnapshot e) {
            catalogue.checked(id, clock.instant(), List.of(e.flaw()));
            LOG.errorf("snapshot damaged: id=%s first=%s", id, e.flaw());
            throw e;
        } catch (IOException e) {
            throw new IOException(
                    "Snapshot " + id + " was made, but its copy elsewhere failed: " + e.getMessage()
                            + ". The daily upkeep tries again.",
                    e);
        }
    }

    private interface Call<T> {
        T run() throws IOException, InterruptedException;
    }

    /** A call of the other place on behalf of copying; its failure is what {@link #standing} tells. */
    private <T> T elsewhere(Call<T> call) throws IOException, InterruptedException {
        try {
            return call.run();
        } catch (IOException e) {
            standing = new Standing("failing", e.getMessage());
            throw e;
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
            if (remote.listSoon().contains(id)) {
                remote.pin(id, pinned);
            }
        } catch (IOException e) {
            LOG.warnf("the copy is marked by the next upkeep: id=%s pinned=%s error=%s", id, pinned, e.getMessage());
        }
        return true;
    }

    /**
     * Copies every good snapshot that has no whole copy yet, and marks the copies of the pinned ones. One that turns out to be damaged is
     * recorded as such and left out.
     *
     * @return those, with what is wrong with them
     */
    public Map<SnapshotId, Flaw> reconcile(Progress progress) throws IOException, InterruptedException {
        Map<SnapshotId, Flaw> damaged = new LinkedHashMap<>();
        if (!remote.configured()) {
            return damaged;
        }
        Set<SnapshotId> there = elsewhere(remote::list);
        Set<SnapshotId> marked = elsewhere(remote::pinned);
        for (Listed listed : catalogue.list()) {
            boolean pinned = listed.state().pinned();
            if (there.contains(listed.id()) && pinned != marked.contains(listed.id())) {
                elsewhere(() -> {
                    remote.pin(listed.id(), pinned);
                    return null;
                });
            }
        }
        List<Listed> missing = catalogue.list().stream()
                .filter(listed -> listed.good() && !there.contains(listed.id()))
                .toList();
        for (int i = 0; i < missing.size(); i++) {
            SnapshotId id = missing.get(i).id();
            try {
                if (copied(id, progress.nth(i, missing.size()))) {
                    LOG.infof("snapshot copied by reconciliation: id=%s", id);
                } else {
                    LOG.infof("snapshot removed before reconciliation came to it: id=%s", id);
                }
            } catch (DamagedSnapshot e) {
                // it must not keep those behind it from being copied
                damaged.put(id, e.flaw());
            }
        }
        standing = damaged.isEmpty() ? CURRENT : new Standing("failing", damaged + " cannot be copied");
        return damaged;
    }

    /**
     * Makes sure that a snapshot lies in the folder: one that is only elsewhere is fetched and proven first, and so is one that was
     * found damaged here and has a copy. Without a copy the damaged one stays.
     */
    public void local(SnapshotId id, Progress progress) throws IOException, InterruptedException {
        if (!remote.configured()) {
            return;
        }
        // a check and a restore may want the same snapshot at the same time; the second one finds it here
        fetching.lockInterruptibly();
        try {
            fetchWhereNeeded(id, progress);
        } finally {
            fetching.unlock();
        }
    }

    private void fetchWhereNeeded(SnapshotId id, Progress progress) throws IOException, InterruptedException {
        Listed here = catalogue.find(id).orElse(null);
        boolean damaged = here != null
                && !here.newer()
                && (here.flaw() != null || !here.state().ok());
        if (here != null && !damaged) {
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
            // first: it would be a pity if what took long were thrown away because of this
            boolean marked = pinned || remote.pinned().contains(id);
            remote.fetch(id, partial, progress.part(0, 0.7));
            List<Flaw> flaws = SnapshotVerifier.verify(partial, progress.part(0.7, 1));
            if (!flaws.isEmpty()) {
                throw new DamagedSnapshot(flaws.get(0));
            }
            StateFile.write(partial, SnapshotState.NEW.pinned(marked).checked(clock.instant(), List.of()));
            Durable.syncFolder(partial);
            catalogue.take(id, partial);
        } finally {
            Durable.removeTree(partial);
        }
    }
}
