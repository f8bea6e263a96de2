package io.homebudget.backup.drill;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.format.SnapshotJson;
import io.homebudget.backup.restore.Rows;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.IsoDate;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.json.EntryWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder with the array file as Home Budget's old backend reads it, written from rows and read back as that backend would. */
final class ScratchFolder implements AutoCloseable {
    private final Kind kind;
    private final Path folder;
    private final Path array;

    ScratchFolder(Kind kind, Path parent) throws IOException {
        this.kind = kind;
        this.folder = Files.createTempDirectory(parent, Catalogue.DRILL);
        this.array = folder.resolve(kind.arrayFileName());
    }

    void write(Rows rows) throws IOException {
        try (Writer out = Files.newBufferedWriter(array)) {
            out.write("[");
            StringBuilder text = new StringBuilder();
            boolean first = true;
            for (EntryImage row = rows.next(); row != null; row = rows.next()) {
                if (row.deleted()) {
                    continue;
                }
                text.setLength(0);
                text.append(first ? "\n" : ",\n");
                EntryWriter.indented(kind, row.values().withId(row.id()), text);
                out.append(text);
                first = false;
            }
            out.write(first ? "]" : "\n]");
        }
    }

    Tally tally() throws IOException {
        Tally.Sum sum = new Tally.Sum();
        try (InputStream in = Files.newInputStream(array);
                JsonParser parser = new JsonFactory(SnapshotJson.MAPPER).createParser(in)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new IOException("the array file does not begin as one");
            }
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                JsonNode entry = parser.readValueAsTree();
                sum.add(EntryDigest.of(new Entry(
                        entry.path("id").asLong(),
                        IsoDate.parse(entry.path("date").asText()),
                        text(entry, "business"),
                        entry.path("category").asText(),
                        Amounts.ofDecimal(entry.path("amount").decimalValue()),
                        entry.path("account").asText(),
                        entry.path("currency").asText(),
                        text(entry, "notes"))));
            }
        }
        return sum.tally();
    }

    private static String text(JsonNode entry, String field) {
        return entry.path(field).isTextual() ? entry.path(field).asText() : null;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(array);
        Files.deleteIfExists(folder);
    }
}
