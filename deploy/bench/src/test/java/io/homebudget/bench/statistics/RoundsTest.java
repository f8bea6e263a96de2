package io.homebudget.bench.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoundsTest {

    @Test
    void the_median_of_an_even_count_lies_between_the_two_in_the_middle() {
        assertThat(Rounds.median(List.of(4.0, 1.0, 3.0, 100.0))).isEqualTo(3.5);
        assertThat(Rounds.median(List.of(9.0, 1.0, 3.0))).isEqualTo(3.0);
    }

    @Test
    void one_disturbed_round_does_not_decide_a_ratio() {
        Rounds rounds = new Rounds();
        for (double number : new double[] {50, 52, 5}) {
            rounds.add("service", number);
        }
        for (double number : new double[] {100, 10, 102}) {
            rounds.add("bare", number);
        }

        assertThat(rounds.ratio("service", "bare")).isEqualTo(0.5);
    }

    @Test
    void the_spread_tells_how_far_rounds_lie_apart() {
        Rounds rounds = new Rounds();
        rounds.add("a", 90);
        rounds.add("a", 100);
        rounds.add("a", 120);

        assertThat(rounds.spread("a")).isCloseTo(0.3, within(1e-9));
    }

    @Test
    void a_side_that_was_not_measured_or_did_nothing_gives_no_ratio() {
        Rounds rounds = new Rounds();
        rounds.add("service", 10);
        rounds.add("dead", 0);

        assertThatThrownBy(() -> rounds.ratio("service", "bare")).hasMessageContaining("bare");
        assertThatThrownBy(() -> rounds.ratio("service", "dead")).hasMessageContaining("dead");
    }
}
