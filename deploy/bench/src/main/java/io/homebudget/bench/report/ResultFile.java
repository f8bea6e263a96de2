package io.homebudget.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a run's outcomes beside each other as {@code bench-TIME.txt} for people and {@code bench-TIME.json} for programs. */
public final class ResultFile {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ResultFile() {}

    /**
     * @param name without extension
     * @param machine what the numbers were measured on
     * @return the text file
     */
    public static Path write(Path folder, String name, Map<String, Object> machine, List<Outcome> outcomes)
            throws IOException {
        Files.createDirectories(folder);
        Path text = folder.resolve(name + ".txt");
        Files.writeString(text, machine + "\n\n" + ResultTable.render(outcomes));
        JSON.writeValue(folder.resolve(name + ".json").toFile(), tree(machine, outcomes));
        return text;
    }

    static Map<String, Object> tree(Map<String, Object> machine, List<Outcome> outcomes) {
        List<Map<String, Object>> figures = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            Map<String, Object> figure = new LinkedHashMap<>();
            figure.put("name", outcome.figure().word());
            figure.put("figure", outcome.figure().title());
            figure.put(
                    "measured",
                    outcome.measured().isPresent() ? outcome.measured().getAsDouble() : null);
            figure.put("reach", outcome.figure().reach());
            figure.put("reached", outcome.reached());
            figure.put("verdict", outcome.verdict());
            figure.put("note", outcome.note());
            figure.put("raw", outcome.raw());
            figures.add(figure);
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("machine", machine);
        tree.put("figures", figures);
        return tree;
    }
}
