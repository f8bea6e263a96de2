package io.homebudget.ledger.storage.restoring;

import io.homebudget.ledger.internal.RestoreOrder.Mode;
import io.homebudget.ledger.internal.RestoreState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.routing.Restore;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.RestoreReport;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/**
 * Finishes, before anything is served, a restore into files that a crash interrupted: the target is staged and the record says
 * that writing had begun, so nobody has written since, and repeating it comes to the same end. In PostgreSQL a restore is one
 * transaction, whole or not at all: nothing is to be finished there.
 */
public final class Unfinished {
    private static final Logger LOG = Logger.getLogger(Unfinished.class);

    private final RestoreFiles files;
    private final Executor workers;

    public Unfinished(RestoreFiles files, Executor workers) {
        this.files = files;
        this.workers = workers;
    }

    /** Fails where the restore cannot be finished: then nothing must be served. */
    public Uni<Void> finish(LedgerStore json, UUID identity) {
        return Uni.createFrom()
                .item(this::interrupted)
                .runSubscriptionOn(workers)
                .chain(found -> found.isEmpty() ? Uni.createFrom().voidItem() : finish(found.get(), json, identity));
    }

    private Optional<RestoreRecord> interrupted() {
        if (files.replacing()) {
            throw new IllegalStateException(
                    "replacing the damaged store was interrupted: what is here is not the ledger."
                            + " Repeat ctl backup restore ID --offline --replace-damaged");
        }
        try {
            return files.read()
                    .filter(last -> last.inSets() && last.state().state().equals(RestoreDesk.APPLYING));
        } catch (IOException e) {
            throw new UncheckedIOException("the record of a restore cannot be read", e);
        }
    }

    private Uni<Void> finish(RestoreRecord last, LedgerStore json, UUID identity) {
        RestoreState state = last.state();
        return json.standing().chain(standing -> {
            Rule decided = standing.decided().orElse(null);
            boolean everything = state.order().mode() == Mode.EVERYTHING;
            if (everything && decided != null && decided.epoch() >= last.epoch()) {
                return over(last, new RestoreReport(0, 0, 0, standing.position()));
            }
            if (!everything && (decided == null || decided.epoch() != last.epoch())) {
                LOG.warnv(
                        "restore {0} was interrupted in epoch {1} and is given up: another epoch rules",
                        state.id(), last.epoch());
                return store(last.with(RestoreStates.failed(
                        state, "Interrupted; another epoch has ruled since, so it was not finished.")));
            }
            LOG.warnv("restore {0} was interrupted by a crash and is finished now", state.id());
            Image target = files.image(state.order().source(), state.staged(), workers);
            Uni<RestoreReport> done = everything
                    ? Restore.taken(
                            json, null, target, state.order(), new Rule(last.epoch(), Phase.JSON_ONLY), identity)
                    : json.restore(
                            target,
                            RestoreDesk.restoration(state),
                            last.epoch(),
                            () -> CompletableFuture.completedStage(null));
            return done.chain(report -> over(last, report));
        });
    }

    private Uni<Void> over(RestoreRecord last, RestoreReport report) {
        return store(last.with(
                RestoreStates.succeeded(last.state(), report, last.state().heldMillis())));
    }

    private Uni<Void> store(RestoreRecord next) {
        return Uni.createFrom()
                .<Void>item(() -> {
                    try {
                        files.write(next);
                        files.dropTarget();
                        return null;
                    } catch (IOException e) {
                        throw new UncheckedIOException("the record of a restore cannot be written", e);
                    }
                })
                .runSubscriptionOn(workers);
    }
}
