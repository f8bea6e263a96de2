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
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
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
    /** Of copies that are only elsewhere; they never change. */
    private final Map<SnapshotId, Manifest> manifests = new ConcurrentHashMap<>();

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

    /**
     * What would stay and what would go now, newest first; changes nothing. What lies in the folder is judged alone: a copy
     * elsewhere, which nobody has looked at since it was sent, takes no place from it. What is only elsewhere is judged among all, where this installation made it: what
     * another one made, or a lost one, is never removed.
     */
    public List<Decision> plan() throws IOException {
        return look().decisions();
    }

    private interface Asking {
        Set<SnapshotId> ask() throws IOException;
    }

    /**
     * @param decisions newest first
     * @param damaged those in the folder that are; their copies elsewhere may be whole
     * @param trouble why nothing was decided of the copies elsewhere; null where it was
     */
    public record Plan(List<Decision> decisions, Set<SnapshotId> damaged, String trouble) {}

    /** The plan, for the folder alone while the copies elsewhere cannot be listed; for somebody who waits. */
    public Plan look() throws IOException {
        return look(remote::listSoon, remote::pinnedSoon);
    }

    private Plan look(Asking allCopies, Asking pinnedCopies) throws IOException {
        List<Candidate> candidates = new ArrayList<>();
        List<Decision> decisions = new ArrayList<>();
        Set<SnapshotId> local = new HashSet<>();
        for (Listed listed : catalogue.list()) {
            local.add(listed.id());
            if (listed.newer()) {
                decisions.add(new Decision(listed.id(), true, "written by a newer version, which may judge it"));
            } else {
                candidates.add(candidate(listed, catalogue.held(listed.id())));
            }
        }
        Instant now = clock.instant();
        decisions.addAll(Retention.decide(candidates, rules, now));
        Set<SnapshotId> damaged = candidates.stream()
                .filter(Candidate::damaged)
                .map(Candidate::id)
                .collect(Collectors.toSet());
        Set<SnapshotId> readable = new HashSet<>();
        Set<UUID> own = own();
        Set<SnapshotId> copies = Set.of();
        Set<SnapshotId> pinned = Set.of();
        String trouble = null;
        try {
            copies = allCopies.ask();
            pinned = pinnedCopies.ask();
        } catch (IOException e) {
            copies = Set.of();
            trouble = "The copies elsewhere were left alone, since they cannot be listed: " + e.getMessage();
            LOG.warn(trouble);
        }
        for (SnapshotId id : copies) {
            if (!local.contains(id)) {
                try {
                    Manifest manifest = elsewhere(id);
                    if (madeBy(own, manifest)) {
                        candidates.add(candidate(id, manifest, pinned.contains(id)));
                        readable.add(id);
                    } else {
                        decisions.add(new Decision(id, true, "only elsewhere, and not made by this installation"));
                    }
                } catch (IOException e) {
                    decisions.add(new Decision(id, true, "only elsewhere, and unreadable: " + e.getMessage()));
                }
            }
        }
        if (!readable.isEmpty()) {
            Retention.decide(candidates, rules, now).stream()
                    .filter(decision -> readable.contains(decision.id()))
                    .map(decision -> new Decision(decision.id(), decision.keep(), "only elsewhere; " + decision.why()))
                    .forEach(decisions::add);
        }
        decisions.sort(Comparator.comparing(Decision::id).reversed());
        return new Plan(List.copyOf(decisions), damaged, trouble);
    }

    /**
     * The identities of the ledgers that the newest snapshot in the folder was made of. Not those of older ones: after a disaster
     * the folder may hold a snapshot that was fetched from the lost installation, whose copies nobody else has.
     */
    private Set<UUID> own() throws IOException {
        return catalogue.list().stream()
                .filter(listed ->
                        listed.manifest() != null && !listed.manifest().images().isEmpty())
                .findFirst()
                .map(listed -> identities(listed.manifest()))
                .orElse(Set.of());
    }

    private static Set<UUID> identities(Manifest manifest) {
        return manifest.images().stream()
                .map(StoreImage::identity)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    /** A copy of which it is not known counts as another's: two installations may share a bucket. */
    private static boolean madeBy(Set<UUID> own, Manifest manifest) {
        Set<UUID> theirs = identities(manifest);
        return !theirs.isEmpty() && own.containsAll(theirs);
    }

    private Manifest elsewhere(SnapshotId id) throws IOException {
        Manifest manifest = manifests.get(id);
        if (manifest == null) {
            manifest = remote.manifest(id);
            manifests.put(id, manifest);
        }
        return manifest;
    }

    /** Nobody can hold what does not lie in the folder; a copy was whole and checked when it was sent. */
    private static Candidate candidate(SnapshotId id, Manifest manifest, boolean pinned) {
        return new Candidate(
                id,
                manifest.createdAt(),
                manifest.reason(),
                pinned,
                true,
                false,
                false,
                manifest.complete(),
                arrays(manifest));
    }

    /**
     * Removes what no rule keeps, the remote copy first: what is listed here then tells what may still lie there. The copy of a
     * damaged one stays, as what is only elsewhere, and is judged for itself the next time; so do all copies while they cannot be listed.
     *
     * @param troubles is told why the copies elsewhere were left alone
     */
    public List<SnapshotId> apply(Consumer<String> troubles) throws IOException {
        List<SnapshotId> removed = new ArrayList<>();
        Plan plan = look(remote::list, remote::pinned);
        if (plan.trouble() != null) {
            troubles.accept(plan.trouble());
        }
        for (Decision decision : plan.decisions()) {
            if (decision.keep()) {
                continue;
            }
            if (plan.trouble() == null && !plan.damaged().contains(decision.id())) {
                remote.remove(decision.id());
            }
            boolean onlyElsewhere = manifests.remove(decision.id()) != null;
            if (catalogue.remove(decision.id()) || onlyElsewhere) {
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
