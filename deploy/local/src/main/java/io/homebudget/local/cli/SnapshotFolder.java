package io.homebudget.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homebudget.local.http.JsonHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The snapshots of a folder, read without backup-service, in the form of its list. Nothing is proven here. */
final class SnapshotFolder {
    private SnapshotFolder() {}

    /** Newest first. */
    static List<JsonNode> list(Path backups) {
        List<Path> folders;
        try (Stream<Path> all = Files.list(backups)) {
            folders = all.filter(path -> !path.getFileName().toString().startsWith("."))
                    .filter(Files::isDirectory)
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (IOException none) {
            return List.of();
        }
        List<JsonNode> listed = new ArrayList<>();
        folders.forEach(folder -> listed.add(one(folder)));
        return listed;
    }

    private static JsonNode one(Path folder) {
        ObjectNode row = JsonHttp.MAPPER.createObjectNode();
        row.put("id", folder.getFileName().toString());
        try {
            JsonNode manifest = JsonHttp.MAPPER.readTree(Files.readAllBytes(folder.resolve("manifest.json")));
            row.set("created_at", manifest.path("created_at"));
            row.set("reason", manifest.path("reason"));
            row.put("complete", manifest.path("missing").isEmpty());
            long entries = 0;
            for (JsonNode image : manifest.path("images")) {
                entries += image.path("primary").asBoolean()
                        ? image.path("entries").asLong()
                        : 0;
            }
            row.put("entries", entries);
            long bytes = 0;
            for (JsonNode file : manifest.path("files")) {
                bytes += file.path("bytes").asLong();
            }
            row.put("bytes", bytes);
            Path state = folder.resolve("state.json");
            if (Files.exists(state)) {
                JsonNode known = JsonHttp.MAPPER.readTree(Files.readAllBytes(state));
                row.set("verified_at", known.path("verified_at"));
                row.set("ok", known.path("ok"));
                row.set("pinned", known.path("pinned"));
            }
        } catch (IOException damaged) {
            row.put("ok", false);
        }
        return row;
    }
}
