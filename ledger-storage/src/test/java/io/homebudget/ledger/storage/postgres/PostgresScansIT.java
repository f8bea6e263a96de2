package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.StoreAway;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Scans of whole tables, which share their connections with the lists. */
class PostgresScansIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void aScanDoesNotQueueForTheListsConnectionsWithoutLimit() throws Exception {
        try (PostgresFixture postgres = new PostgresFixture(Kind.EXPENSE)) {
            Pool lists = PostgresPools.open(postgres.vertx, postgres.database.url(), 1);
            SqlConnection reader = lists.getConnection()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            try (PostgresStore store = postgres.open(lists)) {
                assertThatThrownBy(() ->
                                store.digests(8, DataSource.SERVED).await().atMost(LIMIT))
                        .isInstanceOf(StoreAway.class)
                        .hasMessageContaining("no connection within");

                reader.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
                store.digests(8, DataSource.SERVED).await().atMost(LIMIT);
            } finally {
                lists.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
            }
        }
    }
}
