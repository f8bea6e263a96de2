package io.homebudget.migration.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.internal.ShadowMismatch;
import io.homebudget.ledger.phase.Phase;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShadowCursorTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    private static ShadowMismatch mismatch(long number, Instant at) {
        return new ShadowMismatch(number, at, Phase.DUAL_WRITE, 3, "GET", "json", 7, List.of(1L), "served", "shadow");
    }

    @Test
    void theLastOneThatWasReadIsAskedForAgain() {
        ShadowCursor cursor = ShadowCursor.BEGINNING.past(List.of(mismatch(1, T0), mismatch(2, T0)));
        assertThat(cursor.after()).isEqualTo(1);
        assertThat(cursor.continuedBy(List.of(mismatch(2, T0), mismatch(3, T0))))
                .isTrue();
        assertThat(ShadowCursor.BEGINNING.after()).isZero();
        assertThat(ShadowCursor.BEGINNING.continuedBy(List.of())).isTrue();
    }

    @Test
    void anAnswerWithoutItIsOfAServiceThatStartedAnewUnlessItWasForgotten() {
        ShadowCursor cursor = new ShadowCursor(5, T0);
        assertThat(cursor.continuedBy(List.of())).isFalse();
        assertThat(cursor.continuedBy(List.of(mismatch(5, T0.plusSeconds(1))))).isFalse();
        assertThat(cursor.continuedBy(List.of(mismatch(900, T0), mismatch(901, T0))))
                .isTrue();
    }

    @Test
    void nothingNewLeavesItWhereItIs() {
        ShadowCursor cursor = new ShadowCursor(5, T0);
        assertThat(cursor.past(List.of())).isEqualTo(cursor);
        assertThat(cursor.past(List.of(mismatch(5, T0)))).isEqualTo(cursor);
    }
}
