package io.homebudget.ledger.storage.breakglass;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.ExportHead;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorInputStream;

/**
 * The rows of the store that ruled a kind, read from a snapshot's folder without backup-service. Every file of the snapshot is
 * proven first; a row is a line as {@code GET /internal/v1/export} gives it.
 */
final class SnapshotRows implements AutoCloseable {
    private static final ObjectMapper JSON =
            JsonMapper.builder().addModule(new JavaTimeModule()).build();

    private final BufferedReader lines;
    private final ExportHead head;
    private long read;

    private SnapshotRows(BufferedReader lines, ExportHead head) {
        this.lines = lines;
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
        prove(snapshot);
        JsonNode manifest = JSON.readTree(snapshot.resolve("manifest.json").toFile());
        if (manifest.path("format").asInt() != 1) {
            throw new IOException("manifest.json has format " + manifest.path("format") + ", known is 1");
        }
        for (JsonNode image : manifest.path("images")) {
            if (image.path("primary").asBoolean() && image.path("kind").asText().equals(kind.word())) {
                InputStream file =
                        Files.newInputStream(snapshot.resolve(image.path("file").asText()));
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(new ZstdCompressorInputStream(file), StandardCharsets.UTF_8));
                return new SnapshotRows(lines, JSON.readValue(lines.readLine(), ExportHead.class));
            }
        }
        throw new IOException("the snapshot holds no " + kind.plural());
    }

    private static void prove(Path snapshot) throws IOException {
        for (String line : Files.readAllLines(snapshot.resolve("SHA256SUMS"))) {
            String name = line.substring(66);
            if (!line.substring(0, 64).equals(sum(snapshot.resolve(name)))) {
                throw new IOException(name + " is not what was written: its SHA-256 differs");
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
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    ExportHead head() {
        return head;
    }

    /** The next row as a line; null after the last, when the tail has been seen. */
    String next() throws IOException {
        String line = lines.readLine();
        if (line == null) {
            throw new IOException("the rows break off after " + read);
        }
        if (read == head.rows()) {
            if (!JSON.readTree(line).path("end").asBoolean()) {
                throw new IOException("the rows have no end");
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
