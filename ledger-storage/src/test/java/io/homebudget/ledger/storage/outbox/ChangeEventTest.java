package io.homebudget.ledger.storage.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Tombstone;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the event formats to golden files, one per type and version. A golden file is added, never edited. */
class ChangeEventTest {
    private static final Instant AT = Instant.parse("2026-03-14T15:09:26.535897Z");
    private static final Rule RULE = new Rule(7, Phase.DATABASE_READS);

    static Stream<Arguments> events() {
        Entry before = new Entry(
                42,
                LocalDate.of(2026, 1, 31),
                "Caf\u00e9 \"Q\"",
                "food\n",
                150_50,
                "cash",
                "\u20aa",
                "tab\t \\ \u2028 \ud83d\ude00");
        Entry after = new Entry(42, LocalDate.of(2026, 2, 1), null, "food", -5, "card", "EUR", "");
        Change created = new Change(id(1), 42, 1, Action.CREATED, null, before, EntryDigest.of(before));
        Change updated = new Change(id(2), 42, 2, Action.UPDATED, before, after, EntryDigest.of(after));
        Change deleted = new Change(id(3), 42, 3, Action.DELETED, after, null, null);
        Change alsoDeleted = new Change(id(4), 43, 9, Action.DELETED, after.withId(43), null, null);
        Entry income = new Entry(1, LocalDate.of(2026, 1, 1), null, "salary", 1_000_000_00, "bank", "USD", null);
        Change earned = new Change(id(5), 1, 1, Action.CREATED, null, income, EntryDigest.of(income));
        return Stream.of(
                Arguments.of("ledger.entry.created.v1", one(Kind.EXPENSE, created)),
                Arguments.of("ledger.entry.updated.v1", one(Kind.EXPENSE, updated)),
                Arguments.of("ledger.entry.deleted.v1", ChangeEvent.of(Kind.EXPENSE, set(deleted, alsoDeleted))),
                Arguments.of("ledger.entry.created.v1-income", one(Kind.INCOME, earned)),
                Arguments.of(
                        "ledger.entry.updated.v1-baseline",
                        List.of(ChangeEvent.baseline(
                                Kind.EXPENSE, new ImageRow(Held.after(updated, 6), null), 99, RULE, AT))),
                Arguments.of(
                        "ledger.entry.deleted.v1-baseline",
                        List.of(ChangeEvent.baseline(
                                Kind.EXPENSE, new ImageRow(null, new Tombstone(42, 3, 6, id(3))), 99, RULE, AT))),
                Arguments.of("ledger.phase.entered.v1", List.of(PhaseEvent.of(Kind.INCOME, RULE, AT))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("events")
    void anEventIsByteForByteWhatItsGoldenFileSays(String golden, List<ProducerRecord<String, byte[]>> records)
            throws IOException {
        byte[] expected;
        try (InputStream file = ChangeEventTest.class.getResourceAsStream("/golden/" + golden + ".txt")) {
            assertThat(file)
                    .as("golden file of %s; the event is%n%s", golden, text(records))
                    .isNotNull();
            expected = file.readAllBytes();
        }
        assertThat(text(records)).isEqualTo(new String(expected, StandardCharsets.UTF_8));
    }

    private static String text(List<ProducerRecord<String, byte[]>> records) {
        StringBuilder text = new StringBuilder();
        for (ProducerRecord<String, byte[]> record : records) {
            text.append("topic: ")
                    .append(record.topic())
                    .append("\nkey: ")
                    .append(record.key())
                    .append('\n');
            record.headers().forEach(header -> text.append(header.key())
                    .append(": ")
                    .append(new String(header.value(), StandardCharsets.UTF_8))
                    .append('\n'));
            text.append('\n')
                    .append(new String(record.value(), StandardCharsets.UTF_8))
                    .append('\n');
        }
        return text.toString();
    }

    private static List<ProducerRecord<String, byte[]>> one(Kind kind, Change change) {
        return ChangeEvent.of(kind, set(change));
    }

    private static ChangeSet set(Change... changes) {
        return new ChangeSet(1234, id(100), RULE, AT, "user", null, List.of(changes));
    }

    private static UUID id(int n) {
        return new UUID(0x1111_2222_3333_4000L, 0x8000_0000_0000_0000L + n);
    }
}
