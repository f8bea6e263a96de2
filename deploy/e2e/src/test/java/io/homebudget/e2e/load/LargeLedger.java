package io.homebudget.e2e.load;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files as the old backend leaves them, with as many entries as a step needs to be long enough to be interrupted. */
public final class LargeLedger {
    private LargeLedger() {}

    /** @return a folder for {@code --import} */
    public static Path write(Path folder, int entries) throws IOException {
        return write(folder, entries, entries);
    }

    /** As {@link #write(Path, int)}, with a number for each kind. */
    public static Path write(Path folder, int expenses, int incomes) throws IOException {
        Files.createDirectories(folder);
        write(folder.resolve("expenses.json"), true, expenses);
        write(folder.resolve("incomes.json"), false, incomes);
        return folder;
    }

    private static void write(Path file, boolean expense, int entries) throws IOException {
        try (Writer text = Files.newBufferedWriter(file)) {
            for (int id = 1; id <= entries; id++) {
                text.append(id == 1 ? "[\n  {" : ",\n  {")
                        .append(String.format(
                                "%n    \"date\": \"20%02d-%02d-%02d\"", id % 30, 1 + id % 12, 1 + id % 28))
                        .append(expense ? ",\n    \"business\": " + (id % 3 == 0 ? "null" : "\"b" + id + "\"") : "")
                        .append(",\n    \"category\": \"i" + id)
                        .append("\",\n    \"amount\": " + id)
                        .append(".25")
                        .append(
                                ",\n    \"account\": \"Cash\",\n    \"currency\": \"\\u20aa\",\n    \"notes\": \"\\u05e9 "
                                        + id)
                        .append("\",\n    \"id\": " + id)
                        .append("\n  }");
            }
            text.append("\n]");
        }
    }
}
