package io.homebudget.migration.runs;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.standin.SimLedger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ForecastTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private final SimLedger ledger = new SimLedger("expense");
    private long inSnapshot;

    private double seconds(int entries, Optional<RunBook.Entry> before, Optional<PaceProbe.Pace> pace) {
        for (long id = ledger.head() + 1; id <= entries; id++) {
            ledger.write(id, "x");
        }
        return (double) forecast(before, pace).get("seconds");
    }

    private Map<String, Object> forecast(Optional<RunBook.Entry> before, Optional<PaceProbe.Pace> pace) {
        return Forecast.of(ledger.state(), Plan.of(Phase.JSON_ONLY, Phase.DUAL_WRITE), before, pace, inSnapshot);
    }

    private static RunBook.Entry ran(int entries, double backfill, double verification) {
        Run run = new Run();
        run.id = UUID.randomUUID();
        List<Step> steps = new ArrayList<>();
        for (StepName name : Plan.of(Phase.JSON_ONLY, Phase.DUAL_WRITE)) {
            Step step = Step.pending(run.id, steps.size(), name);
            double took = name == StepName.BACKFILL ? backfill : name == StepName.VERIFICATION ? verification : 0.1;
            step.total = name == StepName.BACKFILL ? entries : 0;
            step.startedAt = NOW;
            step.finishedAt = NOW.plusMillis((long) (1_000 * took));
            steps.add(step);
        }
        return new RunBook.Entry(run, steps);
    }

    @Test
    void whatTheLastRunTookGrowsWithTheEntries() {
        assertThat(seconds(200, Optional.of(ran(100, 10.3, 5.3)), Optional.empty()))
                .isEqualTo(31.0);
    }

    @Test
    void whatWasMeasuredHoldsWhereNothingRanYetAndIsNamed() {
        Optional<PaceProbe.Pace> pace = Optional.of(new PaceProbe.Pace(10, 20, 50, 25));

        assertThat(seconds(100, Optional.empty(), pace)).isEqualTo(Math.round(10 * (5 * 0.3 + 10 + 5)) / 10d);
        assertThat(forecast(Optional.empty(), pace).get("based_on").toString())
                .contains("measurement")
                .contains("10 rows/s");
        assertThat(forecast(Optional.empty(), Optional.empty()).get("based_on").toString())
                .contains("assumptions");
    }

    @Test
    void aSnapshotCountsWithEverythingThatItHolds() {
        Optional<PaceProbe.Pace> pace = Optional.of(new PaceProbe.Pace(10, 20, 50, 25));
        double without = seconds(100, Optional.empty(), pace);

        inSnapshot = 200;

        assertThat(seconds(100, Optional.empty(), pace)).isEqualTo(Math.round(10 * (without + 1 + 4)) / 10d);
        assertThat(forecast(Optional.empty(), pace).get("snapshot_included")).isEqualTo(true);
    }
}
