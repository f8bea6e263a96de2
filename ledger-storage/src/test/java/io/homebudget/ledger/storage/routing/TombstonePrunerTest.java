package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.TwoStores.await;
import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.delete;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.store.LedgerStore;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a tombstone may go: everybody who could bring the entry back must have passed it. */
class TombstonePrunerTest {
    private static final Duration KEPT = Duration.ofDays(35);

    private final TwoStores stores = new TwoStores();
    private volatile long published = Long.MAX_VALUE;
    private volatile boolean backfilling;
    private final TombstonePruner pruner =
            new TombstonePruner(stores.helm, rule -> published, () -> backfilling, KEPT, Duration.ofSeconds(10));

    @AfterEach
    void close() {
        stores.close();
    }

    @Test
    void aTombstoneStaysForAsLongAsTheTopicsMayTellOfTheEntry() {
        long id = deleted();
        stores.clock.by(KEPT.minusMinutes(1));
        pruned();
        assertThat(tombstone(stores.json, id)).isTrue();

        stores.clock.by(KEPT.plusMinutes(1));
        pruned();

        assertThat(tombstone(stores.json, id)).isFalse();
    }

    @Test
    void aTombstoneStaysUntilItsDeletionIsPublished() {
        long id = deleted();
        stores.clock.by(KEPT.plusMinutes(1));
        published = 1;
        pruned();
        assertThat(tombstone(stores.json, id)).isTrue();

        published = 2;
        pruned();

        assertThat(tombstone(stores.json, id)).isFalse();
    }

    @Test
    void inADualPhaseATombstoneGoesFromBothStoresOnceTheFollowerHasIt() {
        stores.enter(Phase.DUAL_WRITE);
        stores.postgres.away(true);
        long id = deleted();
        stores.clock.by(KEPT.plusMinutes(1));
        pruned();
        assertThat(tombstone(stores.json, id)).isTrue();

        stores.postgres.away(false);
        stores.caughtUp();
        pruned();

        assertThat(tombstone(stores.json, id)).isFalse();
        assertThat(tombstone(stores.postgres, id)).isFalse();
    }

    @Test
    void nothingGoesWhileTheFollowerIsIncompleteOrBeingFilled() {
        stores.enter(Phase.DUAL_WRITE);
        long id = deleted();
        stores.caughtUp();
        stores.clock.by(KEPT.plusMinutes(1));
        backfilling = true;
        pruned();
        backfilling = false;
        await(stores.postgres.needBackfill());
        assertThatThrownBy(this::pruned).hasMessageContaining("backfill");

        assertThat(tombstone(stores.json, id)).isTrue();
        assertThat(tombstone(stores.postgres, id)).isTrue();
    }

    @Test
    void whatWasInterruptedBetweenTheStoresIsDoneAgain() {
        stores.enter(Phase.DUAL_WRITE);
        long id = deleted();
        stores.caughtUp();
        stores.clock.by(KEPT.plusMinutes(1));
        stores.json.loseNextAnswer();
        assertThatThrownBy(this::pruned).isNotNull();

        pruned();

        assertThat(tombstone(stores.json, id)).isFalse();
        assertThat(tombstone(stores.postgres, id)).isFalse();
    }

    @Test
    void manyGoPieceByPieceAlsoBehindACutOfTheLog() {
        long cut = deleted();
        await(stores.json.cutLog(2));
        for (int i = 0; i < 3_000; i++) {
            deleted();
        }
        stores.clock.by(KEPT.plusMinutes(1));

        pruned();

        List<EntryState> left = await(
                stores.json.states(LongStream.rangeClosed(1, 3_001).boxed().toList()));
        // the log no longer says when this one was deleted
        assertThat(left).extracting(EntryState::id).containsExactly(cut);
    }

    private long deleted() {
        long id = stores.write(create(1)).set().changes().get(0).entryId();
        stores.write(delete(id));
        return id;
    }

    private void pruned() {
        for (boolean more = true; more; ) {
            more = await(pruner.look());
        }
    }

    private static boolean tombstone(LedgerStore store, long id) {
        return await(store.states(List.of(id))).stream().anyMatch(EntryState::deleted);
    }
}
