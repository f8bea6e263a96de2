package io.homebudget.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.load.Row;
import io.homebudget.e2e.stack.Api;
import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What each store holds, read without the system's own code. */
public final class Stores {
    private Stores() {}

    public static Map<Long, Row> served(Stack stack, String kind) throws IOException, InterruptedException {
        return rows(Api.of(stack, "front-door", null)
                .get("/api/v1/" + kind)
                .must(200)
                .json());
    }

    public static Map<Long, Row> file(Path array) throws IOException {
        return rows(Api.JSON.readTree(Files.readAllBytes(array)));
    }

    private static Map<Long, Row> rows(JsonNode array) {
        Map<Long, Row> rows = new TreeMap<>();
        for (JsonNode node : array) {
            Row row = Row.of(node);
            if (rows.put(row.id(), row) != null) {
                throw new AssertionError("the id is there twice: " + row);
            }
        }
        return rows;
    }

    public static Map<Long, Row> postgres(Stack stack, String kind) throws IOException, SQLException {
        Map<Long, Row> rows = new TreeMap<>();
        List<String> columns = new ArrayList<>(List.of("date", "category", "account", "currency", "notes"));
        if (kind.equals("expense")) {
            columns.add("business");
        }
        try (Connection connection = stack.postgres();
                ResultSet found = connection
                        .createStatement()
                        .executeQuery("select id, amount, " + String.join(", ", columns) + " from " + kind + "." + kind
                                + "s")) {
            while (found.next()) {
                Map<String, String> fields = new TreeMap<>();
                for (String column : columns) {
                    fields.put(column, found.getString(column));
                }
                fields.put("amount", Row.amount(found.getBigDecimal("amount")));
                rows.put(found.getLong("id"), new Row(found.getLong("id"), fields));
            }
        }
        return rows;
    }

    /** Entries whose last change in the log is not what the row says, and versions with gaps or out of order. */
    public static List<String> changeLogProblems(Stack stack, String kind) throws IOException, SQLException {
        List<String> problems = new ArrayList<>();
        try (Connection connection = stack.postgres();
                ResultSet found = connection
                        .createStatement()
                        .executeQuery(
                                "select entry_id, version, change_log.position from " + kind + ".change_log, " + kind
                                        + ".ledger_progress where change_log.position > ledger_progress.log_from"
                                        + " order by change_log.position, ordinal")) {
            Map<Long, Long> versions = new HashMap<>();
            while (found.next()) {
                long version = found.getLong(2);
                Long before = versions.put(found.getLong(1), version);
                if (before != null && version != before + 1) {
                    problems.add("change_log of " + kind + ": entry " + found.getLong(1) + " goes from version "
                            + before + " to " + version + " at position " + found.getLong(3));
                }
            }
        }
        return problems;
    }

    public static long count(Stack stack, String sql) throws IOException, SQLException {
        try (Connection connection = stack.postgres();
                ResultSet found = connection.createStatement().executeQuery(sql)) {
            found.next();
            return found.getLong(1);
        }
    }

    /** Whether the file is, byte for byte, what Python's {@code json.dump(entries, file, indent=2)} would have written. */
    public static List<String> oldFormatProblems(String kind, Path array) throws IOException {
        String text = Files.readString(array, StandardCharsets.UTF_8);
        List<String> keys = kind.equals("expense")
                ? List.of("date", "business", "category", "amount", "account", "currency", "notes", "id")
                : List.of("date", "category", "amount", "account", "currency", "notes", "id");
        StringBuilder wanted = new StringBuilder();
        for (JsonNode entry : Api.JSON.readTree(text)) {
            wanted.append(wanted.length() == 0 ? "[\n  {" : ",\n  {");
            for (String key : keys) {
                wanted.append(key.equals("date") ? "\n    \"" : ",\n    \"")
                        .append(key)
                        .append("\": ");
                PythonJson.append(entry.path(key), wanted);
            }
            wanted.append("\n  }");
        }
        wanted.append(wanted.length() == 0 ? "[]" : "\n]");
        if (wanted.toString().equals(text)) {
            return List.of();
        }
        int at = 0;
        while (at < Math.min(text.length(), wanted.length()) && text.charAt(at) == wanted.charAt(at)) {
            at++;
        }
        return List.of(array + " differs from the old backend's form at character " + at + ": "
                + text.substring(Math.max(0, at - 40), Math.min(text.length(), at + 40)));
    }
}
