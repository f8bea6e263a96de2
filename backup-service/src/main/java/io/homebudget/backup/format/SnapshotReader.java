package io.homebudget.backup.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.StoreName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A snapshot's folder, opened for reading. Opening proves the manifest: it is what {@code SHA256SUMS} says, and both list the
 * same files with the same checksums. The files themselves are proven as they are read.
 */
public final class SnapshotReader {
    private static final int HASH = 64;

    private final Path folder;
    private final Manifest manifest;

    private SnapshotReader(Path folder, Manifest manifest) {
        this.folder = folder;
        this.manifest = manifest;
    }

    /** @throws DamagedSnapshot where manifest or sums are missing or damaged; as {@link NewerFormat} where a newer version wrote them */
    public static SnapshotReader open(Path folder) throws IOException {
        byte[] bytes = bytes(folder, Manifest.FILE);
        Map<String, String> sums = sums(folder);
        String listed = sums.remove(Manifest.FILE);
        String actual = FileSummer.of(folder, Manifest.FILE).sha256();
        if (!actual.equals(listed)) {
            throw damaged(
                    Manifest.FILE,
                    "bytes 0 to " + (bytes.length - 1),
                    "its SHA-256 is " + actual + ", " + Manifest.SUMS + " says " + listed);
        }
        Manifest manifest = parse(bytes);
        for (FileSum file : manifest.files()) {
            String sum = sums.remove(file.path());
            if (!file.sha256().equals(sum)) {
                throw damaged(Manifest.SUMS, "the line of " + file.path(), "the manifest says " + file.sha256());
            }
        }
        if (!sums.isEmpty()) {
            throw damaged(Manifest.SUMS, "", "it lists what the manifest does not: " + sums.keySet());
        }
        return new SnapshotReader(folder, manifest);
    }

    public Path folder() {
        return folder;
    }

    public Manifest manifest() {
        return manifest;
    }

    /**
     * The rows of one store of one kind.
     *
     * @throws IllegalArgumentException where the snapshot has no such image: ask the manifest first
     */
    public EntryStream entries(Kind kind, StoreName store) throws IOException {
        StoreImage image = manifest.image(kind, store)
                .orElseThrow(() -> new IllegalArgumentException(
                        "snapshot " + manifest.id() + " holds no " + store.word() + " image of " + kind.plural()));
        FileSum file = manifest.file(image.file())
                .orElseThrow(() -> damaged(Manifest.FILE, "", "the image " + image.file() + " is not among the files"));
        try {
            return new EntryStream(folder, image, file);
        } catch (NoSuchFileException e) {
            throw damaged(image.file(), "", "it is missing");
        }
    }

    private static Manifest parse(byte[] bytes) throws DamagedSnapshot {
        try {
            int format = SnapshotJson.MAPPER.readTree(bytes).path("format").asInt();
            if (format > Manifest.FORMAT) {
                throw new NewerFormat(new Flaw(Manifest.FILE, "", Manifest.newer(format)));
            }
            return SnapshotJson.MAPPER.readValue(bytes, Manifest.class);
        } catch (DamagedSnapshot e) {
            throw e;
        } catch (ValueInstantiationException e) {
            throw damaged(
                    Manifest.FILE,
                    "",
                    e.getCause() == null ? e.getOriginalMessage() : e.getCause().getMessage());
        } catch (JsonProcessingException e) {
            throw damaged(Manifest.FILE, "", e.getOriginalMessage());
        } catch (IOException e) {
            throw damaged(Manifest.FILE, "", "it cannot be read");
        }
    }

    private static byte[] bytes(Path folder, String name) throws IOException {
        try {
            return Files.readAllBytes(folder.resolve(name));
        } catch (NoSuchFileException e) {
            throw damaged(name, "", "it is missing");
        }
    }

    /** The lines of {@code SHA256SUMS}, as {@code sha256sum} writes them. */
    private static Map<String, String> sums(Path folder) throws IOException {
        String text = new String(bytes(folder, Manifest.SUMS), StandardCharsets.UTF_8);
        Map<String, String> sums = new LinkedHashMap<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            if (line.isEmpty() && text.endsWith("\n") && number > 1) {
                continue;
            }
            boolean formed = line.length() > HASH + 2 && line.startsWith("  ", HASH);
            if (!formed || sums.put(line.substring(HASH + 2), line.substring(0, HASH)) != null) {
                throw damaged(Manifest.SUMS, "line " + number, "it is not a checksum and a path");
            }
        }
        return sums;
    }

    private static DamagedSnapshot damaged(String file, String place, String what) {
        return new DamagedSnapshot(new Flaw(file, place, what));
    }
}
