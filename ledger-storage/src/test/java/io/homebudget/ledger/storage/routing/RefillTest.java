package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.TwoStores.await;
import static io.homebudget.ledger.storage.testing.Sample.create;
import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Standing;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A follower that lost its place gets it back without anybody asking, and nobody's backfill is begun twice. */
@Tag("A43")
class RefillTest {
    private final TwoStores stores = new TwoStores();
    private final Backfill backfill = new Backfill(stores.helm);
    private final Refill refill = new Refill(stores.helm, backfill, Duration.ofSeconds(10));

    @AfterEach
    void close() {
        stores.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"DUAL_WRITE", "DATABASE_READS"})
    void aFollowerThatLostItsPlaceIsFilledAfterAWhile(Phase phase) {
        LedgerStore follower = followerIn(phase);
        await(follower.needBackfill());
        looked(Duration.ZERO);
        looked(Refill.GRACE.minusSeconds(1));
        assertThat(backfill.state().state()).isEqualTo("none");

        looked(Refill.GRACE.plusSeconds(1));

        Awaitility.await()
                .atMost(TwoStores.LIMIT)
                .until(() -> await(follower.standing()).followerState() == Standing.FollowerState.FOLLOWING);
        assertThat(backfill.state().state()).isEqualTo("succeeded");
        assertThat(await(follower.count())).isEqualTo(await(stores.primary().count()));
    }

    @Test
    void aFollowerThatWasFilledMeanwhileIsLeftAlone() {
        LedgerStore follower = followerIn(Phase.DUAL_WRITE);
        await(follower.needBackfill());
        looked(Duration.ZERO);
        backfill.start();
        Awaitility.await()
                .atMost(TwoStores.LIMIT)
                .until(() -> backfill.state().state().equals("succeeded"));
        long filled = backfill.state().epoch();

        looked(Refill.GRACE.plusSeconds(1));
        looked(Refill.GRACE.multipliedBy(3));

        assertThat(backfill.state().state()).isEqualTo("succeeded");
        assertThat(backfill.state().epoch()).isEqualTo(filled);
    }

    @Test
    void aNewEpochHasAWhileOfItsOwn() {
        await(followerIn(Phase.DUAL_WRITE).needBackfill());
        looked(Duration.ZERO);
        stores.enter(Phase.DATABASE_READS);
        await(stores.json.needBackfill());

        looked(Refill.GRACE.plusSeconds(1));
        assertThat(backfill.state().state()).isEqualTo("none");

        looked(Refill.GRACE.multipliedBy(2).plusSeconds(2));
        assertThat(backfill.state().target()).isEqualTo("json");
    }

    @Test
    void whereThereIsNoFollowerNothingIsFilled() {
        await(stores.postgres.needBackfill());

        looked(Duration.ZERO);
        looked(Refill.GRACE.plusSeconds(1));

        assertThat(backfill.state().state()).isEqualTo("none");
    }

    private LedgerStore followerIn(Phase phase) {
        stores.write(create(1));
        for (Phase step : Phase.values()) {
            if (step != Phase.JSON_ONLY && step.ordinal() <= phase.ordinal()) {
                stores.enter(step);
            }
        }
        return stores.helm.store(phase.primary().other());
    }

    private void looked(Duration later) {
        stores.clock.by(later);
        await(refill.look());
    }
}
