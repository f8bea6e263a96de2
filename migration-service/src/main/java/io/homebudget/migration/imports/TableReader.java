package io.homebudget.migration.imports;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import io.homebudget.ledger.entry.Field;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads CSV whose first line names the columns, in any order. An empty cell is null and a quoted empty one an empty text, as the
 * ledger's own export writes them. Columns that are no field are kept for the rejects and given to nobody.
 */
final class TableReader implements ItemReader {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String ID = "id";
    private static final int HEADER_LOOKED_AT = 1 << 16;

    private final CsvReader<Cells> csv;
    private final CloseableIterator<Cells> rows;
    private final List<String> columns;

    /** @param values null for an empty cell that was not quoted */
    private record Cells(long line, List<String> values) {}

    private static final class CellsHandler extends AbstractBaseCsvCallbackHandler<Cells> {
        private List<String> values = new ArrayList<>();

        @Override
        protected void handleBegin(long startingLineNumber) {
            values = new ArrayList<>();
        }

        @Override
        protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
            values.add(length == 0 && !quoted ? null : new String(buffer, offset, length));
        }

        @Override
        protected Cells buildRecord() {
            return new Cells(getStartingLineNumber(), values);
        }
    }

    TableReader(Path body) throws IOException, Unreadable {
        InputStreamReader text = new InputStreamReader(Format.open(body), StandardCharsets.UTF_8.newDecoder());
        csv = CsvReader.builder()
                .fieldSeparator(separator(body))
                .maxBufferSize(LONGEST)
                // such a row is a reject of its own and does not end the reading
                .allowMissingFields(true)
                .allowExtraFields(true)
                .build(new CellsHandler(), text);
        rows = csv.iterator();
        columns = header();
    }

    /** What parts the cells of the first line most often: spreadsheets of many countries write semicolons. */
    private static char separator(Path body) throws IOException {
        try (InputStream in = Format.open(body)) {
            String head = new String(in.readNBytes(HEADER_LOOKED_AT), StandardCharsets.UTF_8);
            String first = head.lines().findFirst().orElse("");
            char best = ',';
            for (char candidate : new char[] {';', '\t'}) {
                if (count(first, candidate) > count(first, best)) {
                    best = candidate;
                }
            }
            return best;
        }
    }

    private static long count(String text, char one) {
        return text.chars().filter(each -> each == one).count();
    }

    private List<String> header() throws IOException, Unreadable {
        Cells first = row();
        if (first == null) {
            throw new Unreadable("line 1: the first line must name the columns");
        }
        List<String> names = first.values().stream()
                .map(name -> name == null ? "" : name.strip().toLowerCase(Locale.ROOT))
                .toList();
        Set<String> once = new HashSet<>();
        for (String name : names) {
            if (!name.isEmpty() && !once.add(name)) {
                throw new Unreadable("line 1: the column " + name + " is there twice");
            }
        }
        for (Field field : Field.values()) {
            if (field.required() && !once.contains(field.key())) {
                throw new Unreadable("line 1: the column " + field.key() + " is missing");
            }
        }
        return names;
    }

    /** The columns as the file names them. */
    List<String> columns() {
        return columns;
    }

    @Override
    public Item next() throws IOException, Unreadable {
        Cells row = row();
        if (row == null) {
            return null;
        }
        ObjectNode original = NODES.objectNode();
        ObjectNode record = NODES.objectNode();
        int size = 0;
        for (int i = 0; i < Math.min(columns.size(), row.values().size()); i++) {
            String value = row.values().get(i);
            size += 16 + (value == null ? 0 : value.length());
            JsonNode cell = cell(columns.get(i), value);
            original.set(columns.get(i), cell);
            put(record, columns.get(i), cell);
        }
        if (row.values().size() != columns.size()) {
            String text = String.join(
                    ",",
                    row.values().stream()
                            .map(value -> value == null ? "" : value)
                            .toList());
            return new Item.Bad(
                    row.line(),
                    null,
                    "has " + row.values().size() + " cells, the header " + columns.size() + ": " + text,
                    original,
                    null);
        }
        return new Item.Good(row.line(), record, original, size);
    }

    /** An id is a number: as a text, a reject that is imported again as JSON would be one for that alone. */
    private static JsonNode cell(String column, String value) {
        if (value == null) {
            return NODES.nullNode();
        }
        return column.equals(ID) && value.matches("\\d{1,18}")
                ? NODES.numberNode(Long.parseLong(value))
                : NODES.textNode(value);
    }

    private static void put(ObjectNode record, String column, JsonNode cell) {
        boolean field = Arrays.stream(Field.values()).anyMatch(one -> one.key().equals(column));
        if (field || column.equals(ID) && !cell.isNull()) {
            record.set(column, cell);
        }
    }

    private Cells row() throws IOException, Unreadable {
        try {
            return rows.hasNext() ? rows.next() : null;
        } catch (CsvParseException e) {
            throw new Unreadable("no CSV: " + e.getMessage());
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof CharacterCodingException) {
                throw new Unreadable("the file is not UTF-8");
            }
            throw e.getCause();
        }
    }

    @Override
    public void close() throws IOException {
        csv.close();
    }
}
