package io.homebudget.local.move;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.local.home.Home;
import io.homebudget.local.move.KindReport.Verified;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MoveReportTest {
    private static final Verified FIVE_EQUAL = new Verified(5, 0, 0.1);

    @Test
    void all_verified_equal_is_0() {
        assertThat(report(kind(FIVE_EQUAL, FIVE_EQUAL, 0)).exitStatus()).isZero();
    }

    @Test
    void rejected_records_are_3() {
        assertThat(report(kind(FIVE_EQUAL, FIVE_EQUAL, 2)).exitStatus()).isEqualTo(3);
    }

    @Test
    void a_difference_in_either_verification_is_1_whatever_was_rejected() {
        assertThat(report(kind(new Verified(5, 1, 0.1), FIVE_EQUAL, 2)).exitStatus())
                .isEqualTo(1);
        assertThat(report(kind(FIVE_EQUAL, new Verified(5, 1, 0.1), 2)).exitStatus())
                .isEqualTo(1);
    }

    @Test
    void entries_of_which_none_was_compared_are_not_equal() {
        assertThat(report(kind(FIVE_EQUAL, new Verified(0, 0, 0.1), 0)).exitStatus())
                .isEqualTo(1);
    }

    @Test
    void a_failure_is_1_and_in_the_text() {
        MoveReport report = new MoveReport(List.of(), "none", 1, "the gate is closed");
        assertThat(report.exitStatus()).isEqualTo(1);
        assertThat(report.text(new Home(Path.of("/x")))).contains("NOT DONE: the gate is closed");
    }

    private static MoveReport report(KindReport kind) {
        return new MoveReport(List.of(kind), "none", 1, null);
    }

    private static KindReport kind(Verified both, Verified end, long rejected) {
        return new KindReport(Kind.EXPENSE, 5, List.of(), both, end, rejected, null);
    }
}
