package io.homebudget.ledger.storage.following;

import static io.homebudget.ledger.storage.testing.Sample.create;
import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.testing.MemoryStore;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who waits for the follower is told the end of it, and holds nothing up by what they do then. */
class FollowingTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final long NEVER = 99;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final LedgerStore json = new MemoryStore(StoreName.JSON);
    private final LedgerStore postgres = new MemoryStore(StoreName.POSTGRES);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void aWaiterIsToldOfTheEndOutsideTheLockSoThatLocksOfItsOwnCannotDeadlock() throws Exception {
        Following following = following(1);

        CompletableFuture<Boolean> locked = lockedWhenTold(following);
        following.stop();

        assertThat(locked.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void soIsAWaiterOfAFollowingThatIsFencedOff() throws Exception {
        json.adopt(new Rule(1, Phase.DUAL_WRITE)).await().atMost(LIMIT);
        json.write(create(1), 1).await().atMost(LIMIT);
        postgres.adopt(new Rule(7, Phase.DATABASE_READS)).await().atMost(LIMIT);
        Following following = following(1);

        CompletableFuture<Boolean> locked = lockedWhenTold(following);
        following.start();

        assertThat(locked.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isFalse();
        assertThat(following.state()).isEqualTo(Following.State.FENCED);
    }

    @Test
    void whoComesAfterTheEndIsToldAtOnce() {
        Following following = following(1);
        following.stop();

        assertThat(following.await(NEVER)).isCompletedExceptionally();
    }

    private Following following(long epoch) {
        return new Following(json, postgres, epoch, 0, 0, timer, Clock.systemUTC(), report -> {});
    }

    private static CompletableFuture<Boolean> lockedWhenTold(Following following) {
        return following.await(NEVER).handle((reached, end) -> Thread.holdsLock(following));
    }
}
