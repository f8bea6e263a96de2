package io.homebudget.ledger.storage.restoring;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Tombstone;
import io.smallrye.mutiny.Multi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The files of a restore, beside the JSON store's: the staged target, one {@link EntryImage} per line, and the record of how far
 * the restore is, which is replaced as a whole. Blocks.
 */
public final class RestoreFiles {
    private static final int CHUNK = 1_000;
    static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private final Path folder;
    private final Path target;
    private final Path record;
    private final Path replacing;

    public RestoreFiles(Path folder) {
        this.folder = folder;
        this.target = folder.resolve("restore.ndjson");
        this.record = folder.resolve("restore.json");
        this.replacing = folder.resolve("replacing-damaged");
    }

    // ---- the replacement of a damaged store ----------------------------------------------------------------------

    /** Durable before anything is moved: a kill in the middle leaves a store that looks new. */
    public void beginReplacing() throws IOException {
        try (Disk.Writable file = Disk.REAL.open(replacing)) {
            file.force();
        }
        Disk.REAL.forceFolder(folder);
    }

    public boolean replacing() {
        return Files.exists(replacing);
    }

    /** Whether it is the file that says so. */
    public boolean marks(Path file) {
        return file.equals(replacing);
    }

    public void endReplacing() throws IOException {
        Disk.REAL.delete(replacing);
        Disk.REAL.forceFolder(folder);
    }

    // ---- the record ----------------------------------------------------------------------------------------------

    Optional<RestoreRecord> read() throws IOException {
        return Files.exists(record)
                ? Optional.of(JSON.readValue(Files.readAllBytes(record), RestoreRecord.class))
                : Optional.empty();
    }

    /** Durable when this returns. */
    void write(RestoreRecord next) throws IOException {
        Path beside = folder.resolve("restore.json.new");
        Disk.REAL.delete(beside);
        try (Disk.Writable file = Disk.REAL.open(beside)) {
            file.append(ByteBuffer.wrap(JSON.writeValueAsBytes(next)));
            file.force();
        }
        Disk.REAL.rename(beside, record);
        Disk.REAL.forceFolder(folder);
    }

    // ---- the target ----------------------------------------------------------------------------------------------

    Disk.Writable newTarget() throws IOException {
        Disk.REAL.delete(target);
        return Disk.REAL.open(target);
    }

    void dropTarget() throws IOException {
        Disk.REAL.delete(target);
    }

    /** @param rows as many as were staged; reading fails where the file has fewer */
    Image image(long position, long rows, Executor workers) {
        return new Image(
                position,
                rows,
                Multi.createFrom()
                        .resource(this::open, reader -> Multi.createFrom().iterable(() -> chunks(reader)))
                        .withFinalizer((BufferedReader reader) -> close(reader))
                        .runSubscriptionOn(workers));
    }

    private BufferedReader open() {
        try {
            return Files.newBufferedReader(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(BufferedReader reader) {
        try {
            reader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Iterator<List<ImageRow>> chunks(BufferedReader reader) {
        return new Iterator<>() {
            private List<ImageRow> next = read();

            private List<ImageRow> read() {
                List<ImageRow> chunk = new ArrayList<>(CHUNK);
                try {
                    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                        chunk.add(row(line.getBytes(StandardCharsets.UTF_8)));
                        if (chunk.size() == CHUNK) {
                            break;
                        }
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return chunk;
            }

            @Override
            public boolean hasNext() {
                return !next.isEmpty();
            }

            @Override
            public List<ImageRow> next() {
                if (next.isEmpty()) {
                    throw new NoSuchElementException();
                }
                List<ImageRow> chunk = next;
                next = read();
                return chunk;
            }
        };
    }

    /** Fails with an {@link IllegalArgumentException} where a line is no image of an entry. */
    static ImageRow row(byte[] line) {
        EntryImage image;
        try {
            image = JSON.readValue(line, EntryImage.class);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "a row is no image of an entry: " + e.getClass().getSimpleName());
        }
        if (image.id() < 1 || image.id() > Entry.MAX_ID) {
            throw new IllegalArgumentException("an id must be within 1.." + Entry.MAX_ID);
        }
        if (image.deleted()) {
            return new ImageRow(null, new Tombstone(image.id(), image.version(), image.epoch(), image.changeId()));
        }
        if (image.values() == null) {
            throw new IllegalArgumentException("row " + image.id() + " is neither deleted nor has values");
        }
        try {
            Entry entry = image.values().withId(image.id());
            return new ImageRow(
                    new Held(entry, image.version(), image.epoch(), image.changeId(), EntryDigest.of(entry)), null);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("row " + image.id() + " has values that no entry can have");
        }
    }
}
