package io.homebudget.migration.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChangeBatchTest {
    private static final String TOPIC = "ledger.expense.changes.v1";
    private static final String UPDATED = "ledger.entry.updated.v1";

    private static ConsumerRecord<byte[], byte[]> event(long offset, String key, String type, String data) {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                TOPIC,
                2,
                offset,
                key == null ? null : key.getBytes(StandardCharsets.UTF_8),
                data == null ? null : data.getBytes(StandardCharsets.UTF_8));
        record.headers().add("ce_specversion", "1.0".getBytes(StandardCharsets.UTF_8));
        record.headers().add("ce_type", type.getBytes(StandardCharsets.UTF_8));
        return record;
    }

    private static ConsumerRecord<byte[], byte[]> change(long offset, long id, long version) {
        return event(
                offset,
                String.valueOf(id),
                UPDATED,
                "{\"kind\":\"expense\",\"id\":" + id + ",\"version\":" + version + "}");
    }

    @Test
    void anEntryIsComparedOncePerBatchAtItsHighestVersion() {
        ChangeBatch batch = ChangeBatch.of(
                Kind.EXPENSE, List.of(change(1, 7, 2), change(2, 8, 1), change(3, 7, 4), change(4, 7, 3)));
        assertThat(batch.expected()).isEqualTo(Map.of(7L, 4L, 8L, 1L));
        assertThat(batch.events()).isEqualTo(4);
        assertThat(batch.unreadable()).isEmpty();
    }

    @Property(tries = 200)
    void orderAndRepetitionDoNotMatterA23(@ForAll long seed) {
        Random random = new Random(seed);
        List<ConsumerRecord<byte[], byte[]>> events = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            events.add(change(i, 1 + random.nextInt(5), 1 + random.nextInt(9)));
        }
        Map<Long, Long> once = ChangeBatch.of(Kind.EXPENSE, events).expected();
        events.addAll(List.copyOf(events));
        Collections.shuffle(events, random);
        assertThat(ChangeBatch.of(Kind.EXPENSE, events).expected()).isEqualTo(once);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "7;ledger.entry.updated.v1;{\"kind\":\"expense\";not JSON",
                "7;ledger.entry.updated.v1;[];kind",
                "7;ledger.entry.updated.v1;{\"kind\":\"income\",\"id\":7,\"version\":1};kind",
                "7;ledger.entry.updated.v1;{\"kind\":\"expense\",\"id\":\"7\",\"version\":1};id",
                "7;ledger.entry.updated.v1;{\"kind\":\"expense\",\"id\":7.5,\"version\":1};id",
                "0;ledger.entry.updated.v1;{\"kind\":\"expense\",\"id\":0,\"version\":1};id",
                "9007199254740992;ledger.entry.updated.v1;{\"kind\":\"expense\",\"id\":9007199254740992,\"version\":1};id",
                "7;ledger.entry.updated.v1;{\"kind\":\"expense\",\"id\":7};version",
                "7;ledger.entry.updated.v1;{\"kind\":\"expense\",\"id\":7,\"version\":0};version",
                "8;ledger.entry.updated.v1;{\"kind\":\"expense\",\"id\":7,\"version\":1};key",
                "7;ledger.entry.updated.v2;{\"kind\":\"expense\",\"id\":7,\"version\":1};ce_type",
                "7;ledger.entry.updated.v1;;no data",
            })
    void whatCannotBeReadSaysWhyAndWhereItLies(String key, String type, String data, String why) {
        ChangeBatch batch = ChangeBatch.of(Kind.EXPENSE, List.of(event(41, key, type, data), change(42, 9, 1)));

        assertThat(batch.unreadable()).singleElement().satisfies(aside -> {
            assertThat(aside.topic()).isEqualTo(TOPIC);
            assertThat(aside.partition()).isEqualTo(2);
            assertThat(aside.offset()).isEqualTo(41);
            assertThat(aside.why()).contains(why);
        });
        assertThat(batch.expected()).containsOnlyKeys(9L);
    }

    @Test
    void anEventThatIsNoCloudEventIsPutAside() {
        ConsumerRecord<byte[], byte[]> bare = new ConsumerRecord<>(TOPIC, 0, 1, null, new byte[] {1, 2});
        assertThat(ChangeBatch.of(Kind.EXPENSE, List.of(bare)).unreadable())
                .singleElement()
                .satisfies(aside -> assertThat(aside.why()).contains("ce_specversion"));
    }

    @Test
    void aProofIsMissingWhatThePartitionsHaveNotCompared() {
        TopicPartition one = new TopicPartition(TOPIC, 0);
        TopicPartition two = new TopicPartition(TOPIC, 1);
        Proof proof = new Proof(100, Instant.EPOCH, Map.of(one, 10L, two, 5L));
        assertThat(proof.missing(Map.of())).isEqualTo(15);
        assertThat(proof.missing(Map.of(one, 12L, two, 4L))).isEqualTo(1);
        assertThat(proof.missing(Map.of(one, 10L, two, 9L))).isZero();
    }
}
