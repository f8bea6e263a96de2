package io.homebudget.bench.figures;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.bench.baseline.RealTable;
import io.homebudget.bench.load.PacedSender;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.Http;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Patience;
import io.homebudget.bench.stack.ProcessMemory;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.bench.statistics.Rounds;
import io.homebudget.ledger.phase.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A full verification of 1,000,000 entries in {@code DUAL_WRITE}, the JSON store's files included, from the call until it is over,
 * against one SQL scan that computes the MD5 of every row: both while nobody writes, and both while 100 creates/s go on. And what
 * migration-service holds in memory at most meanwhile.
 */
public final class VerificationRatio implements Measurement {
    private static final int WRITES_PER_SECOND = 100;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final String VERIFICATIONS = "/api/v1/migration/verifications";

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.VERIFICATION, Figure.VERIFICATION_AT_REST, Figure.MEMORY_MIGRATION);
    }

    @Override
    public Set<Size> stacks() {
        return EnumSet.of(Size.MILLION);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack stack = stacks.of(Size.MILLION);
        stack.expense().moveTo(Phase.DUAL_WRITE);
        List<Outcome> outcomes = new ArrayList<>();
        if (wanted.contains(Figure.VERIFICATION)) {
            try (PacedSender writes = PacedSender.start(stack.expensePort(), WRITES_PER_SECOND, Pace.BODIES)) {
                outcomes.add(ratio(Figure.VERIFICATION, stack, pace));
                writes.finish();
                if (writes.failed() > 0) {
                    throw new IllegalStateException(writes.failed() + " creates failed during the verification");
                }
            }
        }
        if (wanted.contains(Figure.VERIFICATION_AT_REST)) {
            stack.expense().settle();
            outcomes.add(ratio(Figure.VERIFICATION_AT_REST, stack, pace));
        }
        if (wanted.contains(Figure.MEMORY_MIGRATION)) {
            ProcessMemory memory = stack.migrationMemory();
            double peak = memory.peakMb();
            outcomes.add(Outcome.of(
                    Figure.MEMORY_MIGRATION,
                    peak,
                    "at most since the start; " + memory.heapOptions(),
                    Map.of("peak_mb", peak)));
        }
        return outcomes;
    }

    private static Outcome ratio(Figure figure, LocalStack stack, Pace pace) throws Exception {
        RealTable table = RealTable.find(stack.postgres());
        Rounds rounds = new Rounds();
        JsonNode last = null;
        for (int i = 0; i < pace.baselines(); i++) {
            rounds.add("scan", table.secondsToScan());
            long start = System.nanoTime();
            last = verify(stack.migration());
            rounds.add("verification", (System.nanoTime() - start) / 1e9);
            rounds.add("scan", table.secondsToScan());
        }
        String note = String.format(
                Locale.ROOT,
                "%.1f s, scan %.2f s; compared %s, differences %s",
                rounds.median("verification"),
                rounds.median("scan"),
                last.path("compared").asText("?"),
                last.path("differences").asText("?"));
        Map<String, Object> raw = Map.of("seconds", rounds.raw(), "last", last);
        double ratio = rounds.ratio("verification", "scan");
        boolean whole = last.path("compared").asLong() >= Size.MILLION.entries()
                && last.path("differences").asLong(-1) == 0;
        return whole ? Outcome.of(figure, ratio, note, raw) : Outcome.unsound(figure, ratio, note, raw);
    }

    static JsonNode verify(Http migration) {
        String id = migration
                .post(VERIFICATIONS, Map.of("kind", "expense"))
                .path("id")
                .asText();
        JsonNode[] latest = new JsonNode[1];
        Patience.until("the verification is over", LIMIT, () -> {
            latest[0] = migration.get(VERIFICATIONS + "/" + id, JsonNode.class);
            return !Set.of("queued", "running").contains(latest[0].path("state").asText());
        });
        if (!"succeeded".equals(latest[0].path("state").asText())) {
            throw new IllegalStateException("the verification did not succeed: " + latest[0]);
        }
        return latest[0];
    }
}
