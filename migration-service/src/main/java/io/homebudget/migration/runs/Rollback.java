package io.homebudget.migration.runs;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.gates.ClosedWays;
import io.homebudget.migration.ledgers.LedgerService;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.problems.KindWord;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.schema.DatabaseAway;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * One phase back, also with PostgreSQL away. With PostgreSQL there it is a run like any other; without, the ledger service is
 * asked at once, and the run that records it stands in memory until it can be written down.
 */
@ApplicationScoped
public class Rollback {
    private static final Logger LOG = Logger.getLogger(Rollback.class);
    private static final long WRITE_DOWN_MILLIS = 2_000;

    private final RunBook book;
    private final Ledgers ledgers;
    private final Admission admission;
    private final ClosedWays closedWays;
    private final Clock clock;
    private final Vertx vertx;
    private final Map<UUID, RunBook.Entry> unwritten = new ConcurrentHashMap<>();
    private long timer = -1;

    Rollback(RunBook book, Ledgers ledgers, Admission admission, ClosedWays closedWays, Clock clock, Vertx vertx) {
        this.book = book;
        this.ledgers = ledgers;
        this.admission = admission;
        this.closedWays = closedWays;
        this.clock = clock;
        this.vertx = vertx;
    }

    /** The body of {@code POST /rollback}. */
    public record Order(String kind, boolean consent, boolean acceptLoss, String reason) {}

    /** @param change what the ledger service answered; null where a run does it and its steps tell */
    public record Begun(UUID id, Phase target, PhaseChange.Done change) {}

    void start(@Observes io.quarkus.runtime.StartupEvent started) {
        timer = vertx.setPeriodic(WRITE_DOWN_MILLIS, tick -> writeDown());
    }

    void stop(@Observes io.quarkus.runtime.ShutdownEvent stopping) {
        vertx.cancelTimer(timer);
    }

    public Uni<Begun> back(Order order, String actor) {
        Kind kind = KindWord.inBody(order.kind());
        return ledgers.of(kind).state().chain(state -> {
            Phase target = targetOf(state);
            if (!order.consent()) {
                throw Refused.of(
                        LedgerError.CONSENT_MISSING,
                        "This changes which store rules. Send \"consent\": true if that is what you want.");
            }
            return closedWays
                    .closed(state)
                    .invoke(Rollback::refuseClosed)
                    .invoke(() -> refuseLoss(order, state, target))
                    .chain(() -> begin(order, actor, state, target));
        });
    }

    private static void refuseClosed(Optional<String> closed) {
        closed.ifPresent(how -> {
            throw Refused.of(LedgerError.CONFLICT, how);
        });
    }

    private Uni<Begun> begin(Order order, String actor, LedgerState state, Phase target) {
        Run run = admission.runOf(state, target, actor, reason(order));
        run.acceptLoss = order.acceptLoss();
        List<Step> steps = Admission.stepsOf(run, Plan.rollback(state.phase(), target));
        return book.open(List.of(new RunBook.Entry(run, steps)))
                .map(opened -> new Begun(run.id, target, null))
                .onFailure(DatabaseAway.class)
                .recoverWithUni(away -> atOnce(ledgers.of(run.kindOf()), run, steps, state));
    }

    private static Phase targetOf(LedgerState state) {
        if (state.phase() == null) {
            throw Refused.of(
                    LedgerError.CONFLICT,
                    "The phase of " + state.kind() + " is not known now: its deciding store is away.");
        }
        return state.phase()
                .previous()
                .orElseThrow(() ->
                        Refused.of(LedgerError.CONFLICT, "JSON_ONLY is the first phase; nothing lies behind it."));
    }

    private static void refuseLoss(Order order, LedgerState state, Phase target) {
        boolean jsonFollows = state.phase().primary() == StoreName.POSTGRES;
        if (jsonFollows && !state.rollbackReady() && !order.acceptLoss()) {
            // DATABASE_READS is ruled by PostgreSQL too: without it nobody gets there, whatever is accepted
            String advice = target == Phase.DATABASE_READS
                    ? "Bring PostgreSQL back: only it has what must be replayed. Lost for good, it is a matter of"
                            + " deploy/runbooks/disaster-recovery."
                    : "Send \"accept_loss\": true to go back all the same; writes that only PostgreSQL holds may be lost.";
            Map<String, Object> check = new LinkedHashMap<>();
            check.put("name", "json_in_sync");
            check.put("ok", false);
            check.put("reason", String.valueOf(state.rollbackReason()));
            check.put("advice", advice);
            throw Refused.of(
                    LedgerError.GATE_CLOSED,
                    state.kind() + " cannot go back to " + target + ": " + Refused.sentence(state.rollbackReason())
                            + " " + advice,
                    Map.of("kind", state.kind(), "checks", List.of(check)));
        }
    }

    private static String reason(Order order) {
        return order.reason() == null || order.reason().isBlank() ? "rollback" : order.reason();
    }

    private Uni<Begun> atOnce(LedgerService ledger, Run run, List<Step> steps, LedgerState state) {
        run.startedAt = clock.instant();
        PhaseChange change = new PhaseChange(run.to(), state.epoch(), run.acceptLoss, run.actor, run.reason);
        return ledger.changePhase(change).map(done -> {
            run.state = RunState.SUCCEEDED.word();
            run.changedEpoch = done.epoch();
            run.finishedAt = clock.instant();
            for (Step step : steps) {
                boolean changed = step.nameOf() == StepName.PHASE_CHANGE;
                step.startedAt = run.startedAt;
                step.end(
                        changed ? Step.DONE : Step.SKIPPED,
                        changed
                                ? "epoch " + done.epoch() + ", writers held " + done.heldMillis() + " ms"
                                        + (done.warning() == null ? "" : "; " + done.warning())
                                : "not done: PostgreSQL was away",
                        run.finishedAt);
            }
            unwritten.put(run.id, new RunBook.Entry(run, steps));
            LOG.warnf(
                    "went back without PostgreSQL: kind=%s phase=%s epoch=%d warning=%s",
                    run.kind, run.target, done.epoch(), done.warning());
            return new Begun(run.id, run.to(), done);
        });
    }

    /** Runs that could not be written down yet. */
    public List<RunBook.Entry> unwritten() {
        return List.copyOf(unwritten.values());
    }

    public Optional<RunBook.Entry> unwritten(UUID id) {
        return Optional.ofNullable(unwritten.get(id));
    }

    private void writeDown() {
        for (RunBook.Entry entry : unwritten.values()) {
            UUID id = entry.run().id;
            // what was written down with its answer lost must not be tried again for ever
            book.find(id)
                    .chain(known -> !known.isEmpty() ? Uni.createFrom().voidItem() : book.open(List.of(entry)))
                    .subscribe()
                    .with(
                            done -> unwritten.remove(id),
                            away -> LOG.debugf("a rollback cannot be written down yet: %s", away.getMessage()));
        }
    }
}
