package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.TwoStores.await;
import static io.homebudget.ledger.storage.testing.Sample.create;
import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Phase;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How long the logs of both stores may be, and who is waited for. */
@Tag("A43")
class LogKeeperTest {
    private static final long HISTORY = 10;
    private static final long LIMIT = 100;

    private final TwoStores stores = new TwoStores();
    private volatile long published = Long.MAX_VALUE;
    private volatile boolean backfilling;
    private final LogKeeper keeper = new LogKeeper(
            stores.helm,
            stores.files,
            rule -> published,
            () -> backfilling,
            new LogKeeper.Limits(HISTORY, LIMIT, Duration.ofSeconds(10)));

    @AfterEach
    void close() {
        stores.close();
    }

    @Test
    void whereNobodyNeedsItOnlyTheHistoryIsKept() {
        written(50);

        await(keeper.look());

        assertThat(await(stores.json.logFrom())).isEqualTo(40);
    }

    @Test
    void aPublisherThatIsBehindIsWaitedForUpToTheLimit() {
        published = 3;
        written(50);
        await(keeper.look());
        assertThat(await(stores.json.logFrom())).isEqualTo(3);

        written(100);
        await(keeper.look());

        assertThat(await(stores.json.logFrom())).isEqualTo(50);
    }

    @Test
    void aPublisherOfWhichNothingIsKnownIsWaitedForUpToTheLimit() {
        published = -1;
        written(100);
        await(keeper.look());
        assertThat(await(stores.json.logFrom())).isZero();

        written(1);
        await(keeper.look());

        assertThat(await(stores.json.logFrom())).isEqualTo(1);
    }

    @Test
    void theFollowersOwnLogIsBoundedToo() {
        stores.enter(Phase.DUAL_WRITE);
        written(50);
        stores.caughtUp();

        await(keeper.look());

        assertThat(await(stores.json.logFrom())).isEqualTo(40);
        assertThat(await(stores.postgres.logFrom())).isEqualTo(40);
    }

    @Test
    void theFollowersOwnLogKeepsWhatThePublisherWouldNeedIfItTookOver() {
        stores.enter(Phase.DUAL_WRITE);
        written(50);
        stores.caughtUp();
        published = 7;

        await(keeper.look());

        assertThat(await(stores.postgres.logFrom())).isEqualTo(7);
    }

    @Test
    void theFollowersOwnLogIsLeftAloneWhileItIsBeingFilled() {
        stores.enter(Phase.DUAL_WRITE);
        written(50);
        stores.caughtUp();
        backfilling = true;

        await(keeper.look());

        assertThat(await(stores.postgres.logFrom())).isZero();
        assertThat(await(stores.json.logFrom())).isEqualTo(40);
    }

    @Test
    void aFollowerThatIsAwayIsWaitedForUpToTheLimitAlsoWhereItWasNeverReached() {
        stores.enter(Phase.DUAL_WRITE);
        stores.helm.set(Course.serving(stores.rule(), null));
        written(100);
        await(keeper.look());
        assertThat(await(stores.json.logFrom())).isZero();

        written(20);
        await(keeper.look());

        assertThat(await(stores.json.logFrom())).isEqualTo(20);
    }

    @Test
    void inDatabaseOnlyTheLogIsKeptForTheWayBackUpToTheLimit() {
        stores.enter(Phase.DUAL_WRITE);
        stores.enter(Phase.DATABASE_READS);
        written(30);
        stores.caughtUp();
        stores.enter(Phase.DATABASE_ONLY);
        written(60);
        await(keeper.look());
        assertThat(await(stores.postgres.logFrom())).isEqualTo(30);

        written(60);
        await(keeper.look());

        assertThat(await(stores.postgres.logFrom())).isEqualTo(50);
    }

    @Test
    void aJsonStoreThatWasGivenUpIsNotWaitedFor() {
        stores.enter(Phase.DUAL_WRITE);
        stores.enter(Phase.DATABASE_READS);
        written(30);
        stores.caughtUp();
        stores.enter(Phase.DATABASE_ONLY);
        stores.files.closed = new WayBackClosing.Done("archive.tar.gz", 30, Instant.EPOCH, "operator", "");
        written(60);

        await(keeper.look());

        assertThat(await(stores.postgres.logFrom())).isEqualTo(80);
    }

    @Test
    void aCutOfOneLogInAnEarlierPhaseHoldsUpNoCutOfTheOther() {
        stores.enter(Phase.DUAL_WRITE);
        written(80);
        stores.caughtUp();
        backfilling = true;
        await(keeper.look());
        backfilling = false;
        stores.enter(Phase.DATABASE_READS);

        await(keeper.look());

        assertThat(await(stores.postgres.logFrom())).isEqualTo(70);
    }

    @Test
    void aJournalThatIsTooLargeIsCutWhereItSaysAlsoAsAFollowersOwn() {
        published = 0;
        written(20);
        stores.files.overLimit = 15L;
        await(keeper.look());
        assertThat(await(stores.json.logFrom())).isEqualTo(15);

        stores.enter(Phase.DUAL_WRITE);
        stores.enter(Phase.DATABASE_READS);
        stores.files.overLimit = 18L;
        await(keeper.look());

        assertThat(await(stores.json.logFrom())).isEqualTo(18);
    }

    private void written(int count) {
        for (int i = 0; i < count; i++) {
            stores.write(create(i));
        }
    }
}
