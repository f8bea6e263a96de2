package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.PhaseChangeRefused.reasonOf;
import static io.homebudget.ledger.storage.routing.PhaseChangeRefused.refuse;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Phase;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

/**
 * Closes the way back to JSON for good. Clients notice nothing: PostgreSQL rules alone before and after. No phase change, restore
 * or reconnection happens meanwhile; once begun it goes on to its end, also when nobody waits for the answer any more.
 */
final class WayBack {
    private static final Logger LOG = Logger.getLogger(WayBack.class);

    private final Helm helm;
    private final JsonSide json;

    WayBack(Helm helm, JsonSide json) {
        this.helm = helm;
        this.json = json;
    }

    /** Fails with {@link PhaseChangeRefused}. */
    Uni<WayBackClosing.Done> close(WayBackClosing request) {
        return Uni.createFrom().emitter(emitter -> helm.inTurn(() -> inTurn(request), () -> false)
                .subscribe()
                .with(emitter::complete, emitter::fail));
    }

    private Uni<WayBackClosing.Done> inTurn(WayBackClosing request) {
        Course course = helm.course();
        if (course.rule() == null) {
            return refuse(LedgerError.NOT_WRITTEN, "It is not known who rules: " + course.reason());
        }
        if (helm.stateless()) {
            return refuse(
                    LedgerError.CONFLICT,
                    "This replica has no files of its own. Ask the one that owns the JSON store.");
        }
        if (course.rule().phase() != Phase.DATABASE_ONLY) {
            return refuse(
                    LedgerError.CONFLICT,
                    "The way back is closed in DATABASE_ONLY only; "
                            + course.rule().phase() + " rules.");
        }
        if (request.expectedEpoch() != null && request.expectedEpoch() != course.epoch()) {
            return refuse(
                    LedgerError.CONFLICT,
                    "Epoch " + course.epoch() + " rules, not " + request.expectedEpoch()
                            + ": look again before asking again.");
        }
        if (!helm.postgresAttached() || !course.mayWrite()) {
            return refuse(
                    LedgerError.NOT_WRITTEN,
                    "PostgreSQL is out of reach: as long as it is, the JSON files are not given up.");
        }
        return json.giveUp(course.rule(), request.actor(), request.reason() == null ? "" : request.reason())
                .invoke(done -> LOG.warnv("the JSON store is given up: {0}", done.sentence()))
                .onFailure()
                .transform(failure -> new PhaseChangeRefused(
                        LedgerError.NOT_WRITTEN,
                        (json.closed().isPresent()
                                        ? "The way back is closed, but files were left behind; repeat to have them deleted: "
                                        : "The way back is open as before: ")
                                + reasonOf(failure)));
    }
}
