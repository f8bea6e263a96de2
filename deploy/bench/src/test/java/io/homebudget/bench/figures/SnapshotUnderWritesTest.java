package io.homebudget.bench.figures;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.bench.report.Figure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotUnderWritesTest {

    @ParameterizedTest
    @CsvSource({
        // during, without: at most 30 ms, or at most 3 times
        "30, 1, true",
        "30.1, 1, false",
        "30, 12, true",
        "36, 12, true",
        "36.1, 12, false",
        "5, 50, true",
    })
    void either_thirty_milliseconds_or_three_times_reaches(double during, double without, boolean reached) {
        assertThat(Figure.SNAPSHOT_P99.reachedBy(SnapshotUnderWrites.times(during, without)))
                .isEqualTo(reached);
    }
}
