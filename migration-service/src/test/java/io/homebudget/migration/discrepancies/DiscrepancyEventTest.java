package io.homebudget.migration.discrepancies;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the event formats to golden files, one per type and version. A golden file is added, never edited. */
class DiscrepancyEventTest {
    private static final Instant AT = Instant.parse("2026-03-14T15:09:26.535897Z");

    static Stream<Arguments> events() {
        DiscrepancyRow repaired = row();
        repaired.state = DiscrepancyRow.REPAIRED;
        repaired.resolvedAt = AT.plusSeconds(60);
        repaired.resolution = "equal in both stores when looked at again; last repair: repaired from log";
        repaired.actor = "operator";
        repaired.reason = "seen by hand";
        DiscrepancyRow dismissed = row();
        dismissed.state = DiscrepancyRow.DISMISSED;
        dismissed.fields = null;
        dismissed.type = "extra";
        dismissed.resolvedAt = AT.plusSeconds(60);
        dismissed.resolution = "dismissed";
        dismissed.actor = "operator";
        dismissed.reason = "a test row, \"known\"";
        return Stream.of(
                Arguments.of(DiscrepancyEvent.OPENED, row()),
                Arguments.of(DiscrepancyEvent.REPAIRED, repaired),
                Arguments.of(DiscrepancyEvent.DISMISSED, dismissed));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("events")
    void anEventIsByteForByteWhatItsGoldenFileSays(String type, DiscrepancyRow row) throws IOException {
        String text = text(DiscrepancyEvent.record(DiscrepancyEvent.of(type, row, AT)));
        byte[] expected;
        try (InputStream file = DiscrepancyEventTest.class.getResourceAsStream("/golden/" + type + ".txt")) {
            assertThat(file)
                    .as("golden file of %s; the event is%n%s", type, text)
                    .isNotNull();
            expected = file.readAllBytes();
        }
        assertThat(text).isEqualTo(new String(expected, StandardCharsets.UTF_8));
    }

    private static DiscrepancyRow row() {
        DiscrepancyRow row = new DiscrepancyRow();
        row.id = 17L;
        row.kind = "expense";
        row.entryId = 42;
        row.type = "field";
        row.damaged = "postgres";
        row.place = "served";
        row.fields = "amount,notes";
        row.jsonSide = "{\"id\":42,\"values\":{\"notes\":\"secret\"}}";
        row.postgresSide = row.jsonSide;
        row.foundBy = "events";
        row.cause = "postgres: the values are not what version 3 recorded; last change: version 3 at position 1234";
        row.causeCode = "values_changed";
        row.changeId = new UUID(1, 2);
        row.state = DiscrepancyRow.OPEN;
        row.foundAt = AT;
        row.seenAt = AT;
        return row;
    }

    private static String text(ProducerRecord<String, byte[]> record) {
        StringBuilder text = new StringBuilder();
        text.append("topic: ")
                .append(record.topic())
                .append("\nkey: ")
                .append(record.key())
                .append('\n');
        record.headers().forEach(header -> text.append(header.key())
                .append(": ")
                .append(new String(header.value(), StandardCharsets.UTF_8))
                .append('\n'));
        return text.append('\n')
                .append(new String(record.value(), StandardCharsets.UTF_8))
                .append('\n')
                .toString();
    }
}
