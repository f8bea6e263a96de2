package io.homebudget.migration.reconcile;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.migration.discrepancies.Origin;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.metrics.MetricNames;
import io.homebudget.migration.verify.EntryJudge;
import io.homebudget.migration.verify.VerificationBook;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * What is done with a batch of changes, and what having done them proves. Every step may be repeated: nothing counts before the
 * caller has committed the events, and a repetition finds the same.
 */
@ApplicationScoped
class Reconciler {
    private static final Logger LOG = Logger.getLogger(Reconciler.class);

    private final Ledgers ledgers;
    private final EntryJudge judge;
    private final PutAsideBook putAside;
    private final VerificationBook proofs;
    private final MeterRegistry registry;

    Reconciler(
            Ledgers ledgers, EntryJudge judge, PutAsideBook putAside, VerificationBook proofs, MeterRegistry registry) {
        this.ledgers = ledgers;
        this.judge = judge;
        this.putAside = putAside;
        this.proofs = proofs;
        this.registry = registry;
    }

    /** When the item comes, the batch's outcome is durable. Fails with what was away, or because entries cannot be judged now. */
    Uni<Void> take(ChangeBatch batch) {
        batch.unreadable()
                .forEach(event -> LOG.errorf(
                        "an event cannot be read and is put aside: topic=%s partition=%d offset=%d reason=%s",
                        event.topic(), event.partition(), event.offset(), event.why()));
        return putAside.put(batch.kind(), batch.unreadable())
                .chain(() -> batch.expected().isEmpty()
                        ? Uni.createFrom().voidItem()
                        : judge.judge(batch.kind(), batch.expected(), Origin.EVENTS)
                                .replaceWithVoid())
                .invoke(() -> registry.counter(
                                MetricNames.CHANGES_COMPARED,
                                MetricNames.KIND,
                                batch.kind().word())
                        .increment(batch.events()));
    }

    /** The position through which everything is published, as the ledger service knows it. */
    Uni<Long> publishedThrough(Kind kind) {
        return ledgers.of(kind).state().map(state -> Math.max(0, state.head() - state.publishBacklog()));
    }

    /**
     * Notes what is proven, where comparing changes proves it: on the ground of a clean verification since the stores took their
     * present roles, and while nothing is known to differ.
     */
    Uni<Void> prove(Kind kind, Proof proof) {
        return ledgers.of(kind).state().chain(state -> proofs.standing(kind)
                .chain(standing -> grounded(state, standing)
                        ? proofs.proven(kind, proof.through(), proof.at())
                        : Uni.createFrom().voidItem()));
    }

    private static boolean grounded(LedgerState state, VerificationBook.Standing standing) {
        if (state.phase() == null || standing.openCount() > 0) {
            return false;
        }
        return standing.lastClean()
                .filter(clean -> !state.phase().dual()
                        || state.phaseSince() == null
                        || clean.finishedAt.isAfter(state.phaseSince()))
                .isPresent();
    }

    Uni<Long> putAsideCount(Kind kind) {
        return putAside.count(kind);
    }
}
