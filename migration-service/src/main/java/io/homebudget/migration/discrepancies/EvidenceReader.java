package io.homebudget.migration.discrepancies;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.discrepancies.Finding.Place;
import io.homebudget.migration.ledgers.LedgerService;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.ledgers.RecordedChange;
import io.homebudget.migration.ledgers.Stores.Source;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Reads both sides and the log of what was found. A finding is never lost because its evidence cannot be read: what is missing
 * stays empty, and the next look at the discrepancy fills it in.
 */
@ApplicationScoped
class EvidenceReader {
    private static final Logger LOG = Logger.getLogger(EvidenceReader.class);

    /** Changes looked through for the version in question; a damaged side is rarely further behind. */
    private static final int CHANGES_ASKED = 20;

    /** Entries whose log is asked at the same time: the ledger services have clients to serve. */
    private static final int PARALLEL = 4;

    private final Ledgers ledgers;

    EvidenceReader(Ledgers ledgers) {
        this.ledgers = ledgers;
    }

    /** In the order of the findings, of which there are one batch at most. */
    Uni<List<Evidence>> read(Kind kind, List<Finding> findings) {
        if (findings.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        LedgerService ledger = ledgers.of(kind);
        return ledger.state()
                .chain(state -> sides(ledger, state, findings).chain(sides -> Multi.createFrom()
                        .iterable(findings)
                        .onItem()
                        .transformToUni(finding ->
                                changes(ledger, finding).map(changes -> evidence(kind, finding, sides, changes)))
                        .merge(PARALLEL)
                        .collect()
                        .asList()))
                .onFailure()
                .invoke(unread -> LOG.infof(
                        "what was found is recorded without its values: kind=%s entries=%d reason=%s",
                        kind.word(), findings.size(), unread.getMessage()))
                .onFailure()
                .recoverWithItem(() -> findings.stream().map(Evidence::bare).collect(Collectors.toList()));
    }

    /** What was read of each side, by id. @param disk what lies in the JSON store's files, of what was found there */
    private record Sides(Map<Long, EntryImage> json, Map<Long, EntryImage> postgres, Map<Long, EntryImage> disk) {}

    private static Uni<Sides> sides(LedgerService ledger, LedgerState state, List<Finding> findings) {
        List<Long> ids = ids(findings.stream());
        List<Long> onDisk = ids(findings.stream().filter(finding -> finding.place() == Place.DISK));
        return images(ledger, StoreName.JSON, inUse(state, StoreName.JSON) ? ids : List.of(), Source.SERVED)
                .chain(json -> images(
                                ledger,
                                StoreName.POSTGRES,
                                inUse(state, StoreName.POSTGRES) ? ids : List.of(),
                                Source.SERVED)
                        .chain(postgres -> images(ledger, StoreName.JSON, onDisk, Source.DISK)
                                .map(disk -> new Sides(json, postgres, disk))));
    }

    private static List<Long> ids(Stream<Finding> findings) {
        return findings.map(Finding::entryId).distinct().collect(Collectors.toList());
    }

    private static boolean inUse(LedgerState state, StoreName store) {
        return state.phase() != null && state.phase().dual() || store.word().equals(state.primary());
    }

    private static Uni<Map<Long, EntryImage>> images(
            LedgerService ledger, StoreName store, List<Long> ids, Source source) {
        if (ids.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        return ledger.images(store, ids, source)
                .map(images -> {
                    Map<Long, EntryImage> byId = new HashMap<>();
                    images.forEach(image -> byId.put(image.id(), image));
                    return byId;
                })
                .onFailure()
                .invoke(unread -> LOG.infof(
                        "a side of what was found cannot be read: store=%s source=%s reason=%s",
                        store.word(), source.word(), unread.getMessage()))
                .onFailure()
                .recoverWithItem(Map.of());
    }

    /** The last change, and back to the one whose values the damaged side should have. */
    private static Uni<List<RecordedChange>> changes(LedgerService ledger, Finding finding) {
        long id = finding.entryId();
        Uni<List<RecordedChange>> last = ledger.changes(id, 1, 0);
        return (finding.type() == Finding.Type.FIELD && finding.seen() != null
                        ? ledger.changes(id, CHANGES_ASKED, finding.seen().version())
                                // a version that no change made
                                .chain(changes -> changes.isEmpty()
                                        ? last
                                        : Uni.createFrom().item(changes))
                        : last)
                .onFailure()
                .recoverWithItem(List.of());
    }

    private static Evidence evidence(Kind kind, Finding finding, Sides sides, List<RecordedChange> changes) {
        boolean onDisk = finding.place() == Place.DISK;
        // what lies on the disk is damaged by comparison with what the same store serves
        Map<Long, EntryImage> json = onDisk ? sides.disk() : sides.json();
        Map<Long, EntryImage> damaged = finding.damaged() == StoreName.JSON ? json : sides.postgres();
        Map<Long, EntryImage> other =
                onDisk ? sides.json() : finding.damaged() == StoreName.JSON ? sides.postgres() : json;
        long id = finding.entryId();
        List<String> fields = FieldDifference.of(
                kind, finding, Optional.ofNullable(damaged.get(id)), Optional.ofNullable(other.get(id)), changes);
        return new Evidence(
                finding,
                Optional.ofNullable(json.get(id)),
                Optional.ofNullable(sides.postgres().get(id)),
                fields,
                changes.stream().findFirst());
    }
}
