package io.homebudget.migration.discrepancies;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.ledgers.LedgerService;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.ledgers.RecordedChange;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
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
        List<Long> ids = findings.stream().map(Finding::entryId).distinct().collect(Collectors.toList());
        return ledger.state()
                .chain(state -> {
                    boolean dual = state.phase() != null && state.phase().dual();
                    return images(ledger, StoreName.JSON, ids, dual || isPrimary(state.primary(), StoreName.JSON))
                            .chain(json -> images(
                                            ledger,
                                            StoreName.POSTGRES,
                                            ids,
                                            dual || isPrimary(state.primary(), StoreName.POSTGRES))
                                    .chain(postgres -> Multi.createFrom()
                                            .iterable(findings)
                                            .onItem()
                                            .transformToUni(finding -> changes(ledger, finding.entryId())
                                                    .map(changes -> evidence(kind, finding, json, postgres, changes)))
                                            .merge(PARALLEL)
                                            .collect()
                                            .asList()));
                })
                .onFailure()
                .invoke(unread -> LOG.infof(
                        "what was found is recorded without its values: kind=%s entries=%d reason=%s",
                        kind.word(), findings.size(), unread.getMessage()))
                .onFailure()
                .recoverWithItem(() -> findings.stream().map(Evidence::bare).collect(Collectors.toList()));
    }

    private static boolean isPrimary(String primary, StoreName store) {
        return store.word().equals(primary);
    }

    private static Uni<Map<Long, EntryImage>> images(
            LedgerService ledger, StoreName store, List<Long> ids, boolean inUse) {
        if (!inUse) {
            return Uni.createFrom().item(Map.of());
        }
        return ledger.images(store, ids)
                .map(images -> {
                    Map<Long, EntryImage> byId = new HashMap<>();
                    images.forEach(image -> byId.put(image.id(), image));
                    return byId;
                })
                .onFailure()
                .invoke(unread -> LOG.infof(
                        "a side of what was found cannot be read: store=%s reason=%s",
                        store.word(), unread.getMessage()))
                .onFailure()
                .recoverWithItem(Map.of());
    }

    private static Uni<List<RecordedChange>> changes(LedgerService ledger, long id) {
        return ledger.changes(id, CHANGES_ASKED).onFailure().recoverWithItem(List.of());
    }

    private static Evidence evidence(
            Kind kind,
            Finding finding,
            Map<Long, EntryImage> json,
            Map<Long, EntryImage> postgres,
            List<RecordedChange> changes) {
        Map<Long, EntryImage> damaged = finding.damaged() == StoreName.JSON ? json : postgres;
        Map<Long, EntryImage> other = finding.damaged() == StoreName.JSON ? postgres : json;
        long id = finding.entryId();
        List<String> fields = FieldDifference.of(
                kind, finding, Optional.ofNullable(damaged.get(id)), Optional.ofNullable(other.get(id)), changes);
        return new Evidence(
                finding,
                Optional.ofNullable(json.get(id)),
                Optional.ofNullable(postgres.get(id)),
                fields,
                changes.stream().findFirst());
    }
}
