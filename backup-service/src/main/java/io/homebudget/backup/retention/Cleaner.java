package io.homebudget.backup.retention;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.config.BackupConfig;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.Reason;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.backup.remote.RemoteCopies;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.StoreName;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Applies the decisions of {@link Retention} to the folder and to the remote copies. */
public final class Cleaner {
    private static final Logger LOG = Logger.getLogger(Cleaner.class);
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'");
    private static final int SECOND_LENGTH = 16;

    private final Catalogue catalogue;
    private final RemoteCopies remote;
    private final Rules rules;
    private final Clock clock;

    public Cleaner(Catalogue catalogue, RemoteCopies remote, Rules rules, Clock clock) {
        this.catalogue = catalogue;
        this.remote = remote;
        this.rules = rules;
        this.clock = clock;
    }

    public static Rules rules(BackupConfig.Retention config) {
        return new Rules(
                config.keepLast(),
                config.keepFor(),
                config.keepHourly(),
                config.keepDaily(),
                config.keepWeekly(),
                config.keepMonthly(),
                config.migrationKeepFor(),
                config.migrationKeepLast(),
                config.arrayKeepFor());
    }

    /** What would stay and what would go now; changes nothing. */
    public List<Decision> plan() throws IOException {
        List<Candidate> candidates = new ArrayList<>();
        for (Listed listed : catalogue.list()) {
            candidates.add(candidate(listed, catalogue.held(listed.id())));
        }
        return Retention.decide(candidates, rules, clock.instant());
    }

    /** Removes what no rule keeps, the remote copy first: what is listed here then tells what may still lie there. */
    public List<SnapshotId> apply() throws IOException {
        List<SnapshotId> removed = new ArrayList<>();
        for (Decision decision : plan()) {
            if (decision.keep()) {
                continue;
            }
            remote.remove(decision.id());
            if (catalogue.remove(decision.id())) {
                LOG.infof("snapshot removed: id=%s why=%s", decision.id(), decision.why());
                removed.add(decision.id());
            }
        }
        return removed;
    }

    static Candidate candidate(Listed listed, boolean held) {
        Manifest manifest = listed.manifest();
        boolean damaged = manifest == null || !listed.state().ok();
        return new Candidate(
                listed.id(),
                manifest == null ? begun(listed.id()) : manifest.createdAt(),
                manifest == null ? Reason.MANUAL : manifest.reason(),
                listed.state().pinned(),
                listed.good(),
                damaged,
                held,
                manifest != null && manifest.complete(),
                arrays(manifest));
    }

    private static Set<Kind> arrays(Manifest manifest) {
        return manifest == null
                ? Set.of()
                : manifest.images().stream()
                        .filter(image -> image.store() == StoreName.JSON)
                        .map(StoreImage::kind)
                        .collect(Collectors.toSet());
    }

    private static Instant begun(SnapshotId id) {
        return LocalDateTime.parse(id.text().substring(0, SECOND_LENGTH), SECOND)
                .toInstant(ZoneOffset.UTC);
    }
}
