package io.homebudget.bench.figures;

import io.homebudget.bench.load.HttpLoad;
import io.homebudget.bench.load.LoadResult;
import io.homebudget.bench.load.Scenario;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.BackupService;
import io.homebudget.bench.stack.ExpenseLedger;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Patience;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.bench.statistics.Rounds;
import io.homebudget.ledger.phase.Phase;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * How long 500 creates/s wait while a ledger of 1,000,000 entries that PostgreSQL rules is being read for a snapshot, against the
 * same load without one; p99, both sides taking turns. The load is open, and snapshots follow one another through all of its
 * window, so that no share of quiet time makes the figure better than a snapshot is.
 */
public final class SnapshotUnderWrites implements Measurement {
    private static final int WRITES_PER_SECOND = 500;

    /** More than what piles up in a second. */
    private static final int CONNECTIONS = 600;

    /** 10,000 writes: the 100 slowest of them decide. */
    private static final int WINDOW_SECONDS = 20;

    private static final int QUICK_WINDOW_SECONDS = 8;

    /** A p99 of 30 ms reaches, whatever it is without a snapshot: so what lies below 10 ms counts as 10. */
    private static final double LEAST_MILLIS = 10;

    /** Longer than any window. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** @param snapshots how many were begun in the window */
    private record Disturbed(LoadResult load, int snapshots) {}

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.SNAPSHOT_P99);
    }

    @Override
    public Set<Size> stacks() {
        return EnumSet.of(Size.MILLION);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack stack = stacks.of(Size.MILLION);
        ExpenseLedger ledger = stack.expense();
        ledger.moveTo(Phase.DATABASE_ONLY);
        BackupService backup = stack.backup();
        backup.settle();
        int seconds = pace.quick() ? QUICK_WINDOW_SECONDS : WINDOW_SECONDS;
        load(stack, Pace.FIRST_WARM_UP);
        Rounds p99 = new Rounds();
        long failed = 0;
        double blocked = 0;
        int snapshots = 0;
        double slowest = 0;
        for (int round = 0; round < pace.rounds(); round++) {
            ledger.settle();
            LoadResult calm = load(stack, seconds);
            ledger.settle();
            Disturbed disturbed = loadDuringSnapshots(stack, backup, seconds);
            p99.add("without", calm.millisAt(99));
            p99.add("during", disturbed.load().millisAt(99));
            failed += calm.failed() + disturbed.load().failed();
            blocked += calm.blockedMillis() + disturbed.load().blockedMillis();
            snapshots += disturbed.snapshots();
            slowest = Math.max(slowest, disturbed.load().maxMillis());
        }
        String note = String.format(
                Locale.ROOT,
                "p99 %.1f ms during %d snapshots, %.1f ms without; slowest %.0f ms; rounds differ by %.0f %% and %.0f %%;"
                        + " %d requests failed; %.0f ms waited for connections",
                p99.median("during"),
                snapshots,
                p99.median("without"),
                slowest,
                100 * p99.spread("during"),
                100 * p99.spread("without"),
                failed,
                blocked);
        Map<String, Object> raw = Map.of(
                "p99_millis", p99.raw(),
                "snapshots", snapshots,
                "slowest_millis", slowest,
                "failed", failed,
                "blocked_millis", blocked);
        double times = times(p99.median("during"), p99.median("without"));
        return List.of(
                failed == 0
                        ? Outcome.of(Figure.SNAPSHOT_P99, times, note, raw)
                        : Outcome.unsound(Figure.SNAPSHOT_P99, times, note, raw));
    }

    /** At most 3 exactly where the p99 during a snapshot is at most 3 times that without, or at most 30 ms. */
    static double times(double during, double without) {
        return during / Math.max(without, LEAST_MILLIS);
    }

    private static Disturbed loadDuringSnapshots(LocalStack stack, BackupService backup, int seconds) throws Exception {
        String job = backup.orderSnapshot();
        int snapshots = 1;
        CompletableFuture<LoadResult> load = CompletableFuture.supplyAsync(() -> load(stack, seconds));
        while (awaitOver(backup, job, load)) {
            job = backup.orderSnapshot();
            snapshots++;
        }
        backup.end(job);
        return new Disturbed(load.get(), snapshots);
    }

    /** @return whether the load goes on, so that another snapshot is needed */
    private static boolean awaitOver(BackupService backup, String job, CompletableFuture<LoadResult> load) {
        Patience.until("the snapshot or the load is over", LIMIT, () -> load.isDone() || backup.over(job));
        return !load.isDone();
    }

    private static LoadResult load(LocalStack stack, int seconds) {
        return HttpLoad.run(Scenario.open(stack.expensePort(), CONNECTIONS, seconds, Pace.BODIES)
                .creates(WRITES_PER_SECOND));
    }
}
