package io.homebudget.migration.discrepancies;

import com.fasterxml.jackson.databind.JsonNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Field;
import io.smallrye.mutiny.Multi;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Discrepancies as CSV (RFC 4180, UTF-8, CRLF) with both sides field by field, as the ledger's own export writes values: verbatim,
 * null an empty cell, an empty text {@code ""}.
 */
final class DiscrepancyCsv {
    private static final List<String> TOLD = List.of(
            "id",
            "kind",
            "entry_id",
            "type",
            "fields",
            "damaged",
            "place",
            "cause",
            "state",
            "found_by",
            "found_at",
            "resolved_at",
            "resolution",
            "actor",
            "reason");

    private DiscrepancyCsv() {}

    static Multi<byte[]> of(Multi<List<DiscrepancyRow>> pages) {
        Multi<byte[]> head = Multi.createFrom().item(() -> rows(List.of(header())));
        Multi<byte[]> body = pages.filter(page -> !page.isEmpty()).map(page -> {
            List<List<String>> rows = new ArrayList<>(page.size());
            page.forEach(one -> rows.add(row(one)));
            return rows(rows);
        });
        return Multi.createBy().concatenating().streams(head, body);
    }

    private static List<String> header() {
        List<String> header = new ArrayList<>(TOLD);
        for (String side : List.of("json", "postgres")) {
            header.add(side + "_version");
            for (Field field : Field.values()) {
                header.add(side + "_" + field.key());
            }
        }
        return header;
    }

    private static List<String> row(DiscrepancyRow row) {
        List<String> cells = new ArrayList<>();
        cells.add(String.valueOf(row.id));
        cells.add(row.kind);
        cells.add(String.valueOf(row.entryId));
        cells.add(row.type);
        cells.add(String.join(" ", DiscrepancyView.fields(row)));
        cells.add(row.damaged);
        cells.add(row.place);
        cells.add(row.cause);
        cells.add(row.state);
        cells.add(row.foundBy);
        cells.add(text(row.foundAt));
        cells.add(text(row.resolvedAt));
        cells.add(row.resolution);
        cells.add(row.actor);
        cells.add(row.reason);
        side(DiscrepancyView.side(row.jsonSide), cells);
        side(DiscrepancyView.side(row.postgresSide), cells);
        return cells;
    }

    private static void side(JsonNode side, List<String> cells) {
        cells.add(side == null ? null : side.path("version").asText());
        JsonNode values = side == null ? null : side.get("values");
        for (Field field : Field.values()) {
            if (values == null || values.isNull()) {
                cells.add(null);
            } else if (field == Field.AMOUNT) {
                cells.add(Amounts.print(values.path("cents").asLong()));
            } else {
                cells.add(
                        values.hasNonNull(field.key()) ? values.get(field.key()).asText() : null);
            }
        }
    }

    private static String text(Object value) {
        return value == null ? null : value.toString();
    }

    private static byte[] rows(List<List<String>> rows) {
        StringWriter out = new StringWriter(rows.size() * 200);
        try (CsvWriter csv = CsvWriter.builder()
                .lineDelimiter(LineDelimiter.CRLF)
                .quoteStrategy(QuoteStrategies.EMPTY)
                .build(out)) {
            rows.forEach(csv::writeRecord);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }
}
