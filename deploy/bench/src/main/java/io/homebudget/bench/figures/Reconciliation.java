package io.homebudget.bench.figures;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.bench.load.PacedSender;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.Http;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Patience;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.ledger.phase.Phase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;

/**
 * How many changes per second migration-service compares in both stores while clients write 2,000 a second in {@code DUAL_WRITE}, and
 * how long after a change was committed it is proven equal. A position counts as proven when {@code verified_through} has passed it.
 */
public final class Reconciliation implements Measurement {
    private static final int FAST = 2_000;
    /** At this rate nothing queues up, so what is measured is the way and not the backlog. */
    private static final int CALM = 200;

    private static final long LOOK_MILLIS = 50;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    /** @param nanos from when a position was seen as the log's head until it was proven */
    private record Proven(double perSecond, long changes, Histogram nanos, long failed, long mostBehind) {}

    private record Seen(long position, long at) {}

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.RECONCILIATION, Figure.EVENT_TO_VERIFIED);
    }

    @Override
    public Set<Stacks.Size> stacks() {
        return EnumSet.of(Stacks.Size.THOUSAND);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack stack = stacks.of(Stacks.Size.THOUSAND);
        stack.expense().moveTo(Phase.DUAL_WRITE);
        VerificationRatio.verify(stack.migration());
        List<Outcome> outcomes = new ArrayList<>();
        if (wanted.contains(Figure.EVENT_TO_VERIFIED)) {
            send(stack, CALM, pace.eventSeconds() / 3 + 1);
            Proven proven = send(stack, CALM, pace.eventSeconds());
            double p99 = proven.nanos().getValueAtPercentile(99) / 1e6;
            String note = String.format(
                    Locale.ROOT,
                    "p50 %.0f, max %.0f ms at %d writes/s; %d failed",
                    proven.nanos().getValueAtPercentile(50) / 1e6,
                    proven.nanos().getMaxValue() / 1e6,
                    CALM,
                    proven.failed());
            outcomes.add(outcome(Figure.EVENT_TO_VERIFIED, p99, proven, note));
        }
        if (wanted.contains(Figure.RECONCILIATION)) {
            Proven proven = send(stack, FAST, 2 * pace.eventSeconds());
            String note = String.format(
                    Locale.ROOT,
                    "%d changes; at most %d not yet proven; %d creates failed",
                    proven.changes(),
                    proven.mostBehind(),
                    proven.failed());
            outcomes.add(outcome(Figure.RECONCILIATION, proven.perSecond(), proven, note));
        }
        return outcomes;
    }

    private static Outcome outcome(Figure figure, double value, Proven proven, String note) {
        Map<String, Object> raw = Map.of(
                "changes", proven.changes(),
                "failed_creates", proven.failed(),
                "most_behind", proven.mostBehind());
        return proven.failed() == 0 ? Outcome.of(figure, value, note, raw) : Outcome.unsound(figure, value, note, raw);
    }

    private static Proven send(LocalStack stack, int perSecond, int seconds) throws Exception {
        long before = stack.expense().state().head();
        Patience.until("what was before is proven", LIMIT, () -> verified(stack.migration()) >= before);
        long began = System.nanoTime();
        Histogram nanos = new Histogram(3);
        Deque<Seen> open = new ArrayDeque<>();
        long behind = 0;
        long failed;
        try (PacedSender sender = PacedSender.start(stack.expensePort(), perSecond, Pace.BODIES)) {
            while (System.nanoTime() - began < seconds * 1_000_000_000L) {
                behind = Math.max(behind, look(stack, open, nanos));
                Patience.pause(LOOK_MILLIS);
            }
            sender.finish();
            failed = sender.failed();
        }
        long head = stack.expense().state().head();
        Patience.until("everything is proven", LIMIT, () -> {
            look(stack, open, nanos);
            return verified(stack.migration()) >= head;
        });
        double took = (System.nanoTime() - began) / 1e9;
        return new Proven((head - before) / took, head - before, nanos, failed, behind);
    }

    /** @return how many changes are not proven yet */
    private static long look(LocalStack stack, Deque<Seen> open, Histogram nanos) {
        long head = stack.expense().state().head();
        if (open.isEmpty() || open.peekLast().position() < head) {
            open.addLast(new Seen(head, System.nanoTime()));
        }
        long proven = verified(stack.migration());
        while (!open.isEmpty() && open.peekFirst().position() <= proven) {
            nanos.recordValue(System.nanoTime() - open.removeFirst().at());
        }
        return Math.max(0, head - proven);
    }

    private static long verified(Http migration) {
        return migration
                .get("/api/v1/migration/status", JsonNode.class)
                .path("expense")
                .path("verified_through")
                .asLong(-1);
    }
}
