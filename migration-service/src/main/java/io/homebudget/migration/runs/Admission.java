package io.homebudget.migration.runs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.gates.Check;
import io.homebudget.migration.gates.GateKeeper;
import io.homebudget.migration.gates.Gates;
import io.homebudget.migration.gates.Reach;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.schema.Database;
import io.homebudget.migration.schema.DatabaseAway;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Takes an order for a run, or refuses it before anything changed. Refused in this order: a jump or an active run (409), no
 * consent where it is required (403), a closed gate (412). For both kinds: both or none.
 */
@ApplicationScoped
public class Admission {
    /** The ledger service looks at its stores once a second. */
    private static final Duration ASK_AGAIN = Duration.ofMillis(500);

    /** How often more a run is looked for whose writing down got no answer: about a second where PostgreSQL answers at once. */
    private static final int LOOKS = 2;

    private final RunBook book;
    private final Ledgers ledgers;
    private final GateKeeper gates;
    private final Forecaster forecaster;
    private final MigrationConfig config;
    private final ObjectMapper json;
    private final Clock clock;

    Admission(
            RunBook book,
            Ledgers ledgers,
            GateKeeper gates,
            Forecaster forecaster,
            MigrationConfig config,
            ObjectMapper json,
            Clock clock) {
        this.forecaster = forecaster;
        this.book = book;
        this.ledgers = ledgers;
        this.gates = gates;
        this.config = config;
        this.json = json;
        this.clock = clock;
    }

    /** The item is the id under which the run, or the pair of runs, is found. */
    public Uni<UUID> admit(RunOrder order, String actor) {
        List<Kind> kinds = order.kinds();
        Phase target = order.phase();
        return each(kinds, kind -> ledgers.of(kind).state())
                .invoke(states -> states.forEach(state -> refuseJump(state, target)))
                .call(states -> each(kinds, this::refuseSecond))
                .invoke(states -> states.forEach(state -> refuseWithoutConsent(state, target, order)))
                .call(states -> each(states, state -> refuseClosedGate(state, target)))
                .chain(states -> open(order, states, target, actor));
    }

    private static void refuseJump(LedgerState state, Phase target) {
        if (state.phase() == null) {
            throw Refused.of(
                    LedgerError.CONFLICT,
                    "The phase of " + state.kind() + " is not known now: its deciding store is away.");
        }
        if (!state.phase().isNeighbourOf(target)) {
            throw Refused.of(
                    LedgerError.CONFLICT,
                    "From " + state.phase() + " only its neighbours can be reached, " + Reach.neighbours(state.phase())
                            + "; " + target + (state.phase() == target ? " rules already." : " is not one of them."));
        }
    }

    /** While PostgreSQL is away nobody can say; then a gate is closed, or the run cannot be written down and is refused. */
    private Uni<Void> refuseSecond(Kind kind) {
        return book.anyActive(kind)
                .onFailure(DatabaseAway.class)
                .recoverWithItem(false)
                .invoke(active -> {
                    if (active) {
                        throw Refused.of(
                                LedgerError.CONFLICT,
                                "A run of " + kind.word() + " is active. Wait for its end or cancel it: "
                                        + "GET /api/v1/migration/runs.");
                    }
                })
                .replaceWithVoid();
    }

    private void refuseWithoutConsent(LedgerState state, Phase target, RunOrder order) {
        boolean back = target.ordinal() < state.phase().ordinal();
        boolean required = (config.requireExplicitConsent() || back) && !order.dryRun();
        if (required && !order.consent()) {
            throw Refused.of(
                    LedgerError.CONSENT_MISSING,
                    "This changes which store rules. Send \"consent\": true if that is what you want.");
        }
    }

    private Uni<Void> refuseClosedGate(LedgerState state, Phase target) {
        Kind kind = Kind.ofWord(state.kind()).orElseThrow();
        Instant limit = clock.instant().plus(config.gates().patience());
        return checked(kind, state, target, limit)
                .invoke(checks -> refuseIfClosed(kind, target, checks))
                .replaceWithVoid();
    }

