package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.ApplyReport;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.SyncReport;
import io.homebudget.ledger.storage.testing.Sample;
import io.smallrye.mutiny.Multi;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Steps of the store that lock the log and the state row, each stopped half-way while a fence comes. A fence waits for whoever is
 * in front of it; had the two taken their locks in different orders, one would be ended by the server.
 */
class PostgresStoreLocksIT {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Rule RULE = new Rule(1, Phase.DUAL_WRITE);
    private static final Rule NEXT = new Rule(2, Phase.JSON_ONLY);
    private static PostgresFixture postgres;
    private PostgresStore store;

    @BeforeAll
    static void start() {
        postgres = new PostgresFixture(Kind.EXPENSE);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @BeforeEach
    void open() {
        postgres.reset();
        store = postgres.openPrimary(RULE, PostgresFixture.PATIENT);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void applyingAndAFenceDoNotWaitForEachOther() throws Exception {
        CompletableFuture<ApplyReport> applied;
        CompletableFuture<Void> adopted;
        try (Connection other = holdingTheProgressRow()) {
            applied = store.apply(List.of(Sample.set(1, RULE, Sample.created(Sample.entry(1, 1)))), 1, RULE.epoch())
                    .subscribeAsCompletionStage();
            postgres.awaitWaiting(1);
            adopted = store.adopt(NEXT).subscribeAsCompletionStage();
            postgres.awaitWaiting(2);
            other.commit();
        }

        assertThat(applied).succeedsWithin(LIMIT).isEqualTo(new ApplyReport(1, 0, List.of()));
        assertThat(adopted).succeedsWithin(LIMIT);
    }

    @Test
    void skippingAndAFenceDoNotWaitForEachOther() throws Exception {
        CompletableFuture<Void> skipped;
        CompletableFuture<Void> adopted;
        try (Connection other = holdingTheProgressRow()) {
            skipped = store.skipTo(7, RULE.epoch()).subscribeAsCompletionStage();
            postgres.awaitWaiting(1);
            adopted = store.adopt(NEXT).subscribeAsCompletionStage();
            postgres.awaitWaiting(2);
            other.commit();
        }

        assertThat(skipped).succeedsWithin(LIMIT);
        assertThat(adopted).succeedsWithin(LIMIT);
    }

    @Test
    void beginningASynchronisationAndAFenceDoNotWaitForEachOther() throws Exception {
        CompletableFuture<SyncReport> begun;
        CompletableFuture<Void> adopted;
        try (Connection other = holdingTheProgressRow()) {
            begun = store.synchronize(new Image(0, 0, Multi.createFrom().empty()), 0, NEXT.epoch(), SyncListener.NONE)
                    .subscribeAsCompletionStage();
            postgres.awaitWaiting(1);
            adopted = store.adopt(NEXT).subscribeAsCompletionStage();
            postgres.awaitWaiting(2);
            other.commit();
        }

        assertThat(begun).succeedsWithin(LIMIT);
        assertThat(adopted).succeedsWithin(LIMIT);
    }

    private static Connection holdingTheProgressRow() throws SQLException {
        Connection connection = postgres.database.dataSource().getConnection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1 FROM expense.ledger_progress FOR UPDATE");
        }
        return connection;
    }
}
