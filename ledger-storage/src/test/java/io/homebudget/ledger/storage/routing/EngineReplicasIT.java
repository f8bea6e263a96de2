package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.modify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.testing.Events;
import io.homebudget.ledger.testing.KafkaBroker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two processes on one PostgreSQL in the phase that needs no files: both serve and write, one of them publishes. */
class EngineReplicasIT {
    private final KafkaBroker kafka = KafkaBroker.running();
    private final Map<Long, Long> versions = new HashMap<>();
    private RealEngine first;
    private RealEngine second;
    private Events events;

    @BeforeEach
    void open() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.servers()))) {
            admin.deleteTopics(admin.listTopics().names().get()).all().get();
            await().atMost(RealEngine.LIMIT)
                    .until(() -> admin.listTopics().names().get().isEmpty());
        }
        first = new RealEngine(RealEngine.Options.USUAL.publishingTo(kafka.servers()));
        first.moveTo(Phase.DATABASE_ONLY);
        second = first.replica();
        await().atMost(RealEngine.LIMIT).until(() -> second.phase() == Phase.DATABASE_ONLY);
        events = new Events(first.kind(), kafka.servers());
    }

    @AfterEach
    void close() {
        events.close();
        second.close();
        first.close();
    }

    @Test
    void onlyOneOfTwoPublishesAndTheOtherTakesOverInOrderWhenThatOneLosesItsLock() {
        changes();
        inOrder();
        await().atMost(RealEngine.LIMIT).untilAsserted(() -> assertThat(
                        List.of(first.state().publisher(), second.state().publisher()))
                .containsExactlyInAnyOrder("running", "standby"));
        RealEngine holder = first.state().publisher().equals("running") ? first : second;
        RealEngine other = holder == first ? second : first;

        holder.relay.refuse();
        changesThrough(other);
        inOrder();
        holder.relay.pass();

        await().atMost(RealEngine.LIMIT).until(() -> holder.state().publisher().equals("standby"));
        await().atMost(RealEngine.LIMIT)
                .until(() -> "connected".equals(holder.state().stores().get("postgres")));
        changes();
        inOrder();
        await().atMost(RealEngine.LIMIT).until(() -> other.state().publisher().equals("running"));
    }

    private void changes() {
        changesThrough(first);
        changesThrough(second);
    }

    private void changesThrough(RealEngine engine) {
        long id = engine.created(create(1));
        versions.put(id, 1L);
        for (long known : List.copyOf(versions.keySet())) {
            engine.written(modify(known, Field.NOTES, "version " + (versions.get(known) + 1)));
            versions.merge(known, 1L, Long::sum);
        }
    }

    private void inOrder() {
        await().atMost(RealEngine.LIMIT).untilAsserted(() -> {
            Map<Long, List<Long>> arrived = Events.versions(events.all());
            assertThat(arrived.keySet()).isEqualTo(versions.keySet());
            versions.forEach((id, last) -> assertThat(Events.gapFree(arrived.get(id), last))
                    .as("entry %d at version %d: %s", id, last, arrived.get(id))
                    .isTrue());
        });
    }
}
