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

class GatesTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private Phase phase = Phase.DUAL_WRITE;
    private String followerState = "following";
    private double oldest = 0;
    private boolean rollbackReady = true;
    private Phase pinned;
    private String postgres = "connected";
    private Instant since = NOW.minus(Duration.ofHours(1));
    private List<String> notices = List.of();
    private Optional<VerificationBook.Standing> verification =
            Optional.of(new VerificationBook.Standing(Optional.empty(), Optional.empty(), Map.of()));
    private boolean active;
    private boolean tables = true;
    private Duration soak = Duration.ZERO;

    private List<String> closedTowards(Phase target) {
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
                true,
                soak,
                Duration.ofHours(24),
                NOW);
        List<Check> checks = Gates.check(situation);
        assertThat(checks).allSatisfy(check -> {
            assertThat(check.reason()).isNotBlank();
            assertThat(check.ok()).isEqualTo(check.advice().isEmpty());
        });
        return Gates.closed(checks).stream().map(Check::name).toList();
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
        VerificationRow bad = new VerificationRow();
        bad.state = "succeeded";
        bad.differences = 2;
        bad.finishedAt = NOW.minusSeconds(60);
        verification =
                Optional.of(new VerificationBook.Standing(Optional.of(bad), Optional.empty(), Map.of("field", 2L)));
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
}
