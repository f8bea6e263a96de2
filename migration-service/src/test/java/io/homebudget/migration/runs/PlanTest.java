package io.homebudget.migration.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.phase.Phase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlanTest {

    static List<Arguments> allPairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (Phase from : Phase.values()) {
            for (Phase to : Phase.values()) {
                pairs.add(Arguments.of(from, to));
            }
        }
        return pairs;
    }

    @ParameterizedTest
    @MethodSource("allPairs")
    void thereIsAPlanForNeighboursAndForNoOtherPairA15(Phase from, Phase to) {
        if (Math.abs(from.ordinal() - to.ordinal()) != 1) {
            assertThatThrownBy(() -> Plan.of(from, to)).isInstanceOf(IllegalArgumentException.class);
            return;
        }
        List<StepName> plan = Plan.of(from, to);
        assertThat(plan).startsWith(StepName.GATES);
        assertThat(plan.stream().filter(step -> step == StepName.PHASE_CHANGE)).hasSize(1);
        assertThat(plan).contains(StepName.VERIFICATION);
    }

    @ParameterizedTest
    @MethodSource("allPairs")
    void whatWillRuleIsProvenBeforeItRulesAndWhatIsLeftIsComparedBeforeItIsLeft(Phase from, Phase to) {
        if (from == Phase.DUAL_WRITE && to == Phase.DATABASE_READS
                || from == Phase.DATABASE_READS && to == Phase.DATABASE_ONLY) {
            List<StepName> plan = Plan.of(from, to);
            assertThat(plan.indexOf(StepName.VERIFICATION)).isLessThan(plan.indexOf(StepName.PHASE_CHANGE));
            assertThat(plan.indexOf(StepName.CATCH_UP)).isLessThan(plan.indexOf(StepName.VERIFICATION));
        }
    }

    @ParameterizedTest
    @MethodSource("allPairs")
    void aSnapshotIsMadeBeforeEveryStepAndARollbackWaitsForNothing(Phase from, Phase to) {
        if (!from.isNeighbourOf(to)) {
            return;
        }
        assertThat(Plan.of(from, to)).startsWith(StepName.GATES, StepName.SNAPSHOT);
        assertThat(Plan.rollback(from, to)).doesNotContain(StepName.GATES, StepName.SNAPSHOT);
    }

    @Test
    void aRunForwardsMayAlwaysBeUndoneAndOneBackOnlyWhereTheSameStoreRules() {
        assertThat(Plan.mayUndo(Phase.JSON_ONLY, Phase.DUAL_WRITE)).isTrue();
        assertThat(Plan.mayUndo(Phase.DUAL_WRITE, Phase.DATABASE_READS)).isTrue();
        assertThat(Plan.mayUndo(Phase.DATABASE_ONLY, Phase.DATABASE_READS)).isTrue();
        assertThat(Plan.mayUndo(Phase.DATABASE_READS, Phase.DUAL_WRITE)).isFalse();
    }

    @Test
    void aRunThatEndedStaysEnded() {
        for (RunState ended : List.of(RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)) {
            for (RunState next : RunState.values()) {
                assertThat(ended.mayBecome(next)).isFalse();
            }
        }
        assertThat(RunState.QUEUED.mayBecome(RunState.SUCCEEDED)).isFalse();
        assertThat(RunState.RUNNING.mayBecome(RunState.QUEUED)).isFalse();
    }
}
