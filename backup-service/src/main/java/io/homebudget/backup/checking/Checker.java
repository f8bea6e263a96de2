package io.homebudget.backup.checking;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.jobs.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jboss.logging.Logger;

/** Verifies listed snapshots and records the result with each. */
public final class Checker {
    private static final Logger LOG = Logger.getLogger(Checker.class);

    private final Catalogue catalogue;
    private final Clock clock;

    public Checker(Catalogue catalogue, Clock clock) {
        this.catalogue = catalogue;
        this.clock = clock;
    }

    /**
     * @return what is wrong with the snapshot; empty for a whole one
     * @throws IOException where there is no such snapshot, or the result cannot be recorded
     */
    public List<Flaw> check(SnapshotId id, Progress progress) throws IOException, InterruptedException {
        try (Catalogue.Hold hold = held(id)) {
            List<Flaw> flaws = SnapshotVerifier.verify(hold.folder(), progress);
            if (flaws.isEmpty()) {
                catalogue.checked(id, clock.instant(), flaws);
            } else {
                damaged(id, flaws);
            }
            return flaws;
        }
    }

    /**
     * The same of the bytes alone ({@link SnapshotVerifier#verifyBytes}): damage is recorded, and a good result is not, since it
     * proves less than the record says.
     */
    public List<Flaw> checkBytes(SnapshotId id, Progress progress) throws IOException, InterruptedException {
        try (Catalogue.Hold hold = held(id)) {
            List<Flaw> flaws = SnapshotVerifier.verifyBytes(hold.folder(), progress);
            if (!flaws.isEmpty()) {
                damaged(id, flaws);
            }
            return flaws;
        }
    }

    /** Records what was found while the snapshot was read for another purpose. */
    public void damaged(SnapshotId id, List<Flaw> flaws) throws IOException {
        catalogue.checked(id, clock.instant(), flaws);
        LOG.errorf("snapshot damaged: id=%s first=%s problems=%d", id, flaws.get(0), flaws.size());
    }

    private Catalogue.Hold held(SnapshotId id) throws IOException {
        return catalogue
                .hold(id)
                .orElseThrow(() -> new IOException("There is no snapshot " + id + " in the folder any more."));
    }

    /**
     * Those whose last look is longest ago, so many that all of them are looked at within {@code rounds} rounds.
     */
    public List<SnapshotId> turn(int rounds) throws IOException {
        List<Listed> all = catalogue.list();
        int share = (all.size() + rounds - 1) / Math.max(1, rounds);
        return all.stream()
                .sorted(Comparator.comparing(Checker::lastLook).thenComparing(Listed::id))
                .limit(share)
                .map(Listed::id)
                .toList();
    }

    private static Instant lastLook(Listed listed) {
        Instant at = listed.state().checkedAt();
        return at == null ? Instant.EPOCH : at;
    }
}
