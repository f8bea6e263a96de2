package io.homebudget.bench.figures;

import io.homebudget.bench.baseline.BareEndpoint;
import io.homebudget.bench.load.HttpLoad;
import io.homebudget.bench.load.LoadResult;
import io.homebudget.bench.load.Scenario;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.ExpenseLedger;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.bench.statistics.Rounds;
import io.homebudget.ledger.phase.Phase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Creates per second in every phase and of the bare endpoint: a closed load of 32 connections, the sides taking turns, up
 * through the phases in one round and down in the next, so that what changes with time hits all sides alike.
 *
 * <p>While the ratios are taken, migration-service is stopped: it reads every event, which takes a share of the processors that is not
 * the price of a create. What that comes to is a ratio of its own, taken before, with everything running.
 *
 * <p>A window in {@code DUAL_WRITE} lasts until the follower has everything: a follower that falls behind is charged for it.
 */
public final class CreateRatios implements Measurement {
    /** More of its window than this spent on answers other than 2xx, and the rate means nothing. */
    private static final double FAILED_SHARE = 0.001;

    private static final String MIGRATION = "migration";

    private enum Side {
        JSON_ONLY(Phase.JSON_ONLY),
        DUAL_WRITE(Phase.DUAL_WRITE),
        DATABASE_READS(Phase.DATABASE_READS),
        DATABASE_ONLY(Phase.DATABASE_ONLY),
        PUBLISHING_PAUSED(Phase.DATABASE_ONLY),
        BARE(null);

        private final Phase phase;

        Side(Phase phase) {
            this.phase = phase;
        }
    }

    private record Ratio(Side side, Side over) {}

    private static final Map<Figure, Ratio> RATIOS = new EnumMap<>(Map.of(
            Figure.CREATE_PUBLISHING, new Ratio(Side.DATABASE_ONLY, Side.BARE),
            Figure.CREATE_EVERYTHING, new Ratio(Side.DATABASE_ONLY, Side.BARE),
            Figure.CREATE_REQUEST_PATH, new Ratio(Side.PUBLISHING_PAUSED, Side.BARE),
            Figure.CREATE_DUAL_WRITE, new Ratio(Side.DUAL_WRITE, Side.DATABASE_ONLY),
            Figure.CREATE_DATABASE_READS, new Ratio(Side.DATABASE_READS, Side.DATABASE_ONLY),
            Figure.CREATE_JSON_ONLY, new Ratio(Side.JSON_ONLY, Side.DATABASE_ONLY)));

    @Override
    public Set<Figure> figures() {
        return RATIOS.keySet();
    }

    @Override
    public Set<Stacks.Size> stacks() {
        return EnumSet.of(Stacks.Size.THOUSAND);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack stack = stacks.of(Stacks.Size.THOUSAND);
        Set<Figure> services = EnumSet.copyOf(wanted);
        services.remove(Figure.CREATE_EVERYTHING);
        List<Outcome> outcomes = new ArrayList<>();
        try (BareEndpoint bare =
                wanted.stream().anyMatch(figure -> RATIOS.get(figure).over() == Side.BARE)
                        ? BareEndpoint.start(
                                stacks.bareApp(),
                                stack.postgres(),
                                stacks.barePort(),
                                stacks.work().resolve("bare.log"))
                        : null) {
            if (wanted.contains(Figure.CREATE_EVERYTHING)) {
                outcomes.addAll(takeTurns(EnumSet.of(Figure.CREATE_EVERYTHING), stack, bare, pace));
            }
            if (!services.isEmpty()) {
                stack.member("stop", MIGRATION);
                try {
                    outcomes.addAll(takeTurns(services, stack, bare, pace));
                } finally {
                    stack.member("start", MIGRATION);
                }
            }
        }
        return outcomes;
    }

