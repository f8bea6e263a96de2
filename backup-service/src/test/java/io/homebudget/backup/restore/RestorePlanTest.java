package io.homebudget.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestorePlanTest {

    @ParameterizedTest(name = "{0}, {1} of a ledger at head {3}: {2}")
    @CsvSource({
        "JSON_ONLY,      JSON,     TakeBack,        9",
        "JSON_ONLY,      BOTH,     TakeBack,        9",
        "JSON_ONLY,      POSTGRES, Impossible,      9",
        "DUAL_WRITE,     JSON,     TakeBack,        9",
        "DUAL_WRITE,     BOTH,     TakeBack,        9",
        "DUAL_WRITE,     POSTGRES, RebuildFollower, 9",
        "DATABASE_READS, JSON,     RebuildFollower, 9",
        "DATABASE_READS, BOTH,     TakeBack,        9",
        "DATABASE_READS, POSTGRES, TakeBack,        9",
        "DATABASE_ONLY,  JSON,     Impossible,      9",
        "DATABASE_ONLY,  BOTH,     TakeBack,        9",
        "DATABASE_ONLY,  POSTGRES, TakeBack,        9",
        "JSON_ONLY,      BOTH,     TakeEverything,  0",
        "JSON_ONLY,      JSON,     TakeBack,        0",
    })
    void whatIsDoneFollowsFromPhaseAndStore(Phase phase, Target target, String plan, long head) {
        assertThat(RestorePlan.of(state(phase, head), target).getClass().getSimpleName())
                .isEqualTo(plan);
    }

    private static LedgerState state(Phase phase, long head) {
        return new LedgerState(
                "expense",
                phase,
                phase == Phase.JSON_ONLY ? 1 : 4,
                phase.primary().word(),
                phase.follower().map(StoreName::word).orElse(null),
                phase.dual() ? "following" : "none",
                true,
                0,
                0,
                0,
                "running",
                Map.of("json", head),
                0,
                0,
                head,
                0,
                false,
                "",
                null,
                Map.of(),
                "1",
                null,
                new UUID(1, 1),
                Instant.EPOCH,
                List.of());
    }
}
