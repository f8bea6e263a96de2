package io.homebudget.migration.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.discrepancies.Finding;
import io.homebudget.migration.discrepancies.Finding.Type;
import io.homebudget.migration.standin.SimLedger;
import io.homebudget.migration.standin.SimLedger.Row;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerifierTest {
    private SimLedger ledger;

    @BeforeEach
    void hundredEntriesInBothStores() {
        ledger = new SimLedger("expense");
        for (long id = 1; id <= 100; id++) {
            ledger.write(id, "value " + id);
        }
        ledger.delete(50);
        ledger.dual(Phase.DUAL_WRITE);
    }

    private VerificationResult verify() {
        return SimStores.verify(new SimStores(ledger, () -> {}));
    }

    private static Row with(Row row, String value) {
        return new Row(row.version(), row.epoch(), row.changeId(), row.recorded(), value, false);
    }

    private void assertOne(Type type, StoreName damaged, long id) {
        assertThat(verify().findings()).singleElement().satisfies(finding -> {
            assertThat(finding.entryId()).isEqualTo(id);
            assertThat(finding.type()).isEqualTo(type);
            assertThat(finding.damaged()).isEqualTo(damaged);
        });
    }

    @Test
    void equalStoresAreClean() {
        VerificationResult result = verify();
        assertThat(result.clean()).isTrue();
        assertThat(result.compared()).isEqualTo(99);
        assertThat(result.verifiedThrough()).isEqualTo(101);
    }

    @ParameterizedTest
    @EnumSource(StoreName.class)
    void aChangedValueIsTheDamageOfTheSideThatHoldsItPrimaryOrNotA37(StoreName damaged) {
        ledger.tamper(damaged, 7, with(ledger.row(damaged, 7), "other"));
        assertOne(Type.FIELD, damaged, 7);
    }

    @ParameterizedTest
    @EnumSource(StoreName.class)
    void aRemovedRowIsMissingWhereItWasRemoved(StoreName damaged) {
        ledger.tamper(damaged, 7, null);
        assertOne(Type.MISSING, damaged, 7);
    }

    @ParameterizedTest
    @EnumSource(StoreName.class)
    void aRowThatNoChangeMadeIsExtraWhereItStands(StoreName damaged) {
        ledger.tamper(damaged, 777, new Row(0, 0, null, null, "by hand", false));
        assertOne(Type.EXTRA, damaged, 777);
    }

    @Test
    void aResurrectedRowIsExtra() {
        Row tombstone = ledger.row(StoreName.POSTGRES, 50);
        ledger.tamper(
                StoreName.POSTGRES,
                50,
                new Row(tombstone.version(), 1, tombstone.changeId(), SimLedger.digest(50, "x"), "x", false));
        assertOne(Type.EXTRA, StoreName.POSTGRES, 50);
    }

    @Test
    void aFollowerThatIsBeingFilledIsNotCompared() {
        ledger.startBackfill();
        assertThatThrownBy(this::verify).isInstanceOf(Verifier.FollowerIncomplete.class);
    }

    @Test
    void anOlderRowOfADeletedEntryIsExtraAndAnOlderDeletionOfALiveOneIsMissing() {
        Row old = ledger.row(StoreName.POSTGRES, 7);
        ledger.delete(7);
        ledger.write(50, "back");
        ledger.apply(10);
        Row tombstone = ledger.row(StoreName.JSON, 7);
        ledger.tamper(StoreName.POSTGRES, 7, old);
        ledger.tamper(StoreName.POSTGRES, 50, new Row(2, 1, tombstone.changeId(), null, null, true));
        assertThat(verify().findings())
                .extracting(Finding::entryId, Finding::type)
                .containsExactlyInAnyOrder(tuple(7L, Type.EXTRA), tuple(50L, Type.MISSING));
    }

    @Test
    void anOlderVersionIsStale() {
        Row old = ledger.row(StoreName.POSTGRES, 7);
        ledger.write(7, "newer");
        ledger.apply(10);
        ledger.tamper(StoreName.POSTGRES, 7, old);
        assertOne(Type.STALE, StoreName.POSTGRES, 7);
    }

    @Test
    void swappedContentsOfTwoIdsAreTwoFindingsA20() {
        Row seven = ledger.row(StoreName.POSTGRES, 7);
        Row eight = ledger.row(StoreName.POSTGRES, 8);
        ledger.tamper(StoreName.POSTGRES, 7, with(seven, eight.value()));
        ledger.tamper(StoreName.POSTGRES, 8, with(eight, seven.value()));
        assertThat(verify().findings()).extracting(Finding::entryId).containsExactlyInAnyOrder(7L, 8L);
    }

    @Test
    void twoChangesOfTheSameVersionAreFoundA35() {
        Row ours = ledger.row(StoreName.POSTGRES, 7);
        ledger.tamper(
                StoreName.POSTGRES,
                7,
                new Row(ours.version(), 2, UUID.randomUUID(), SimLedger.digest(7, "orphan"), "orphan", false));
        assertOne(Type.FIELD, StoreName.POSTGRES, 7);
    }

    @Test
    void aFileThatIsNotWhatMemoryServesIsFound() {
        ledger.tamperDisk(7, with(ledger.row(StoreName.JSON, 7), "edited"));
        assertOne(Type.FIELD, StoreName.JSON, 7);
        ledger.tamperDisk(7, null);
        assertOne(Type.MISSING, StoreName.JSON, 7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"value 7", "other"})
    void anIdThatStandsTwiceInTheFileIsFoundWhateverTheSecondRecordHoldsA20(String second) {
        Row right = ledger.row(StoreName.JSON, 7);
        ledger.secondOnDisk(7, new Row(0, 0, null, null, second, false));
        assertOne(Type.EXTRA, StoreName.JSON, 7);
        ledger.secondOnDisk(7, with(right, second));
        assertOne(Type.EXTRA, StoreName.JSON, 7);
        ledger.secondOnDisk(7, null);
        assertThat(verify().clean()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"JSON_ONLY", "DATABASE_ONLY"})
    void aSingleStoreIsComparedWithWhatItsChangesRecorded(Phase phase) {
        ledger.dual(phase);
        assertThat(verify().clean()).isTrue();
        ledger.tamper(phase.primary(), 7, with(ledger.row(phase.primary(), 7), "other"));
        assertOne(Type.FIELD, phase.primary(), 7);
    }

    @Test
    void oneFaultIsLocatedByReadingTheRowsOfItsBucketAndOfNoOther() {
        for (long id = 101; id <= 6_100; id++) {
            ledger.write(id, "value " + id);
        }
        ledger.apply(10_000);
        assertThat(verify().entriesRead()).isZero();
        ledger.tamper(StoreName.POSTGRES, 77, with(ledger.row(StoreName.POSTGRES, 77), "other"));

        VerificationResult result = verify();

        assertThat(result.findings()).singleElement().satisfies(finding -> assertThat(finding.entryId())
                .isEqualTo(77));
        // 100 ids fall into the bucket; each side's rows, then the suspect alone on each side
        assertThat(result.bucketsRead()).isEqualTo(1);
        assertThat(result.entriesRead()).isEqualTo(2 * 100 + 2);
    }

    @Test
    void whatClientsWriteMeanwhileCostsNoSecondRoundAndNoRow() {
        int[] n = {0};
        SimStores busy = new SimStores(ledger, () -> {
            ledger.write(1 + n[0] % 99, "changed " + n[0]);
            ledger.write(1_000 + n[0], "created " + n[0]);
            ledger.delete(1 + (n[0] * 7) % 40);
            n[0]++;
        });

        VerificationResult result = SimStores.verify(busy);

        assertThat(result.clean()).isTrue();
        assertThat(busy.digestReads).isEqualTo(3);
        assertThat(busy.bucketReads).isZero();
    }

    @Test
    void anEntryThatNeverRestsIsVerifiedAndGivesNoFalseAlarmA19() {
        int[] n = {0};
        SimStores hot = new SimStores(ledger, () -> ledger.write(7, "hot " + n[0]++));
        assertThat(SimStores.verify(hot).clean()).isTrue();
    }

    @Test
    void damageOfAnEntryThatNeverRestsIsFoundWhileItStandsA19() {
        int[] n = {0};
        SimStores hot = new SimStores(ledger, () -> {
            ledger.write(7, "hot " + n[0]++);
            Row row = ledger.row(StoreName.JSON, 7);
            ledger.tamper(StoreName.JSON, 7, with(row, "damaged"));
        });
        assertThat(SimStores.verify(hot).findings())
                .extracting(Finding::entryId, Finding::damaged)
                .contains(tuple(7L, StoreName.JSON));
    }

    @Test
    void sparseIdsCostFewReadsA21() {
        ledger.write(Integer.MAX_VALUE, "far");
        ledger.apply(10);
        SimStores stores = new SimStores(ledger, () -> {});
        assertThat(SimStores.verify(stores).clean()).isTrue();
        assertThat(stores.bucketReads).isZero();
        assertThat(stores.digestReads).isEqualTo(3);
    }

    @Test
    void aWhollyDifferentStoreIsCountedAndSweptInFewReads() {
        for (long id = 101; id <= 3000; id++) {
            ledger.write(id, "value " + id);
        }
        ledger.apply(10_000);
        for (long id = 1; id <= 3000; id++) {
            ledger.tamper(StoreName.POSTGRES, id, null);
        }
        SimStores stores = new SimStores(ledger, () -> {});
        assertThat(SimStores.verify(stores).differences()).isEqualTo(2999);
        assertThat(stores.bucketReads).isLessThanOrEqualTo(4);
    }
}
