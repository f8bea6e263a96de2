package io.homebudget.migration.discrepancies;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.discrepancies.Finding.Cause;
import io.homebudget.migration.discrepancies.Finding.Place;
import io.homebudget.migration.discrepancies.Finding.Type;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SettlementTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final UUID WRONG = new UUID(0, 1);
    private static final UUID RIGHT = new UUID(0, 2);

    private static EntryState state(UUID actual) {
        return new EntryState(7, 3, 1, new UUID(1, 1), false, RIGHT, actual);
    }

    private static Finding finding(StoreName damaged, Place place) {
        EntryState primary = damaged == StoreName.JSON && place == Place.SERVED ? state(WRONG) : state(RIGHT);
        EntryState other = damaged == StoreName.JSON && place == Place.SERVED ? state(RIGHT) : state(WRONG);
        return new Finding(
                7, Type.FIELD, damaged, StoreName.JSON, place, primary, other, Cause.VALUES_CHANGED, "not as recorded");
    }

    private static DiscrepancyRow row(String state, String damaged, String place) {
        DiscrepancyRow row = new DiscrepancyRow();
        row.id = 1L;
        row.kind = "expense";
        row.entryId = 7;
        row.type = "field";
        row.damaged = damaged;
        row.place = place;
        row.state = state;
        row.seenVersion = 3;
        row.seenActual = WRONG;
        row.changeId = new UUID(1, 1);
        row.seenAt = T0;
        return row;
    }

    @Test
    void whatTheDamagedSideHeldIsWhatARepairMayWriteOver() {
        assertThat(finding(StoreName.POSTGRES, Place.SERVED).seen().actual()).isEqualTo(WRONG);
        assertThat(finding(StoreName.JSON, Place.SERVED).seen().actual()).isEqualTo(WRONG);
        assertThat(finding(StoreName.JSON, Place.DISK).seen().actual()).isEqualTo(WRONG);
    }

    @Test
    void theSameSideOfAnEntryInTheSamePlaceIsOneFault() {
        Finding finding = finding(StoreName.POSTGRES, Place.SERVED);
        assertThat(Settlement.open(List.of(row("open", "postgres", "served")), finding))
                .isPresent();
        assertThat(Settlement.open(List.of(row("open", "json", "served")), finding))
                .isEmpty();
        assertThat(Settlement.open(List.of(row("open", "postgres", "disk")), finding))
                .isEmpty();
        assertThat(Settlement.open(List.of(row("repaired", "postgres", "served")), finding))
                .isEmpty();
    }

    @Test
    void aDismissedFaultComesBackOnlyWhenItIsAnotherOne() {
        DiscrepancyRow dismissed = row("dismissed", "postgres", "served");
        Finding same = finding(StoreName.POSTGRES, Place.SERVED);
        assertThat(Settlement.dismissed(List.of(dismissed), same)).isTrue();
        dismissed.seenActual = RIGHT;
        assertThat(Settlement.dismissed(List.of(dismissed), same)).isFalse();
    }

    @Test
    void anEqualEntryClosesWhatWasSeenBeforeTheLookBeganAndNothingNewer() {
        DiscrepancyRow row = row("open", "postgres", "served");
        assertThat(closed(row, List.of(), Set.of(7L), T0)).containsExactly(row);
        assertThat(closed(row, List.of(), Set.of(7L), T0.minusMillis(1))).isEmpty();
        assertThat(closed(row, List.of(), Set.of(8L), T0)).isEmpty();
    }

    @Test
    void anEntryThatIsServedEquallyDoesNotCloseWhatIsWrongOnDisk() {
        assertThat(closed(row("open", "json", "disk"), List.of(), Set.of(7L), T0))
                .isEmpty();
    }

    @Test
    void aLookThatBeganBeforeTheSideWasMendedMustLookAgain() {
        DiscrepancyRow repaired = row("repaired", "postgres", "served");
        repaired.resolvedAt = T0;
        Finding finding = finding(StoreName.POSTGRES, Place.SERVED);
        assertThat(Settlement.overtaken(List.of(repaired), finding, T0)).isTrue();
        assertThat(Settlement.overtaken(List.of(repaired), finding, T0.plusMillis(1)))
                .isFalse();
        assertThat(Settlement.overtaken(List.of(row("open", "postgres", "served")), finding, T0))
                .isFalse();
    }

    @Test
    void thePrimaryWasIntactWhereTheFollowerIsFoundDamaged() {
        DiscrepancyRow ofPrimary = row("open", "json", "served");
        DiscrepancyRow ofFollower = row("open", "postgres", "served");
        assertThat(closed(ofPrimary, List.of(finding(StoreName.POSTGRES, Place.SERVED)), Set.of(), T0))
                .containsExactly(ofPrimary);
        assertThat(closed(ofFollower, List.of(finding(StoreName.JSON, Place.SERVED)), Set.of(), T0))
                .isEmpty();
    }

    private static List<DiscrepancyRow> closed(
            DiscrepancyRow row, List<Finding> findings, Set<Long> equal, Instant began) {
        return Settlement.disproved(List.of(row), findings, equal, Place.SERVED, began);
    }
}
