package io.homebudget.migration.imports;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes rejects of a CSV body as CSV with its columns, so that it can be mended and imported again; the reasons stand behind. */
final class RejectsTable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> REASONS = List.of("reject_line", "reject_field", "reject_reason");

    private RejectsTable() {}

    /** @param rejects lines of {@link Reject}; one at a time is in memory */
    static void write(InputStream rejects, List<String> columns, OutputStream out) throws IOException {
        CsvWriter csv = CsvWriter.builder()
                .lineDelimiter(LineDelimiter.CRLF)
                .quoteStrategy(QuoteStrategies.EMPTY)
                .build(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        // what is mended for the second time brings the reasons of the first
        List<String> own =
                columns.stream().filter(column -> !REASONS.contains(column)).toList();
        List<String> header = new ArrayList<>(own);
        header.addAll(REASONS);
        csv.writeRecord(header);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(rejects, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                csv.writeRecord(row(JSON.readTree(line), own));
            }
        }
        csv.flush();
    }

    private static List<String> row(JsonNode reject, List<String> columns) {
        List<String> row = new ArrayList<>();
        for (String column : columns) {
            JsonNode cell = reject.path(Reject.RECORD).path(column);
            row.add(cell.isMissingNode() || cell.isNull() ? null : cell.asText());
        }
        row.add(reject.path(Reject.LINE).asText());
        row.add(reject.path(Reject.FIELD).asText(null));
        row.add(reject.path(Reject.REASON).asText());
        return row;
    }
}
