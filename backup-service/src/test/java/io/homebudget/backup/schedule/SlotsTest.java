package io.homebudget.backup.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SlotsTest {
    private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant SLOT = Instant.parse("2026-01-31T03:00:00Z");

    private final Slots daily = new Slots("BACKUP_SCHEDULE", "0 0 3 * * ?");

    @Test
    void aMomentIsDueFromItsSecondOnUntilItIsServed() {
        assertThat(daily.due(SLOT.minusSeconds(1), SINCE, SLOT.minus(Duration.ofHours(23))))
                .isEmpty();
        assertThat(daily.due(SLOT, SINCE, SLOT.minus(Duration.ofHours(23)))).contains(SLOT);
        assertThat(daily.due(SLOT.plusMillis(500), SINCE, SLOT.minus(Duration.ofHours(23))))
                .contains(SLOT);
        assertThat(daily.due(SLOT.plusSeconds(9), SINCE, SLOT.plusSeconds(3))).isEmpty();
    }

    @Test
    void aMachineThatSleptThroughManyMomentsServesThemOnce() {
        Instant morning = SLOT.plus(Duration.ofHours(5));
        assertThat(daily.due(morning, SINCE, SLOT.minus(Duration.ofDays(9)))).contains(SLOT);
        assertThat(daily.due(morning, SINCE, morning.minusSeconds(1))).isEmpty();
    }

    @Test
    void aNewInstallationHasMissedNothing() {
        assertThat(daily.due(SLOT.plusSeconds(60), SLOT.plusSeconds(30), null)).isEmpty();
        assertThat(daily.due(SLOT.plus(Duration.ofDays(1)), SLOT.plusSeconds(30), null))
                .isPresent();
    }

    @Test
    void weeklyIsOnSundays() {
        Slots weekly = new Slots("BACKUP_SCHEDULE", "0 0 3 ? * SUN");
        assertThat(weekly.due(Instant.parse("2026-02-03T12:00:00Z"), SINCE, null))
                .contains(Instant.parse("2026-02-01T03:00:00Z"));
    }

    @Test
    void offIsNever() {
        assertThat(new Slots("BACKUP_SCHEDULE", "off").due(SLOT, SINCE, null)).isEmpty();
    }

    @Test
    void whatIsNoCronExpressionIsRefusedNamingTheSetting() {
        assertThatThrownBy(() -> new Slots("BACKUP_SCHEDULE", "every night"))
                .hasMessageContaining("BACKUP_SCHEDULE")
                .hasMessageContaining("0 0 3 * * ?");
    }

    /** A drill that failed was no drill: the next one must not be a month away. */
    @Test
    void whatFailedAtItsMomentIsDueAgainAfterAPauseAndWhatIsUnderWayIsNotOrderedTwice() {
        Job failed = job(JobState.FAILED, SLOT.plusSeconds(1), SLOT.plusSeconds(9));
        Job running = job(JobState.RUNNING, SLOT.plusSeconds(1), null);
        Job before = job(JobState.SUCCEEDED, SLOT.minus(Duration.ofDays(1)), SLOT.minus(Duration.ofHours(23)));

        assertThat(Retries.lastDone(List.of(failed, before))).isEqualTo(before.createdAt());
        assertThat(Retries.free(SLOT.plusSeconds(30), SLOT, List.of(failed, before)))
                .isFalse();
        assertThat(Retries.free(SLOT.plusSeconds(70), SLOT, List.of(failed, before)))
                .isTrue();
        assertThat(Retries.free(SLOT.plusSeconds(70), SLOT, List.of(running, before)))
                .isFalse();
        assertThat(Retries.free(SLOT.plusSeconds(70), SLOT, List.of(before))).isTrue();
    }

    private static Job job(JobState state, Instant created, Instant finished) {
        return new Job(
                UUID.randomUUID(), "drill", state, 0, "", created, created, finished, null, "schedule", null, Map.of());
    }

    @Test
    void failuresAreRepeatedAfterGrowingPausesAndNotForEver() {
        assertThat(Retries.allowed(SLOT, List.of())).isTrue();
        assertThat(Retries.allowed(SLOT.plusSeconds(59), List.of(SLOT))).isFalse();
        assertThat(Retries.allowed(SLOT.plusSeconds(60), List.of(SLOT))).isTrue();
        assertThat(Retries.allowed(SLOT.plusSeconds(179), List.of(SLOT, SLOT.plusSeconds(60))))
                .isFalse();
        assertThat(Retries.allowed(SLOT.plusSeconds(180), List.of(SLOT.plusSeconds(60), SLOT)))
                .isTrue();
        assertThat(Retries.allowed(SLOT.plus(Duration.ofHours(1)), Collections.nCopies(10, SLOT)))
                .isTrue();
        assertThat(Retries.allowed(SLOT.plus(Duration.ofDays(1)), Collections.nCopies(Retries.MOST, SLOT)))
                .isFalse();
    }
}
