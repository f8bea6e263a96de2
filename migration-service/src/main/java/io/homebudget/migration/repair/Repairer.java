package io.homebudget.migration.repair;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryRepair;
import io.homebudget.migration.discrepancies.DiscrepancyBook;
import io.homebudget.migration.discrepancies.DiscrepancyRow;
import io.homebudget.migration.discrepancies.Finding.Place;
import io.homebudget.migration.discrepancies.Origin;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.metrics.MetricNames;
import io.homebudget.migration.verify.EntryJudge;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Has damage written over with what was recorded, and looks afterwards whether that helped: only a comparison closes a
 * discrepancy. The ledger service writes no change for it, so no event follows and no second repair (A24); and it writes only
 * where the damaged side is still what was seen, so a newer write stays (A18).
 */
@ApplicationScoped
public class Repairer {
    private static final Logger LOG = Logger.getLogger(Repairer.class);

    /** Repairs underway at the same time: each is a small transaction of a store that has clients to serve. */
    private static final int PARALLEL = 4;

    private static final String FAILED = "failed";

    /** After these the damage is not there any more. */
    private static final Set<String> MENDED = Set.of("repaired", "intact");

    /** How a repair can end: the words of {@link EntryRepair.Done#result()}, and that there was no answer. */
    private static final List<String> RESULTS = List.of("repaired", "intact", "moved", "unknown", FAILED);

    private final Ledgers ledgers;
    private final DiscrepancyBook book;
    private final EntryJudge judge;
    private final MeterRegistry registry;

    Repairer(Ledgers ledgers, DiscrepancyBook book, EntryJudge judge, MeterRegistry registry) {
        this.ledgers = ledgers;
        this.book = book;
        this.judge = judge;
        this.registry = registry;
    }

    /** A counter that appears with its first event hides that event from whoever watches how fast it grows. */
    void countFromZero(@Observes StartupEvent started) {
        for (Kind kind : Kind.values()) {
            RESULTS.forEach(result -> ended(kind.word(), result));
        }
    }

    private Counter ended(String kind, String result) {
        return registry.counter(MetricNames.REPAIRS_TOTAL, MetricNames.KIND, kind, MetricNames.RESULT, result);
    }

    /**
     * Repairs and looks again. Who asked, and why, is written down before anything is changed.
     *
     * @param rows open ones of the kind, at most a few hundred
     * @return the ledger service's word per row
     */
    Uni<Map<Long, String>> repair(Kind kind, List<DiscrepancyRow> rows, String actor, String reason) {
        return Multi.createFrom()
                .iterable(rows)
                .onItem()
                .transformToUni(row -> one(kind, row, actor, reason).map(result -> Map.entry(row.id, result)))
                .merge(PARALLEL)
                .collect()
                .asMap(Map.Entry::getKey, Map.Entry::getValue)
                .call(results -> lookAgain(kind, rows)
                        .chain(() -> book.stillOpen(rows))
                        .chain(open -> overtaken(kind, open, results)));
    }

    /** A look that saw the damage before it was mended may be recorded while this one is under way; then only a newer one counts. */
    private Uni<Void> overtaken(Kind kind, List<DiscrepancyRow> open, Map<Long, String> results) {
        List<DiscrepancyRow> mended = open.stream()
                .filter(row -> MENDED.contains(results.get(row.id)))
                .toList();
        return mended.isEmpty() ? Uni.createFrom().voidItem() : lookAgain(kind, mended);
    }

    private Uni<String> one(Kind kind, DiscrepancyRow row, String actor, String reason) {
        EntryRepair asked = new EntryRepair(row.damaged, row.entryId, row.seenVersion, row.seenActual, actor, reason);
        return book.repairTried(row.id, actor, reason, "asked")
                .chain(() -> ledgers.of(kind).repair(asked))
                .invoke(done -> LOG.infof(
                        "repair: discrepancy=%d kind=%s entry=%d damaged=%s result=%s actor=%s",
                        row.id, row.kind, row.entryId, row.damaged, done.result(), actor))
                .call(done -> book.repairAnswered(row.id, told(done)))
                .map(EntryRepair.Done::result)
                .onItemOrFailure()
                .invoke((result, failure) ->
                        ended(row.kind, failure == null ? result : FAILED).increment());
    }

    private static String told(EntryRepair.Done done) {
        return done.from() == null ? done.result() : done.result() + " from " + done.from();
    }

    /** Compares what was open, where it was open. */
    Uni<Void> lookAgain(Kind kind, List<DiscrepancyRow> rows) {
        Map<Long, Long> served = new HashMap<>();
        List<Long> onDisk = new ArrayList<>();
        for (DiscrepancyRow row : rows) {
            if (Place.DISK.word().equals(row.place)) {
                onDisk.add(row.entryId);
            } else {
                // at least one version: where a store holds nothing, its log must say that this is right
                served.put(row.entryId, row.changeVersion == null ? 1 : Math.max(1, row.changeVersion));
            }
        }
        Uni<Void> looked = Uni.createFrom().voidItem();
        if (!served.isEmpty()) {
            looked =
                    looked.chain(() -> judge.judge(kind, served, Origin.RECHECK).replaceWithVoid());
        }
        if (!onDisk.isEmpty()) {
            looked = looked.chain(
                    () -> judge.judgeDisk(kind, onDisk, Origin.RECHECK).replaceWithVoid());
        }
        return looked;
    }
}
