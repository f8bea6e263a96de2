package io.homebudget.ledger.storage.api;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.store.Held;
import io.smallrye.mutiny.Multi;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Entries as CSV (RFC 4180, UTF-8, CRLF), in the order of lists and with the keys of JSON as the header.
 *
 * <p>Values are kept verbatim, so that an import gives the same entries: null is an empty cell, an empty text is {@code ""}.
 * A text that a spreadsheet may take for a formula (it begins with {@code = + - @}) is quoted but not changed: in most
 * spreadsheets quoting does not disarm it, so a file with texts of other people should be opened as text.
 */
final class CsvExport {
    private CsvExport() {}

    static Multi<byte[]> of(Kind kind, Multi<List<Held>> chunks) {
        List<String> header = new ArrayList<>();
        for (Field field : Field.values()) {
            if (kind.has(field)) {
                header.add(field.key());
            }
        }
        header.add("id");
        Multi<byte[]> head = Multi.createFrom().item(() -> rows(List.of(header)));
        Multi<byte[]> body = chunks.filter(chunk -> !chunk.isEmpty()).map(chunk -> {
            List<List<String>> rows = new ArrayList<>(chunk.size());
            for (Held held : chunk) {
                rows.add(row(kind, held.entry()));
            }
            return rows(rows);
        });
        return Multi.createBy().concatenating().streams(head, body);
    }

    private static List<String> row(Kind kind, Entry entry) {
        List<String> row = new ArrayList<>(8);
        row.add(entry.date().toString());
        if (kind.has(Field.BUSINESS)) {
            row.add(entry.business());
        }
        row.add(entry.category());
        row.add(Amounts.print(entry.cents()));
        row.add(entry.account());
        row.add(entry.currency());
        row.add(entry.notes());
        row.add(Long.toString(entry.id()));
        return row;
    }

    private static byte[] rows(List<List<String>> rows) {
        StringWriter out = new StringWriter(rows.size() * 100);
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
