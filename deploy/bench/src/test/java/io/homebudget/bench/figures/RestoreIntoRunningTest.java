package io.homebudget.bench.figures;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.bench.report.Figure;
import org.junit.jupiter.api.Test;

class RestoreIntoRunningTest {
    private static final double READ = 2;
    private static final double WRITE = 20;

    @Test
    void what_is_written_counts_by_the_share_that_differs() {
        double small = RestoreIntoRunning.limit(READ, WRITE, 0.01);
        double large = RestoreIntoRunning.limit(READ, WRITE, 0.51);

        assertThat(large - small).isEqualTo(WRITE / 2);
    }

    @Test
    void a_restore_that_writes_everything_for_a_small_difference_does_not_reach() {
        double everything = RestoreIntoRunning.limit(READ, WRITE, 1);

        assertThat(Figure.RESTORE_RUNNING.reachedBy(everything / RestoreIntoRunning.limit(READ, WRITE, 0.01)))
                .isFalse();
    }
}
