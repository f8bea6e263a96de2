package io.homebudget.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Snapshots as a person reads them: one line each, and what is wrong with one below it. */
final class SnapshotTable {
    private static final String FORM = "%-24s %-20s %-13s %10s %10s  %s%n";
    private final PrintStream out;
    private boolean empty = true;

    SnapshotTable(PrintStream out) {
        this.out = out;
    }

    void row(JsonNode one) {
        if (empty) {
            out.printf(FORM, "ID", "CREATED", "REASON", "ENTRIES", "SIZE", "STATE");
            empty = false;
        }
        out.printf(
                FORM,
                one.path("id").asText(),
                seconds(one.path("created_at").asText("")),
                one.path("reason").asText("-"),
                one.path("entries").asText("-"),
                one.hasNonNull("bytes") ? size(one.path("bytes").asLong()) : "-",
                state(one));
        one.path("problems").forEach(problem -> out.println("    " + problem.asText()));
    }

    void end() {
        if (empty) {
            out.println("There is no snapshot yet. Make one with ctl backup create.");
        }
    }

    private static String state(JsonNode one) {
        List<String> words = new ArrayList<>();
        if (one.path("local").asBoolean(true)) {
            words.add(
                    !one.path("ok").asBoolean(true)
                            ? "DAMAGED"
                            : one.hasNonNull("verified_at") ? "verified" : "not verified");
            if (!one.path("complete").asBoolean(true)) {
                words.add("a follower is missing");
            }
        } else {
            words.add("only elsewhere");
        }
        if (one.path("pinned").asBoolean()) {
            words.add("pinned");
        }
        if (one.path("remote").asBoolean() && one.path("local").asBoolean(true)) {
            words.add("copied");
        }
        return String.join(", ", words);
    }

    private static String seconds(String instant) {
        return instant.replaceFirst("\\..*Z$", "Z");
    }

    private static String size(long bytes) {
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%.1f KB", bytes / 1024d)
                : String.format(Locale.ROOT, "%.1f MB", bytes / 1024d / 1024d);
    }
}