    private static List<Outcome> takeTurns(Set<Figure> wanted, LocalStack stack, BareEndpoint bare, Pace pace) {
        List<Side> sides = sides(wanted);
        Windows windows = new Windows();
        for (int round = 0; round < pace.rounds(); round++) {
            for (Side side : sides) {
                windows.measure(side, stack, bare, pace);
            }
            Collections.reverse(sides);
        }
        return wanted.stream()
                .map(figure -> windows.outcome(figure, RATIOS.get(figure)))
                .toList();
    }

    private static List<Side> sides(Set<Figure> wanted) {
        Set<Side> sides = EnumSet.noneOf(Side.class);
        for (Figure figure : wanted) {
            sides.add(RATIOS.get(figure).side());
            sides.add(RATIOS.get(figure).over());
        }
        return new ArrayList<>(sides);
    }

    /** The windows so far. */
    private static final class Windows {
        private final Rounds perSecond = new Rounds();
        private final Rounds p99 = new Rounds();
        private final Rounds lag = new Rounds();
        private final Set<Side> warm = new HashSet<>();
        private final Set<Side> failing = new HashSet<>();

        void measure(Side side, LocalStack stack, BareEndpoint bare, Pace pace) {
            int port = side == Side.BARE ? bare.port() : stack.expensePort();
            ExpenseLedger ledger = stack.expense();
            ledger.settle();
            if (side.phase != null) {
                ledger.moveTo(side.phase);
            }
            if (side == Side.PUBLISHING_PAUSED) {
                ledger.pausePublisher();
            }
            try {
                int warmUp = warm.add(side) ? Pace.FIRST_WARM_UP : Pace.WARM_UP;
                HttpLoad.run(Scenario.closed(port, Pace.CLIENTS, warmUp, Pace.BODIES));
                if (side != Side.PUBLISHING_PAUSED) {
                    ledger.settle();
                }
                LoadResult result = HttpLoad.run(Scenario.closed(port, Pace.CLIENTS, pace.window(), Pace.BODIES));
                record(side, result, ledger);
            } finally {
                if (side == Side.PUBLISHING_PAUSED) {
                    ledger.resumePublisher();
                }
            }
        }

        private void record(Side side, LoadResult result, ExpenseLedger ledger) {
            double seconds = result.seconds();
            if (side == Side.DUAL_WRITE) {
                lag.add("follower_lag_at_end", ledger.state().followerLag());
                double caughtUpAfter = ledger.settleFollower();
                lag.add("follower_caught_up_after_seconds", caughtUpAfter);
                seconds += caughtUpAfter;
            }
            if (side == Side.DATABASE_ONLY) {
                lag.add("publish_backlog_at_end", ledger.state().publishBacklog());
            }
            perSecond.add(side.name(), result.succeeded() / seconds);
            p99.add(side.name(), result.millisAt(99));
            if (result.failed() > FAILED_SHARE * result.succeeded()) {
                failing.add(side);
            }
            System.out.printf(
                    Locale.ROOT,
                    "    %-18s %8.0f creates/s%n",
                    side.name().toLowerCase(Locale.ROOT),
                    result.succeeded() / seconds);
        }

        Outcome outcome(Figure figure, Ratio ratio) {
            String side = ratio.side().name();
            String over = ratio.over().name();
            String note = String.format(
                    Locale.ROOT,
                    "%.0f/s over %.0f/s; rounds differ by %.0f %% and %.0f %%",
                    perSecond.median(side),
                    perSecond.median(over),
                    100 * perSecond.spread(side),
                    100 * perSecond.spread(over));
            if (ratio.side() == Side.DUAL_WRITE) {
                note += String.format(
                        Locale.ROOT, "; follower %.0f changes behind at the end", lag.median("follower_lag_at_end"));
            }
            Map<String, Object> raw =
                    Map.of("creates_per_second", perSecond.raw(), "p99_millis", p99.raw(), "behind", lag.raw());
            if (failing.contains(ratio.side()) || failing.contains(ratio.over())) {
                return Outcome.unsound(figure, perSecond.ratio(side, over), note + "; requests failed", raw);
            }
            return Outcome.of(figure, perSecond.ratio(side, over), note, raw);
        }
    }
}
