package io.homebudget.e2e.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files as the old backend leaves them, with as many entries as a step needs to be long enough to be interrupted. */
public final class LargeLedger {
    private LargeLedger() {}

    /** @return a folder for {@code --import} */
    public static Path write(Path folder, int entries) throws IOException {
        Files.createDirectories(folder);
        for (boolean expense : new boolean[] {true, false}) {
            StringBuilder text = new StringBuilder();
            for (int id = 1; id <= entries; id++) {
                text.append(id == 1 ? "[\n  {" : ",\n  {")
                        .append(String.format(
                                "%n    \"date\": \"20%02d-%02d-%02d\"", id % 30, 1 + id % 12, 1 + id % 28))
                        .append(expense ? ",\n    \"business\": " + (id % 3 == 0 ? "null" : "\"b" + id + "\"") : "")
                        .append(",\n    \"category\": \"i")
                        .append(id)
                        .append("\",\n    \"amount\": ")
                        .append(id)
                        .append(".25")
                        .append(
                                ",\n    \"account\": \"Cash\",\n    \"currency\": \"\\u20aa\",\n    \"notes\": \"\\u05e9 ")
                        .append(id)
                        .append("\",\n    \"id\": ")
                        .append(id)
                        .append("\n  }");
            }
            Files.writeString(folder.resolve(expense ? "expenses.json" : "incomes.json"), text.append("\n]"));
        }
        return folder;
    }
}
