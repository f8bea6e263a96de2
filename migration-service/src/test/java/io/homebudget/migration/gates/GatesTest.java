package io.homebudget.migration.gates;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.verify.VerificationBook;
import io.homebudget.migration.verify.VerificationRow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatesTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private Phase phase = Phase.DUAL_WRITE;
    private String followerState = "following";
    private double oldest = 0;
    private boolean rollbackReady = true;
    private Phase pinned;
    private String postgres = "connected";
    private String schemaPending;
    private Instant since = NOW.minus(Duration.ofHours(1));
    private List<String> notices = List.of();
    private Optional<VerificationBook.Standing> verification = Optional.of(verified(0, NOW.minusSeconds(60)));
    private Optional<String> interlock = Optional.empty();
    private Optional<String> closedWay = Optional.empty();
    private Known<Surroundings.Room> room = Known.of(new Surroundings.Room(1_000_000, Known.of(2_000_000L)));
    private Known<Surroundings.Shelf> snapshots = Known.notUsed("No snapshots: BACKUP_URL is not set.");
    private Known<Duration> retention = Known.of(Duration.ofDays(35));
    private Known<Integer> replicas = Known.of(1);
    private boolean snapshotByRun = true;
    private boolean active;
    private boolean tables = true;
    private Duration soak = Duration.ZERO;

    private static VerificationBook.Standing verified(long differences, Instant at) {
        VerificationRow row = new VerificationRow();
        row.state = "succeeded";
        row.differences = differences;
        row.finishedAt = at;
        return new VerificationBook.Standing(
                Optional.of(row), Optional.empty(), differences == 0 ? Map.of() : Map.of("field", differences));
    }

    private List<String> closedTowards(Phase target) {
        return Gates.closed(checks(target)).stream().map(Check::name).toList();
    }

    private List<Check> checks(Phase target) {
        LedgerState state = new LedgerState(
                "expense",
                phase,
                3,
                phase.primary().word(),
                "postgres",
                followerState,
                true,
                0,
                oldest,
                0,
                "running",
                Map.of("json", 5L),
                0,
                0,
                9,
                9,
                rollbackReady,
                "why",
                pinned,
                Map.of("json", "connected", "postgres", postgres),
                null,
                schemaPending,
                null,
                since,
                notices);
        Situation situation = new Situation(
                Kind.EXPENSE,
                state,
                target,
                tables,
                true,
                verification,
                Optional.of(active),
                interlock,
                closedWay,
                new Surroundings(room, snapshots, retention, replicas),
                new Situation.Rules(true, snapshotByRun, soak, Duration.ofHours(24), Duration.ofHours(24)),
                NOW);
        List<Check> checks = Gates.check(situation);
        assertThat(checks).allSatisfy(check -> {
            assertThat(check.reason()).isNotBlank();
            assertThat(check.ok()).isEqualTo(check.advice().isEmpty());
        });
        return checks;
    }

    @Test
    void allGatesAreOpenWhereAllIsWell() {
        assertThat(closedTowards(Phase.DATABASE_READS)).isEmpty();
        assertThat(closedTowards(Phase.JSON_ONLY)).isEmpty();
    }

    @Test
    void aStoreOutOfReachClosesTheWayForwardAndNotTheWayBack() {
        postgres = "disconnected";
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("stores_reachable");
        assertThat(closedTowards(Phase.JSON_ONLY)).isEmpty();
    }

    @Test
    void aFollowerThatIsNotFilledClosesTheWayForward() {
        followerState = "needs_backfill";
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("follower_caught_up", "backfill_complete");
    }

    @Test
    void aFollowerThatLagsLongClosesTheWayForward() {
        oldest = 31;
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("follower_caught_up");
    }

    @Test
    void differencesCloseTheWayForwardUntilACleanVerification() {
        verification = Optional.of(verified(2, NOW.minusSeconds(60)));
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("verification_clean", "no_open_discrepancies");
    }

    @Test
    void whatIsNotKnownWhilePostgresIsAwayClosesTheWayForward() {
        verification = Optional.empty();
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("verification_clean", "no_open_discrepancies");
    }

    @Test
    void theSoakTimeMustHavePassedInTheDualPhase() {
        soak = Duration.ofHours(48);
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("soak_time");
        since = NOW.minus(Duration.ofHours(48));
        assertThat(closedTowards(Phase.DATABASE_READS)).isEmpty();
        phase = Phase.JSON_ONLY;
        since = NOW;
        assertThat(closedTowards(Phase.DUAL_WRITE)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "130, 150, In this phase for 2 h 10 min of 2 h 30 min",
        "20, 30, In this phase for 20 min of 30 min",
        "2879, 2880, In this phase for 47 h 59 min of 48 h",
        "180, 150, In this phase for 3 h."
    })
    void theSoakTimeIsToldToTheMinute(long in, long asked, String told) {
        soak = Duration.ofMinutes(asked);
        since = NOW.minus(Duration.ofMinutes(in));

        assertThat(checks(Phase.DATABASE_READS))
                .filteredOn(check -> check.name().equals("soak_time"))
                .singleElement()
                .satisfies(check -> assertThat(check.reason()).startsWith(told));
    }

    @Test
    void aPinnedPhaseIsNotLeftInEitherDirection() {
        pinned = Phase.DUAL_WRITE;
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("phase_not_pinned");
        assertThat(closedTowards(Phase.JSON_ONLY)).containsExactly("phase_not_pinned");
        pinned = Phase.DATABASE_ONLY;
        assertThat(closedTowards(Phase.DATABASE_READS)).isEmpty();
    }

    @Test
    void theWayBackIsClosedWhereJsonIsNotInSync() {
        phase = Phase.DATABASE_READS;
        rollbackReady = false;
        assertThat(closedTowards(Phase.DUAL_WRITE)).containsExactly("json_in_sync");
    }

    @Test
    void shortageOfDiskAnActiveRunAndMissingTablesCloseTheWayForward() {
        notices = List.of("The disk is 99 % full.");
        active = true;
        tables = false;
        assertThat(closedTowards(Phase.DATABASE_READS))
                .containsExactly("schema_current", "disk_space", "no_active_operation");
    }

    @Test
    void anOutdatedSchemaClosesTheWayForwardAndNotTheWayBack() {
        schemaPending = "3";
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("schema_current");
        assertThat(closedTowards(Phase.JSON_ONLY)).isEmpty();
    }

    @Test
    void aVerificationThatIsMissingOrOldClosesTheWayForwardFromADualPhase() {
        verification = Optional.of(verified(0, NOW.minus(Duration.ofHours(25))));
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("verification_clean");
        verification = Optional.of(new VerificationBook.Standing(Optional.empty(), Optional.empty(), Map.of()));
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("verification_clean");
        phase = Phase.JSON_ONLY;
        assertThat(closedTowards(Phase.DUAL_WRITE)).isEmpty();
    }

    @Test
    void aFreshVerifiedSnapshotIsAskedForWhereTheRunMakesNone() {
        snapshots = Known.of(new Surroundings.Shelf(Optional.empty(), Optional.of(NOW)));
        assertThat(closedTowards(Phase.DATABASE_READS)).isEmpty();
        snapshotByRun = false;
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("fresh_verified_snapshot");
        snapshots = Known.of(new Surroundings.Shelf(Optional.of(NOW.minus(Duration.ofHours(25))), Optional.of(NOW)));
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("fresh_verified_snapshot");
        snapshots = Known.of(new Surroundings.Shelf(Optional.of(NOW.minus(Duration.ofHours(2))), Optional.of(NOW)));
        assertThat(closedTowards(Phase.DATABASE_READS)).isEmpty();
    }

    @Test
    void roomForTwiceTheDatabaseAndTwiceTheFirstFillingIsAskedFor() {
        room = Known.of(new Surroundings.Room(1_000_001, Known.of(2_000_000L)));
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("disk_space");
        room = Known.of(new Surroundings.Room(1_000, Known.of(5 * 2 * DiskSpace.BYTES_PER_ENTRY - 1)));
        phase = Phase.JSON_ONLY;
        assertThat(closedTowards(Phase.DUAL_WRITE)).containsExactly("disk_space");
        room = Known.of(new Surroundings.Room(1_000_001, Known.notUsed("cannot be seen.")));
        assertThat(closedTowards(Phase.DUAL_WRITE)).isEmpty();
    }

    @Test
    void eventsThatAreDeletedBeforeTheOldestSnapshotCloseTheWayForwardA28() {
        snapshots = Known.of(new Surroundings.Shelf(Optional.of(NOW), Optional.of(NOW.minus(Duration.ofDays(30)))));
        assertThat(closedTowards(Phase.DATABASE_READS)).isEmpty();
        retention = Known.of(Duration.ofDays(29));
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("event_retention");
        retention = Known.unknown("Kafka does not answer.");
        assertThat(closedTowards(Phase.DATABASE_READS)).isEmpty();
        retention = Known.of(Surroundings.FOR_EVER);
        assertThat(closedTowards(Phase.DATABASE_READS)).isEmpty();
    }

    @Test
    void aSecondReplicaClosesTheWayToAPhaseWithJson() {
        replicas = Known.of(2);
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("one_replica");
        phase = Phase.DATABASE_ONLY;
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("one_replica");
        phase = Phase.DATABASE_READS;
        assertThat(closedTowards(Phase.DUAL_WRITE)).isEmpty();
    }

    @Test
    void aWayBackThatWasClosedStaysClosedAndAnInterlockStopsBothDirections() {
        closedWay = Optional.of("Closed by somebody.");
        interlock = Optional.of("The schema is being upgraded.");
        phase = Phase.DATABASE_ONLY;
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("way_back_open", "no_active_operation");
        phase = Phase.DUAL_WRITE;
        assertThat(closedTowards(Phase.DATABASE_READS)).containsExactly("no_active_operation");
    }

    @Test
    void whatMayPassByItselfIsWaitedForAndWhatWillNotIsNot() {
        postgres = "disconnected";
        assertThat(Gates.onlyPassing(checks(Phase.DATABASE_READS))).isTrue();
        followerState = "away";
        assertThat(Gates.onlyPassing(checks(Phase.DATABASE_READS))).isTrue();
        soak = Duration.ofHours(48);
        assertThat(Gates.onlyPassing(checks(Phase.DATABASE_READS))).isFalse();
        soak = Duration.ZERO;
        postgres = "recovery";
        assertThat(Gates.onlyPassing(checks(Phase.DATABASE_READS))).isFalse();
    }
}
