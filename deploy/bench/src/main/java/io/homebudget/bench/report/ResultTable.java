package io.homebudget.bench.report;

import java.util.ArrayList;
import java.util.List;

/** Renders outcomes as a table of text; pure. */
public final class ResultTable {
    private static final List<String> HEADER = List.of("figure", "measured", "reach", "reached");

    private ResultTable() {}

    public static String render(List<Outcome> outcomes) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        for (Outcome outcome : outcomes) {
            Figure figure = outcome.figure();
            String measured = outcome.measured().isPresent()
                    ? figure.print(outcome.measured().getAsDouble())
                    : "-";
            rows.add(List.of(figure.title(), measured, figure.reach(), outcome.verdict()));
        }
        int[] widths = new int[HEADER.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder out = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            row(rows.get(r), widths, out);
            if (r == 0) {
                rule(widths, out);
            } else if (!outcomes.get(r - 1).note().isEmpty()) {
                out.append("    ").append(outcomes.get(r - 1).note()).append('\n');
            }
        }
        return out.toString();
    }

    private static void row(List<String> cells, int[] widths, StringBuilder out) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - cells.get(i).length());
            boolean number = i == 1 || i == 2;
            line.append(number ? padding + cells.get(i) : cells.get(i) + padding)
                    .append("  ");
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    private static void rule(int[] widths, StringBuilder out) {
        StringBuilder line = new StringBuilder();
        for (int width : widths) {
            line.append("-".repeat(width)).append("  ");
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }
}
