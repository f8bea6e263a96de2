package io.homebudget.migration.surroundings;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.migration.gates.Known;
import io.homebudget.migration.gates.Surroundings;
import io.homebudget.migration.snapshots.Backups.Snapshot;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SurveyorTest {
    private static final Instant MONDAY = Instant.parse("2026-11-16T12:00:00Z");
    private static final Instant TUESDAY = Instant.parse("2026-11-17T12:00:00Z");

    private static Surroundings.Shelf shelf(Snapshot... snapshots) {
        return Surveyor.shelfOf(List.of(snapshots)).fold(shelf -> shelf, why -> null, why -> null);
    }

    @Test
    void whatCouldNotBeFoundOutIsAskedForAgainBeforeAnAnswerIsForgotten() {
        AtomicLong now = new AtomicLong();
        AtomicInteger looks = new AtomicInteger();
        Uni<Known<Integer>> view = Surveyor.remembered(
                Uni.createFrom().item(() -> looks.incrementAndGet() == 1 ? Known.unknown("slow") : Known.of(7)),
                now::get);

        assertThat(asked(view)).isEqualTo(Known.unknown("slow"));
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(499));
        assertThat(asked(view)).isEqualTo(Known.unknown("slow"));
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(asked(view)).isEqualTo(Known.of(7));
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(2_999));
        assertThat(asked(view)).isEqualTo(Known.of(7));
        assertThat(looks).hasValue(2);
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(asked(view)).isEqualTo(Known.of(7));
        assertThat(looks).hasValue(3);
    }

    private static Known<Integer> asked(Uni<Known<Integer>> view) {
        return view.await().atMost(Duration.ofSeconds(10));
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