    /** Asks again, up to the limit, where a closed gate may open by itself; the ledger's state is read anew each time. */
    private Uni<List<Check>> checked(Kind kind, LedgerState state, Phase target, Instant limit) {
        return gates.check(kind, state, target, () -> Uni.createFrom().item(false))
                .chain(checks -> !Gates.onlyPassing(checks) || clock.instant().isAfter(limit)
                        ? Uni.createFrom().item(checks)
                        : Uni.createFrom()
                                .voidItem()
                                .onItem()
                                .delayIt()
                                .by(ASK_AGAIN)
                                .chain(() -> ledgers.of(kind).state())
                                .invoke(now -> refuseJump(now, target))
                                .chain(now -> checked(kind, now, target, limit)));
    }

    static void refuseIfClosed(Kind kind, Phase target, List<Check> checks) {
        List<Check> closed = Gates.closed(checks);
        if (!closed.isEmpty()) {
            String detail = kind.word() + " cannot go to " + target + ": "
                    + closed.get(0).reason() + " " + closed.get(0).advice();
            throw Refused.of(LedgerError.GATE_CLOSED, detail, Map.of("kind", kind.word(), "checks", checks));
        }
    }

    private Uni<UUID> open(RunOrder order, List<LedgerState> states, Phase target, String actor) {
        UUID batch = states.size() > 1 ? UUID.randomUUID() : null;
        return each(states, state -> entry(order, state, target, actor, batch)).chain(entries -> {
            UUID first = entries.get(0).run().id;
            return certain(() -> book.open(entries), () -> book.find(first).map(found -> !found.isEmpty()))
                    .replaceWith(batch != null ? batch : first);
        });
    }

    /**
     * Writing down whose answer was lost may have happened, and a run that is written down begins: who ordered it must not be told
     * that nothing was started.
     *
     * @param written whether it is there after all
     */
    static Uni<Void> certain(Supplier<Uni<Void>> writing, Supplier<Uni<Boolean>> written) {
        return Uni.createFrom()
                .deferred(writing::get)
                .onFailure(failure -> failure instanceof DatabaseAway away && !away.beforeAnythingWasSent())
                .recoverWithUni(lost -> Database.patiently(written, LOOKS)
                        .onFailure(DatabaseAway.class)
                        .recoverWithItem(false)
                        .invoke(there -> {
                            if (!there) {
                                throw Refused.of(
                                        LedgerError.OUTCOME_UNKNOWN,
                                        "PostgreSQL does not tell whether the run was written down: "
                                                + lost.getMessage()
                                                + ". Look at GET /api/v1/migration/runs before you repeat the call.");
                            }
                        })
                        .replaceWithVoid());
    }

    private Uni<RunBook.Entry> entry(RunOrder order, LedgerState state, Phase target, String actor, UUID batch) {
        List<StepName> plan = Plan.of(state.phase(), target);
        Run run = runOf(state, target, actor, order.why());
        run.batchId = batch;
        if (!order.dryRun()) {
            return Uni.createFrom().item(new RunBook.Entry(run, stepsOf(run, plan)));
        }
        return forecaster.forecast(state, target, plan).map(forecast -> told(run, forecast));
    }

    private RunBook.Entry told(Run run, Map<String, Object> forecast) {
        run.dryRun = true;
        run.state = RunState.SUCCEEDED.word();
        run.startedAt = run.createdAt;
        run.finishedAt = clock.instant();
        run.forecast = text(forecast);
        return new RunBook.Entry(run, List.of());
    }

    Run runOf(LedgerState state, Phase target, String actor, String reason) {
        Run run = new Run();
        run.id = UUID.randomUUID();
        run.kind = state.kind();
        run.fromPhase = state.phase().name();
        run.target = target.name();
        run.state = RunState.QUEUED.word();
        run.actor = actor;
        run.reason = reason;
        run.fromEpoch = state.epoch();
        run.rejected = state.rejected();
        run.createdAt = clock.instant();
        return run;
    }

    static List<Step> stepsOf(Run run, List<StepName> plan) {
        List<Step> steps = new ArrayList<>();
        for (StepName name : plan) {
            steps.add(Step.pending(run.id, steps.size(), name));
        }
        return steps;
    }

    private String text(Map<String, Object> forecast) {
        try {
            return json.writeValueAsString(new LinkedHashMap<>(forecast));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a forecast of plain values must be writable", e);
        }
    }

    /** One after the other, so that the refusals come in a fixed order. */
    private static <A, B> Uni<List<B>> each(List<A> items, Function<A, Uni<B>> work) {
        return Multi.createFrom()
                .iterable(items)
                .onItem()
                .transformToUniAndConcatenate(item -> work.apply(item))
                .collect()
                .asList();
    }
}
