package io.homebudget.migration.discrepancies;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.discrepancies.DiscrepancyBook.Changed;
import io.homebudget.migration.discrepancies.Look.Settled;
import io.homebudget.migration.ledgers.Outages;
import io.homebudget.migration.live.Live;
import io.homebudget.migration.metrics.MetricNames;
import io.homebudget.migration.schema.Database;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Takes in what comparisons saw, whoever compared. When the item comes, all of it is durable; repeating a look changes nothing.
 * Fails with DatabaseAway where it could not be kept: then the look must be repeated.
 */
@ApplicationScoped
public class DiscrepancyRecorder {
    private static final Logger LOG = Logger.getLogger(DiscrepancyRecorder.class);

    /** Findings of one transaction, which must stay well below the limit of a transaction's time. */
    private static final int BATCH = 200;

    /** Two looks that find the same fault at the same moment: the later one sees the row of the earlier one then. */
    private static final int ATTEMPTS = 3;

    private final DiscrepancyBook book;
    private final EvidenceReader evidence;
    private final Outages outages;
    private final Live live;
    private final MeterRegistry registry;

    DiscrepancyRecorder(
            DiscrepancyBook book, EvidenceReader evidence, Outages outages, Live live, MeterRegistry registry) {
        this.book = book;
        this.evidence = evidence;
        this.outages = outages;
        this.live = live;
        this.registry = registry;
    }

    /** A counter that appears with its first event hides that event from whoever watches how fast it grows. */
    void countFromZero(@Observes StartupEvent started) {
        for (Kind kind : Kind.values()) {
            for (Finding.Type type : Finding.Type.values()) {
                for (Finding.Cause cause : Finding.Cause.values()) {
                    found(kind.word(), type.word(), cause.word());
                }
            }
        }
    }

    private Counter found(String kind, String type, String cause) {
        return registry.counter(
                MetricNames.DISCREPANCIES_TOTAL,
                MetricNames.KIND,
                kind,
                MetricNames.TYPE,
                type,
                MetricNames.CAUSE,
                cause);
    }

    public Uni<Settled> record(Kind kind, Look look) {
        List<Look> parts = new ArrayList<>();
        for (int from = 0; from < look.findings().size(); from += BATCH) {
            int to = Math.min(from + BATCH, look.findings().size());
            parts.add(look.only(look.findings().subList(from, to), Set.of()));
        }
        return settleEqual(kind, look).chain(closed -> Multi.createFrom()
                .iterable(parts)
                .onItem()
                .transformToUniAndConcatenate(part -> settle(kind, part))
                .collect()
                .in(() -> new Settled[] {closed}, (sum, part) -> sum[0] = sum[0].plus(part))
                .map(sum -> sum[0]));
    }

    /** Nearly always nothing of the kind is open, so what is open is asked for first, and not a thousand ids. */
    private Uni<Settled> settleEqual(Kind kind, Look look) {
        if (look.equal().isEmpty()) {
            return Uni.createFrom().item(Settled.NOTHING);
        }
        return book.openEntries(kind).chain(open -> {
            Set<Long> mended = new HashSet<>(look.equal());
            mended.retainAll(open);
            return mended.isEmpty()
                    ? Uni.createFrom().item(Settled.NOTHING)
                    : settle(kind, look.only(List.of(), mended));
        });
    }

    private Uni<Settled> settle(Kind kind, Look look) {
        List<Long> ids = look.findings().stream().map(Finding::entryId).collect(Collectors.toList());
        Uni<List<Evidence>> read = ids.isEmpty()
                ? Uni.createFrom().item(List.of())
                : book.concerning(kind, ids)
                        .map(rows -> look.findings().stream()
                                .filter(finding -> !Settlement.known(rows, finding))
                                .collect(Collectors.toList()))
                        .chain(unknown -> evidence.read(kind, unknown));
        return read.chain(seen -> Uni.createFrom()
                        .deferred(() -> book.settle(kind, look, seen, outages.recently(kind)))
                        .onFailure(Database::duplicate)
                        .retry()
                        .atMost(ATTEMPTS))
                .invoke(this::tell)
                .map(changed -> new Settled(
                        changed.opened().size(),
                        changed.known(),
                        changed.dismissed(),
                        changed.closed().size(),
                        changed.overtaken()));
    }

    /** After a verification that compared everything and whose findings are all recorded: what it did not find is mended. */
    public Uni<Integer> closeUnseen(Kind kind, UUID verification, Instant began, Instant now) {
        return book.closeUnseen(kind, verification, began, now, BATCH).chain(closed -> {
            tell(new Changed(List.of(), closed, 0, 0, Set.of()));
            return closed.size() < BATCH
                    ? Uni.createFrom().item(closed.size())
                    : closeUnseen(kind, verification, began, now).map(more -> more + closed.size());
        });
    }

    private void tell(Changed changed) {
        for (DiscrepancyRow row : changed.opened()) {
            found(row.kind, row.type, row.causeCode).increment();
            LOG.warnf(
                    "discrepancy found: id=%d kind=%s entry=%d type=%s damaged=%s place=%s cause=%s by=%s",
                    row.id, row.kind, row.entryId, row.type, row.damaged, row.place, row.causeCode, row.foundBy);
            live.discrepancy(row.kind, DiscrepancyView.told(row));
        }
        for (DiscrepancyRow row : changed.closed()) {
            LOG.infof("discrepancy closed: id=%d kind=%s entry=%d state=%s", row.id, row.kind, row.entryId, row.state);
            live.discrepancy(row.kind, DiscrepancyView.told(row));
        }
    }
}
