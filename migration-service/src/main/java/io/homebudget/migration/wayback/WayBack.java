package io.homebudget.migration.wayback;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.ledgers.LedgerAway;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.problems.KindWord;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.runs.RunBook;
import io.homebudget.migration.schema.DatabaseAway;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Closes the way back to JSON: has the ledger service archive the JSON files and give them up, then records who did it and why.
 * After that nothing leaves {@code DATABASE_ONLY}. Killed between the two, the way is closed, as the ledger service says by
 * itself; ordered again, it is recorded too.
 */
@ApplicationScoped
public class WayBack {
    private static final Logger LOG = Logger.getLogger(WayBack.class);

    private final Ledgers ledgers;
    private final RunBook runs;
    private final ClosureBook book;
    private final MigrationConfig config;
    private final Clock clock;

    WayBack(Ledgers ledgers, RunBook runs, ClosureBook book, MigrationConfig config, Clock clock) {
        this.ledgers = ledgers;
        this.runs = runs;
        this.book = book;
        this.config = config;
        this.clock = clock;
    }

    /**
     * The body of {@code POST /close-way-back}.
     *
     * @param early consent to close it before the rollback window is over
     */
    public record Order(String kind, boolean consent, boolean early, String reason) {}

    public Uni<Closure> close(Order order, String actor) {
        Kind kind = KindWord.inBody(order.kind());
        return ledgers.of(kind)
                .state()
                .invoke(WayBack::refuseOtherPhase)
                .call(() -> runs.anyActive(kind).invoke(WayBack::refuseWhileRunning))
                .call(() -> book.holding(kind).invoke(WayBack::refuseTwice))
                .invoke(state -> refuseWithoutConsent(order, state))
                .chain(state -> ledgers.of(kind)
                        .closeWayBack(new WayBackClosing(state.epoch(), actor, order.reason()))
                        .onFailure(LedgerAway.class)
                        .transform(away -> Refused.of(
                                LedgerError.OUTCOME_UNKNOWN,
                                away.getMessage()
                                        + ". Whether the way back is closed, GET /api/v1/migration/status tells"
                                        + " (rollback_ready) when the service answers again."))
                        .chain(done -> record(order, actor, state, done)
                                .onFailure(DatabaseAway.class)
                                .transform(away -> Refused.of(
                                        LedgerError.OUTCOME_UNKNOWN,
                                        "The way back of " + state.kind() + " is closed, its files are in "
                                                + done.path() + ". Only writing that down here failed: "
                                                + away.getMessage() + "."))));
    }

    private static void refuseOtherPhase(LedgerState state) {
        if (state.phase() != Phase.DATABASE_ONLY) {
            throw Refused.of(
                    LedgerError.CONFLICT,
                    "The way back is closed in DATABASE_ONLY only; " + state.kind() + " is in " + state.phase() + ".");
        }
    }

    private static void refuseWhileRunning(boolean active) {
        if (active) {
            throw Refused.of(LedgerError.CONFLICT, "A run of this kind is active; wait for its end or cancel it.");
        }
    }

    private static void refuseTwice(Optional<Closure> closure) {
        closure.ifPresent(row -> {
            throw Refused.of(LedgerError.CONFLICT, row.sentence());
        });
    }

    private void refuseWithoutConsent(Order order, LedgerState state) {
        if (!order.consent()) {
            throw Refused.of(
                    LedgerError.CONSENT_MISSING,
                    "After this there is no way back to JSON. Send \"consent\": true if that is what you want.");
        }
        Instant over = state.phaseSince() == null ? null : state.phaseSince().plus(config.rollbackWindow());
        if (!order.early() && (over == null || over.isAfter(clock.instant()))) {
            throw Refused.of(
                    LedgerError.GATE_CLOSED,
                    "The rollback window is open until " + (over == null ? "an unknown time" : over)
                            + ". Wait, or send \"early\": true as well.");
        }
    }

    private Uni<Closure> record(Order order, String actor, LedgerState state, WayBackClosing.Done done) {
        Closure row = new Closure();
        row.id = UUID.randomUUID();
        row.kind = state.kind();
        row.epoch = state.epoch();
        row.archive = done.path();
        row.actor = actor;
        row.reason = order.reason() == null ? "" : order.reason();
        row.closedAt = done.closedAt();
        return book.close(row)
                .invoke(() -> LOG.warnf("way back closed: kind=%s archive=%s actor=%s", row.kind, row.archive, actor))
                .replaceWith(row);
    }
}
