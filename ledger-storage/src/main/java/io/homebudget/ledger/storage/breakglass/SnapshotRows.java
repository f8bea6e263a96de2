package io.homebudget.ledger.storage.breakglass;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.phase.Phase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorInputStream;

/**
 * The rows of the store that ruled a kind, read from a snapshot's folder without backup-service. Every file of the snapshot is
 * proven first; a row is a line as {@code GET /internal/v1/export} gives it, or gave it when the snapshot was made.
 */
final class SnapshotRows implements AutoCloseable {
    private static final int NEWEST = 2;
    private static final String MANIFEST = "manifest.json";
    private static final String SUMS = "SHA256SUMS";
    private static final ObjectMapper JSON =
            JsonMapper.builder().addModule(new JavaTimeModule()).build();

    private final BufferedReader lines;
    private final ExportHead head;
    /** Whether head and tail stand in the file itself. */
    private final boolean old;

    private long read;

    private SnapshotRows(BufferedReader lines, ExportHead head, boolean old) {
        this.lines = lines;
        this.old = old;
        this.head = head;
    }

    /** @throws IOException naming the file that is damaged or missing */
    static SnapshotRows open(Path snapshot, Kind kind) throws IOException {
        try {
            return opened(snapshot, kind);
        } catch (NoSuchFileException missing) {
            throw new IOException(missing.getFile() + " is missing", missing);
        }
    }

    private static SnapshotRows opened(Path snapshot, Kind kind) throws IOException {
        Map<String, String> proven = prove(snapshot);
        JsonNode manifest = JSON.readTree(snapshot.resolve(MANIFEST).toFile());
        requireAll(manifest, proven);
        int format = manifest.path("format").asInt();
        if (format < 1 || format > NEWEST) {
            throw new IOException("manifest.json has format " + manifest.path("format") + ", known are 1 to " + NEWEST);
        }
        for (JsonNode image : manifest.path("images")) {
            if (image.path("primary").asBoolean() && image.path("kind").asText().equals(kind.word())) {
                InputStream file =
                        Files.newInputStream(snapshot.resolve(image.path("file").asText()));
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(new ZstdCompressorInputStream(file), StandardCharsets.UTF_8));
                boolean old = format == 1;
                return new SnapshotRows(
                        lines, old ? JSON.readValue(lines.readLine(), ExportHead.class) : head(image), old);
            }
        }
        throw new IOException("the snapshot holds no " + kind.plural());
    }

    private static ExportHead head(JsonNode image) throws IOException {
        return new ExportHead(
                ExportHead.FORMAT,
                image.path("kind").asText(),
                image.path("store").asText(),
                image.path("position").asLong(),
                image.path("entries").asLong() + image.path("tombstones").asLong(),
                image.path("epoch").asLong(),
                JSON.treeToValue(image.path("phase"), Phase.class),
                JSON.treeToValue(image.path("identity"), UUID.class),
                image.path("ids_through").asLong(),
                image.path("published_through").isNumber()
                        ? image.path("published_through").asLong()
                        : null,
                image.path("schema_version").isTextual()
                        ? image.path("schema_version").asText()
                        : null,
                JSON.treeToValue(image.path("at"), Instant.class));
    }

    /** @return the sum of every file that was proven, by its path */
    private static Map<String, String> prove(Path snapshot) throws IOException {
        Map<String, String> proven = new HashMap<>();
        for (String line : Files.readAllLines(snapshot.resolve(SUMS))) {
            if (!line.matches("[0-9a-f]{64}  .+")) {
                throw new IOException(SUMS + " is damaged: one of its lines is no sum of a file");
            }
            String name = line.substring(66);
            String sum = line.substring(0, 64);
            if (!sum.equals(sum(snapshot.resolve(name)))) {
                throw new IOException(name + " is not what was written: its SHA-256 differs");
            }
            proven.put(name, sum);
        }
        if (!proven.containsKey(MANIFEST)) {
            throw new IOException(SUMS + " is damaged: it does not say what " + MANIFEST + " was");
        }
        return proven;
    }

    /** Sums that lost lines prove too little. */
    private static void requireAll(JsonNode manifest, Map<String, String> proven) throws IOException {
        for (JsonNode file : manifest.path("files")) {
            String path = file.path("path").asText();
            if (!file.path("sha256").asText().equals(proven.get(path))) {
                throw new IOException(
                        path + " is not proven: " + SUMS + " and " + MANIFEST + " do not say the same of it");
            }
        }
        for (JsonNode image : manifest.path("images")) {
            if (!proven.containsKey(image.path("file").asText())) {
                throw new IOException(image.path("file").asText() + " is not proven: " + SUMS + " does not name it");
            }
        }
    }

    private static String sum(Path file) throws IOException {
        MessageDigest sha;
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    ExportHead head() {
        return head;
    }

    /** The next row as a line; null after the last, when as many were there as the snapshot says. */
    String next() throws IOException {
        String line = lines.readLine();
        if (line == null && !old && read == head.rows()) {
            return null;
        }
        if (line == null) {
            throw new IOException("the rows break off after " + read);
        }
        if (read == head.rows()) {
            if (!old || !JSON.readTree(line).path("end").asBoolean()) {
                throw new IOException(old ? "the rows have no end" : "there are more rows than the snapshot says");
            }
            return null;
        }
        read++;
        return line;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
