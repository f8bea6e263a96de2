package io.homebudget.ledger.storage.restoring;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
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
 * The files of a restore, beside the JSON store's: the staged target, one row per line ({@link TargetRows}), and the record of how far
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
    /** Where a version that kept JSON lines had it: a restore that it began is finished from there. */
    private final Path oldTarget;

    private final Path record;
    private final Path replacing;

    public RestoreFiles(Path folder) {
        this.folder = folder;
        this.target = folder.resolve("restore.rows");
        this.oldTarget = folder.resolve("restore.ndjson");
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
        dropTarget();
        return Disk.REAL.open(target);
    }

    void dropTarget() throws IOException {
        Disk.REAL.delete(target);
        Disk.REAL.delete(oldTarget);
    }

    /** @param rows as many as were staged; reading fails where the file has fewer */
    Image image(ExportHead source, long rows, Executor workers) {
        boolean old = !Files.exists(target) && Files.exists(oldTarget);
        return new Image(
                source.position(),
                rows,
                Multi.createFrom()
                        .resource(() -> open(old ? oldTarget : target), reader -> Multi.createFrom()
                                .iterable(() -> chunks(reader, new TargetRows(source), rows)))
                        .withFinalizer((BufferedReader reader) -> close(reader))
                        .runSubscriptionOn(workers),
                old ? null : () -> Files.newInputStream(target));
    }

    private static BufferedReader open(Path file) {
        try {
            return Files.newBufferedReader(file);
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

    private static Iterator<List<ImageRow>> chunks(BufferedReader reader, TargetRows rows, long staged) {
        return new Iterator<>() {
            private long left = staged;
            private List<ImageRow> next = read();

            private List<ImageRow> read() {
                List<ImageRow> chunk = new ArrayList<>(CHUNK);
                try {
                    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                        chunk.add(rows.row(line.getBytes(StandardCharsets.UTF_8)));
                        if (chunk.size() == CHUNK) {
                            break;
                        }
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                left -= chunk.size();
                if (left != 0 && (left < 0 || chunk.isEmpty())) {
                    throw new IllegalStateException("the file of a restore has not the " + staged + " rows staged");
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
}
