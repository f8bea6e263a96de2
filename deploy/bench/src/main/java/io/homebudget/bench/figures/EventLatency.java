package io.homebudget.bench.figures;

import io.homebudget.bench.events.EventWatcher;
import io.homebudget.bench.load.PacedSender;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Patience;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.HdrHistogram.Histogram;

/**
 * From the answer to a create to its event in a consumer's hands, at 1,000 creates/s, once with each store as primary; the
 * worse one is the figure. An event that is read before its answer arrived counts as 0, one that never comes fails the figure.
 */
public final class EventLatency implements Measurement {
    private static final int PER_SECOND = 1_000;
    private static final int WARM_UP_SECONDS = 3;
    private static final Duration LAST_EVENT_LIMIT = Duration.ofSeconds(30);

    private record Latency(Histogram nanos, long acknowledged, long missing, long failed) {
        double p99() {
            return nanos.getValueAtPercentile(99) / 1e6;
        }
    }

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.EVENT_LATENCY);
    }

    @Override
    public Set<Stacks.Size> stacks() {
        return EnumSet.of(Stacks.Size.THOUSAND);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack stack = stacks.of(Stacks.Size.THOUSAND);
        Map<String, Object> raw = new LinkedHashMap<>();
        StringBuilder note = new StringBuilder();
        double worst = 0;
        boolean sound = true;
        for (Phase phase : List.of(Phase.DATABASE_ONLY, Phase.JSON_ONLY)) {
            stack.expense().moveTo(phase);
            send(stack, WARM_UP_SECONDS);
            Latency latency = send(stack, pace.eventSeconds());
            worst = Math.max(worst, latency.p99());
            double reachedRate = latency.acknowledged() / (double) pace.eventSeconds();
            sound &= latency.missing() == 0 && latency.failed() == 0 && reachedRate > 0.95 * PER_SECOND;
            note.append(String.format(
                    Locale.ROOT,
                    "%s%s: p50 %.0f, p99 %.0f, max %.0f ms at %.0f/s, %d missing, %d failed",
                    note.length() == 0 ? "" : "; ",
                    phase,
                    latency.nanos().getValueAtPercentile(50) / 1e6,
                    latency.p99(),
                    latency.nanos().getMaxValue() / 1e6,
                    reachedRate,
                    latency.missing(),
                    latency.failed()));
            raw.put(
                    phase.name(),
                    Map.of(
                            "p50_ms", latency.nanos().getValueAtPercentile(50) / 1e6,
                            "p99_ms", latency.p99(),
                            "max_ms", latency.nanos().getMaxValue() / 1e6,
                            "events", latency.nanos().getTotalCount(),
                            "missing", latency.missing(),
                            "failed_creates", latency.failed()));
        }
        return List.of(new Outcome(Figure.EVENT_LATENCY, OptionalDouble.of(worst), sound, note.toString(), raw));
    }

    private static Latency send(LocalStack stack, int seconds) throws InterruptedException {
        try (EventWatcher watcher = EventWatcher.start(stack.kafka(), Kind.EXPENSE.changesTopic())) {
            PacedSender sender = PacedSender.start(stack.expensePort(), PER_SECOND, Pace.BODIES);
            Patience.pause(seconds * 1_000L);
            sender.finish();
            Map<Long, Long> acknowledged = sender.acknowledged();
            try {
                Patience.until("every event was read", LAST_EVENT_LIMIT, () -> watcher.seen()
                        .keySet()
                        .containsAll(acknowledged.keySet()));
            } catch (IllegalStateException someMissing) {
                // told by the count of missing ones
            }
            Histogram nanos = new Histogram(3);
            long missing = 0;
            for (Map.Entry<Long, Long> ack : acknowledged.entrySet()) {
                Long read = watcher.seen().get(ack.getKey());
                if (read == null) {
                    missing++;
                } else {
                    nanos.recordValue(Math.max(0, read - ack.getValue()));
                }
            }
            return new Latency(nanos, acknowledged.size(), missing, sender.failed());
        }
    }
}
