package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.create;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.internal.EntryRepair;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The way back to JSON closed for good, in the engine as it runs. */
class EngineWayBackIT {
    private final RealEngine engine = new RealEngine();

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void theFilesGoAndTheLedgerStays() {
        alone();
        Map<Long, ?> before = engine.served();

        WayBackClosing.Done done = closeWayBack();

        assertThat(engine.array()).doesNotExist();
        assertThat(Files.exists(Path.of(done.path()))).isTrue();
        assertThat(engine.served()).isEqualTo(before);
        long id = engine.created(create(5));
        assertThat(engine.find(id)).isNotNull();
        assertClosed();
    }

    @Test
    void nobodyGoesBackAndThisIsSaid() {
        alone();
        WayBackClosing.Done done = closeWayBack();

        assertThatThrownBy(() -> engine.move(Phase.DATABASE_READS))
                .isInstanceOf(PhaseChangeRefused.class)
                .hasMessageContaining("The way back was closed on")
                .hasMessageContaining("by operator (no more files)")
                .hasMessageContaining(done.path());
        assertThat(engine.phase()).isEqualTo(Phase.DATABASE_ONLY);
        engine.created(create(6));
    }

    @Test
    void aRestartKeepsItAlsoWhilePostgresIsAway() {
        alone();
        closeWayBack();
        engine.relay.refuse();

        engine.restart();

        assertThat(engine.phase()).isEqualTo(Phase.DATABASE_ONLY);
        assertClosed();
        engine.relay.pass();
        engine.attached();
        await().atMost(RealEngine.LIMIT).untilAsserted(() -> engine.created(create(7)));
        assertThatThrownBy(() -> engine.move(Phase.DATABASE_READS)).hasMessageContaining("The way back was closed");
        assertThat(engine.array()).doesNotExist();
    }

    @Test
    void aKillAfterwardsKeepsIt() {
        alone();
        closeWayBack();

        engine.crash();

        engine.attached();
        assertClosed();
        assertThat(engine.served()).hasSize(3);
    }

    @Test
    void itIsRefusedWhereJsonIsInUse() {
        engine.moveTo(Phase.DATABASE_READS);

        assertThatThrownBy(this::closeWayBack)
                .isInstanceOf(PhaseChangeRefused.class)
                .hasMessageContaining("in DATABASE_ONLY only");
        assertThat(engine.array()).exists();
    }

    @Test
    void itIsRefusedWhilePostgresIsAway() {
        alone();
        engine.relay.refuse();
        engine.detached();

        assertThatThrownBy(this::closeWayBack).hasMessageContaining("PostgreSQL is out of reach");
        assertThat(engine.array()).exists();
        engine.relay.pass();
    }

    /** The log was cut, and the other store that could have known is no more. */
    @Test
    void aRepairAfterwardsSaysThatNobodyKnows() {
        alone();
        long id = engine.created(create(9));
        closeWayBack();
        long head = engine.postgres().head().await().atMost(RealEngine.LIMIT);
        engine.postgres().cutLog(head).await().atMost(RealEngine.LIMIT);
        engine.execute("UPDATE expense.expenses SET amount = 666.66 WHERE id = " + id);
        EntryState seen = engine.postgres()
                .states(List.of(id))
                .await()
                .atMost(RealEngine.LIMIT)
                .get(0);

        EntryRepair.Done done = engine.engine()
                .repair(new EntryRepair("postgres", id, seen.version(), seen.actual(), "test", "a test repairs it"))
                .await()
                .atMost(RealEngine.LIMIT);

        assertThat(done).isEqualTo(new EntryRepair.Done("unknown", 1, null));
    }

    @Test
    void aReplicaWithoutTheFilesIsRefused() {
        alone();
        try (RealEngine replica = engine.replica()) {
            await().atMost(RealEngine.LIMIT).until(() -> replica.phase() == Phase.DATABASE_ONLY);

            assertThatThrownBy(() -> closeWayBack(replica))
                    .hasMessageContaining("Ask the one that owns the JSON store");
        }
    }

    @Test
    void aReplicaServesOnAfterwards() {
        alone();
        try (RealEngine replica = engine.replica()) {
            await().atMost(RealEngine.LIMIT).until(() -> replica.phase() == Phase.DATABASE_ONLY);

            closeWayBack();

            long id = replica.created(create(8));
            assertThat(engine.find(id)).isNotNull();
        }
    }

    private void alone() {
        for (int i = 0; i < 3; i++) {
            engine.created(create(i));
        }
        engine.moveTo(Phase.DATABASE_ONLY);
    }

    private WayBackClosing.Done closeWayBack() {
        return closeWayBack(engine);
    }

    private static WayBackClosing.Done closeWayBack(RealEngine of) {
        return of.engine()
                .closeWayBack(new WayBackClosing(null, "operator", "no more files"))
                .await()
                .atMost(RealEngine.LIMIT);
    }

    private void assertClosed() {
        assertThat(engine.state().stores()).containsEntry("json", "closed");
        assertThat(engine.state().rollbackReady()).isFalse();
        assertThat(engine.state().rollbackReason()).contains("The way back was closed");
    }
}
