package io.homebudget.migration.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.discrepancies.Finding;
import io.homebudget.migration.discrepancies.Finding.Type;
import io.homebudget.migration.standin.SimLedger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Comparing entries of which events told versions. */
class EntryComparisonTest {
    private final SimLedger ledger = new SimLedger("expense");

    private List<Finding> compare(Map<Long, Long> expected) {
        SimStores stores = new SimStores(ledger, () -> {});
        StoreName primary = ledger.phase().primary();
        EntryComparison comparison = ledger.phase().dual()
                ? EntryComparison.ofFollower(stores, primary, 1_000)
                : EntryComparison.ofOne(stores, primary);
        return comparison.compare(expected).await().atMost(Duration.ofSeconds(5));
    }

    private void written(Phase phase) {
        ledger.write(7, "one");
        ledger.write(7, "two");
        ledger.write(8, "gone");
        ledger.delete(8);
        ledger.dual(phase);
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void anEntryThatIsWhatItsLogSaysIsEqualInEveryPhase(Phase phase) {
        written(phase);
        assertThat(compare(Map.of(7L, 2L, 8L, 2L, 99L, 0L))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void anOldEventOfAnEntryThatIsNewerByNowIsNoDiscrepancy(Phase phase) {
        written(phase);
        assertThat(compare(Map.of(7L, 1L, 8L, 1L))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void anEntryThatIsGoneFromEveryStoreIsMissingBecauseItsLogHasIt(Phase phase) {
        written(phase);
        for (StoreName store : StoreName.values()) {
            ledger.tamper(store, 7, null);
        }
        assertThat(compare(Map.of(7L, 2L))).singleElement().satisfies(finding -> {
            assertThat(finding.type()).isEqualTo(Type.MISSING);
            assertThat(finding.damaged()).isEqualTo(phase.primary());
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"JSON_ONLY", "DATABASE_ONLY"})
    void anEntryThatFellBackToAnOlderVersionIsStaleWhereOneStoreIsInUse(Phase phase) {
        ledger.write(7, "one");
        SimLedger.Row old = ledger.row(StoreName.JSON, 7);
        ledger.write(7, "two");
        ledger.dual(phase);
        ledger.tamper(phase.primary(), 7, old);
        assertThat(compare(Map.of(7L, 2L))).singleElement().satisfies(finding -> assertThat(finding.type())
                .isEqualTo(Type.STALE));
    }

    @Test
    void anEventOfAnEntryThatNobodyKnowsAnyMoreIsNoDiscrepancy() {
        written(Phase.DUAL_WRITE);
        assertThat(compare(Map.of(1_000L, 5L))).isEmpty();
    }
}
