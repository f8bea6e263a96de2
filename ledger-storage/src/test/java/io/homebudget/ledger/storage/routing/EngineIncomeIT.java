package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.bulkDelete;
import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.delete;
import static io.homebudget.ledger.storage.testing.Sample.modify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The other kind: no business, tables, files and topics of its own, and the same guarantees all the way there and back. */
class EngineIncomeIT {
    private final Map<Long, Held> acknowledged = new TreeMap<>();
    private RealEngine real;

    @BeforeEach
    void open() {
        real = new RealEngine(RealEngine.Options.USUAL.of(Kind.INCOME));
    }

    @AfterEach
    void close() {
        real.close();
    }

    @Test
    void incomesGoThroughAllPhasesForwardsAndBackWithACrashInEach() throws IOException {
        List<Phase> way = List.of(
                Phase.JSON_ONLY,
                Phase.DUAL_WRITE,
                Phase.DATABASE_READS,
                Phase.DATABASE_ONLY,
                Phase.DATABASE_READS,
                Phase.DUAL_WRITE,
                Phase.JSON_ONLY);
        for (Phase phase : way) {
            real.moveTo(phase);
            writes();
            real.crash();
            real.attached();
            assertThat(real.served()).isEqualTo(acknowledged);
            bothEqual();
        }

        real.restart();
        String file = Files.readString(real.array());
        assertThat(real.array().getFileName()).hasToString("incomes.json");
        assertThat(file).doesNotContain("business");
        acknowledged.keySet().forEach(id -> assertThat(file).contains("\"id\": " + id + "\n"));
    }

    private void writes() {
        long stays = real.created(create(1));
        long changes = real.created(create(2));
        long goes = real.created(create(3));
        long goesToo = real.created(create(4));
        long goesAlone = real.created(create(5));
        real.written(modify(changes, Field.AMOUNT, -7L));
        real.written(bulkDelete(goes, goesToo));
        real.written(delete(goesAlone));
        for (long id : List.of(stays, changes)) {
            acknowledged.put(id, real.find(id));
        }
        assertThat(acknowledged.get(changes).entry().cents()).isEqualTo(-7L);
    }

    private void bothEqual() {
        if (real.phase().dual()) {
            await().atMost(RealEngine.LIMIT)
                    .untilAsserted(() -> assertThat(RealEngine.states(real.postgres(), DataSource.SERVED))
                            .isEqualTo(RealEngine.states(real.files(), DataSource.SERVED)));
            assertThat(real.held(StoreName.JSON)).isEqualTo(acknowledged);
            real.inSync();
        }
    }
}
