package io.homebudget.migration.surroundings;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.migration.gates.Surroundings;
import io.homebudget.migration.snapshots.Backups.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SurveyorTest {
    private static final Instant MONDAY = Instant.parse("2026-11-16T12:00:00Z");
    private static final Instant TUESDAY = Instant.parse("2026-11-17T12:00:00Z");

    private static Surroundings.Shelf shelf(Snapshot... snapshots) {
        return Surveyor.shelfOf(List.of(snapshots)).fold(shelf -> shelf, why -> null, why -> null);
    }

    @Test
    void aSnapshotThatALaterCheckFoundDamagedIsNoWayBack() {
        Snapshot good = new Snapshot("good", MONDAY, MONDAY, true);
        Snapshot damagedSince = new Snapshot("damaged", TUESDAY, TUESDAY, false);
        Snapshot unread = new Snapshot("unread", TUESDAY, null, true);

        assertThat(shelf(damagedSince, unread).newestVerified()).isEmpty();
        assertThat(shelf(good, damagedSince, unread).newestVerified()).isEqualTo(Optional.of(MONDAY));
    }
}
