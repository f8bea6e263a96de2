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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForecastTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final Instant LATER = NOW.plusSeconds(3_600);
    private final SimLedger ledger = new SimLedger("expense");
    private Optional<Evidence.Entries> held = Optional.empty();
    private Optional<Evidence.Kept> kept = Optional.empty();
    private Optional<Evidence.Compared> compared = Optional.empty();

    private double seconds(int entries, Optional<RunBook.Entry> before, Optional<PaceProbe.Pace> pace) {
        for (long id = ledger.head() + 1; id <= entries; id++) {
            ledger.write(id, "x");
        }
        return (double) forecast(before, pace).get("seconds");
    }

    private Map<String, Object> forecast(Optional<RunBook.Entry> before, Optional<PaceProbe.Pace> pace) {
        return Forecast.of(ledger.state(), Plan.of(Phase.JSON_ONLY, Phase.DUAL_WRITE), evidence(before, pace));
    }

    private Evidence evidence(Optional<RunBook.Entry> before, Optional<PaceProbe.Pace> pace) {
        return new Evidence(before, pace, held, kept, compared);
    }

    private static RunBook.Entry ran(int entries, double backfill, double verification) {
        Run run = new Run();
        run.id = UUID.randomUUID();
        return entry(run, Plan.of(Phase.JSON_ONLY, Phase.DUAL_WRITE), entries, backfill, verification);
    }

    private static RunBook.Entry entry(
            Run run, List<StepName> plan, int entries, double backfill, double verification) {
        run.finishedAt = NOW.plusSeconds(600);
        List<Step> steps = new ArrayList<>();
        for (StepName name : plan) {
            Step step = Step.pending(run.id, steps.size(), name);
            double took = name == StepName.BACKFILL ? backfill : name == StepName.VERIFICATION ? verification : 0.1;
            step.total = name == StepName.BACKFILL ? entries : 0;
            step.startedAt = NOW;
            step.finishedAt = NOW.plusMillis(Math.round(1_000 * took));
            steps.add(step);
        }
        return new RunBook.Entry(run, steps);
    }

    @Test
    void whatTheLastRunTookGrowsWithTheEntries() {
        assertThat(seconds(200, Optional.of(ran(100, 10.3, 5.3)), Optional.empty()))
                .isEqualTo(31.0);
    }

    /** 100 entries; measured: 0.3 + 10 s to fill, 0.3 + 5 s to compare; what a step takes besides, 0.1 s each. */
    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
                    # entries then, filled, compared, expected: filled, compared, doubted
                    100, 10.3,  5.3, 10.3,  5.3, -
                    100, 20.5, 10.5, 20.5, 10.5, -
                    100,  5.3,  2.7,  5.3,  2.7, -
                    100, 20.7,  5.3, 10.3,  5.3, backfill
                    100,  5.1,  5.3, 10.3,  5.3, backfill
                    100, 10.3, 43.9, 10.3,  5.3, verification
                    100, 43.9,  0.5, 10.3,  5.3, backfill and verification
                     50, 10.3,  5.3, 20.3, 10.3, -
                     50, 11.3,  5.3, 10.3, 10.3, backfill
                    400, 20.3, 10.3,  5.3,  2.8, -
                    """)
    void theLastRunIsBelievedWithinAFactorOfTwoOfWhatIsMeasuredNow(
            int then, double filled, double compared, double backfill, double verification, String doubted) {
        RunBook.Entry last = ran(then, filled, compared);
        Optional<PaceProbe.Pace> pace = Optional.of(new PaceProbe.Pace(10, 20, 50, 25, 300));

        assertThat(seconds(100, Optional.of(last), pace))
                .isEqualTo(Math.round(10 * (4 * 0.1 + backfill + verification)) / 10d);
        assertThat(forecast(Optional.of(last), pace).get("based_on").toString())
                .startsWith("run " + last.run().id + " of the same way")
                .endsWith(
                        doubted == null
                                ? "of the same way"
                                : ", except " + doubted
                                        + ", where it took far from what is known of now: by a measurement of"
                                        + " this PostgreSQL just now: 10 rows/s filled, 20 entries/s compared");
    }

    @Test
    void lessThanASecondApartIsNotDoubted() {
        Optional<PaceProbe.Pace> fast = Optional.of(new PaceProbe.Pace(1e6, 1e6, 1e6, 1e6, 300));

        assertThat(seconds(100, Optional.of(ran(100, 1.2, 1.2)), fast)).isEqualTo(2.8);
        assertThat(seconds(100, Optional.of(ran(100, 1.5, 1.2)), fast)).isEqualTo(1.9);
    }

    @Test
    void whatPostgresqlSaysNothingAboutIsBelieved() {
        ledger.write(1, "x");
        ledger.dual(Phase.DUAL_WRITE);
        Run run = new Run();
        run.id = UUID.randomUUID();
        List<StepName> plan = Plan.of(Phase.DUAL_WRITE, Phase.JSON_ONLY);
        Optional<PaceProbe.Pace> pace = Optional.of(new PaceProbe.Pace(10, 20, 50, 25, 300));

        Map<String, Object> forecast =
                Forecast.of(ledger.state(), plan, evidence(Optional.of(entry(run, plan, 0, 0, 50)), pace));

        assertThat(forecast.get("seconds")).isEqualTo(50.3);
        assertThat(forecast.get("based_on")).isEqualTo("run " + run.id + " of the same way");
    }

    @Test
    void whatWasMeasuredHoldsWhereNothingRanYetAndIsNamed() {
        Optional<PaceProbe.Pace> pace = Optional.of(new PaceProbe.Pace(10, 20, 50, 25, 300));

        assertThat(seconds(100, Optional.empty(), pace)).isEqualTo(Math.round(10 * (5 * 0.3 + 10 + 5)) / 10d);
        assertThat(forecast(Optional.empty(), pace).get("based_on").toString())
                .contains("measurement")
                .contains("10 rows/s");
        assertThat(forecast(Optional.empty(), pace).get("disk_bytes")).isEqualTo(100L * 300);
        assertThat(forecast(Optional.empty(), Optional.empty()).get("based_on").toString())
                .contains("assumptions");
    }

    @Test
    void aSnapshotCountsWithEverythingThatItHolds() {
        Optional<PaceProbe.Pace> pace = Optional.of(new PaceProbe.Pace(10, 20, 50, 25, 300));
        double without = seconds(100, Optional.empty(), pace);

        held = Optional.of(new Evidence.Entries(0, 200));

        assertThat(seconds(100, Optional.empty(), pace)).isEqualTo(Math.round(10 * (without + 1 + 4)) / 10d);
        assertThat(forecast(Optional.empty(), pace).get("snapshot_included")).isEqualTo(true);
    }

    @Test
    void aSnapshotAndAVerificationAreExpectedToTakeWhatTheLastOnesTookBySize() {
        Optional<PaceProbe.Pace> pace = Optional.of(new PaceProbe.Pace(10, 20, 50, 25, 300));
        double filled = 4 * 0.3 + 10;
        held = Optional.of(new Evidence.Entries(100, 100));
        kept = Optional.of(new Evidence.Kept(new Evidence.Entries(50, 50), 7, LATER));
        compared = Optional.of(new Evidence.Compared(50, 2.3, LATER));

        // 1 + 2 x 6 s for twice the rows, 0.3 + 2 x 2 s for twice the entries
        assertThat(seconds(100, Optional.empty(), pace)).isEqualTo(Math.round(10 * (filled + 13 + 4.3)) / 10d);
        assertThat(forecast(Optional.empty(), pace).get("based_on").toString())
                .startsWith("the last snapshot, 7.0 s, the last verification, 2.3 s, and a measurement");
    }

    @Test
    void theTimeOfWhatWasMuchSmallerIsNotGoneBy() {
        Optional<PaceProbe.Pace> pace = Optional.of(new PaceProbe.Pace(10, 20, 50, 25, 300));
        held = Optional.of(new Evidence.Entries(0, 200));
        double measured = seconds(100, Optional.empty(), pace);

        kept = Optional.of(new Evidence.Kept(new Evidence.Entries(0, 19), 7, LATER));
        compared = Optional.of(new Evidence.Compared(9, 2.3, LATER));

        assertThat(seconds(100, Optional.empty(), pace)).isEqualTo(measured);
        assertThat(forecast(Optional.empty(), pace).get("based_on").toString()).startsWith("a measurement");
    }

    @Test
    void aLastRunWhoseSnapshotIsFarFromTheLastSnapshotIsDoubted() {
        held = Optional.of(new Evidence.Entries(0, 200));
        kept = Optional.of(new Evidence.Kept(new Evidence.Entries(0, 200), 7, LATER));

        // its snapshot took 0.1 s
        assertThat(seconds(100, Optional.of(ran(100, 10.3, 5.3)), Optional.empty()))
                .isEqualTo(Math.round(10 * (3 * 0.1 + 7 + 10.3 + 5.3)) / 10d);
    }

    /** Else a cold run would be believed because its own snapshot and verification say the same. */
    @Test
    void whatBelongsToTheLastRunItselfDoesNotConfirmIt() {
        Optional<PaceProbe.Pace> pace = Optional.of(new PaceProbe.Pace(10, 20, 50, 25, 300));
        compared = Optional.of(new Evidence.Compared(100, 43.9, NOW.plusSeconds(500)));

        assertThat(seconds(100, Optional.of(ran(100, 10.3, 43.9)), pace))
                .isEqualTo(Math.round(10 * (4 * 0.1 + 10.3 + 5.3)) / 10d);
    }
}
