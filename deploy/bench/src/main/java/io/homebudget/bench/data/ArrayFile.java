package io.homebudget.bench.data;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.json.EntryWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes {@code expenses.json} and {@code incomes.json} as the old backend leaves them, one entry at a time. */
public final class ArrayFile {
    private ArrayFile() {}

    /**
     * Makes a folder that {@code up --import} takes: {@code entries} expenses with ids 1 to {@code entries}, and one income.
     * The memory needed does not depend on {@code entries}.
     */
    public static Path importFolder(Path folder, long entries, long seed) {
        try {
            Files.createDirectories(folder);
            write(folder.resolve(Kind.EXPENSE.arrayFileName()), Kind.EXPENSE, entries, seed);
            write(folder.resolve(Kind.INCOME.arrayFileName()), Kind.INCOME, 1, seed);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the entries to import into " + folder, e);
        }
    }

    static void write(Path file, Kind kind, long entries, long seed) throws IOException {
        EntryGenerator generator = new EntryGenerator(seed);
        try (Writer out = Files.newBufferedWriter(file, StandardCharsets.US_ASCII)) {
            StringBuilder element = new StringBuilder(300);
            out.write('[');
            for (long id = 1; id <= entries; id++) {
                element.setLength(0);
                element.append(id == 1 ? "\n  " : ",\n  ");
                EntryWriter.indented(kind, generator.entry(id), element);
                out.append(element);
            }
            out.write(entries == 0 ? "]" : "\n]");
        }
    }
}
