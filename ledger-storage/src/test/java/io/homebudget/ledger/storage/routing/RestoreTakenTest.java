package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.TwoStores.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.testing.MemoryStore;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A new installation that takes everything. */
class RestoreTakenTest {
    private static final Rule RULE = new Rule(8, Phase.DATABASE_ONLY);
    private static final UUID IDENTITY = new UUID(1, 2);

    @Test
    void what_was_decided_does_not_fail_because_it_cannot_be_counted() {
        MemoryStore postgres = new MemoryStore(StoreName.POSTGRES);
        Interposed between = new Interposed();
        LedgerStore primary = between.before(postgres);
        between.on("count", real -> Uni.createFrom().failure(new IllegalStateException("too slow")));
        RestoreOrder order = new RestoreOrder(
                RestoreOrder.Mode.EVERYTHING,
                new ExportHead(
                        2, "expense", "postgres", 5, 0, 7, Phase.DATABASE_ONLY, IDENTITY, 3, null, null, Instant.EPOCH),
                "operator",
                "a test restores");

        assertThat(await(Restore.taken(
                                primary,
                                new MemoryStore(StoreName.JSON),
                                new Image(5, 0, Multi.createFrom().empty()),
                                order,
                                RULE,
                                IDENTITY))
                        .position())
                .isEqualTo(5);

        assertThat(await(postgres.standing()).decided()).contains(RULE);
    }
}
