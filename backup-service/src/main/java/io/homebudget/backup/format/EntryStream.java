package io.homebudget.backup.format;

import com.github.luben.zstd.ZstdInputStream;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.ExportHead;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.input.TeeInputStream;

/**
 * The rows of one image, read from its file one after the other, ascending by id.
 *
 * <p>Guarantees: {@link #next} gives null only after every byte of the file has the checksum, and every row the count and the
 * digest, that the manifest states. Rows given before that may be damaged: whoever acts on a row before the end must be able to
 * take it back, or verify the snapshot first. Memory does not depend on the number of rows.
 */
public final class EntryStream implements AutoCloseable {
    private static final int DRAIN = 1 << 16;
    /** How files of format 1 are named. */
    private static final String OLD = ".ndjson.zst";

    private final StoreImage image;
    private final FileSum expected;
    private final FileSummer summer = new FileSummer();
    private final InputStream file;
    private final ZstdInputStream unpacked;
    private final RowSource rows;
    private boolean ended;

    EntryStream(Path folder, StoreImage image, FileSum expected) throws IOException {
        this.image = image;
        this.expected = expected;
        this.file = new TeeInputStream(Files.newInputStream(folder.resolve(image.file())), summer);
        ZstdInputStream opened = null;
        try {
            opened = new ZstdInputStream(file);
            unpacked = opened;
            rows = read(() -> image.file().endsWith(OLD)
                    ? new JsonRows(image.kind(), unpacked)
                    : new CopyRows(image.kind(), unpacked));
        } catch (IOException | RuntimeException e) {
            (opened == null ? file : opened).close();
            throw e;
        }
    }

    private interface Reading<T> {
        T run() throws IOException;
    }

    /** What the export said of itself that the image was made of; its rows are given in today's format. */
    public ExportHead head() {
        return new ExportHead(
                ExportHead.FORMAT,
                image.kind().word(),
                image.store().word(),
                image.position(),
                image.rows(),
                image.epoch(),
                image.phase(),
                image.identity(),
                image.idsThrough(),
                image.publishedThrough(),
                image.schemaVersion(),
                image.at());
    }

    /** How many rows were given so far. */
    public long read() {
        return rows.read();
    }

    /**
     * The next row; null at the proven end.
     *
     * @throws DamagedSnapshot naming file and place
     */
    public EntryImage next() throws IOException {
        return advance() ? rows.row() : null;
    }

    /**
     * Appends the next row as a line of {@link io.homebudget.ledger.rows.RowText}, without making an object of it.
     *
     * @return false at the proven end
     * @throws DamagedSnapshot naming file and place
     */
    public boolean next(OutputStream lines) throws IOException {
        boolean more = advance();
        if (more) {
            rows.writeTo(lines);
        }
        return more;
    }

    /** Reads what is left. @throws DamagedSnapshot naming file and place */
    public void prove() throws IOException {
        while (advance()) {
            // each row is proven by itself, and at the end all of them
        }
    }

    private boolean advance() throws IOException {
        if (ended) {
            return false;
        }
        if (read(rows::next)) {
            return true;
        }
        end();
        ended = true;
        return false;
    }

    private <T> T read(Reading<T> reading) throws IOException {
        try {
            return reading.run();
        } catch (ExportLines.BrokenExport e) {
            throw damaged("line " + e.line(), e.getMessage(), e);
        } catch (DamagedSnapshot e) {
            throw e;
        } catch (IOException e) {
            throw damaged("", "it cannot be unpacked: " + e.getMessage(), e);
        }
    }

    private void end() throws IOException {
        byte[] rest = new byte[DRAIN];
        while (file.read(rest) >= 0) {
            // what the decompressor left is summed on the way
        }
        FileSum found = summer.finish(expected.path());
        if (!found.sha256().equals(expected.sha256())) {
            throw damaged("", "its SHA-256 is " + found.sha256() + ", the manifest says " + expected.sha256(), null);
        }
        RowSource.Sum sum = rows.sum();
        if (sum.entries() != image.entries()
                || sum.tombstones() != image.tombstones()
                || !sum.digest().equals(image.digest())
                || rows.contradicts(image)) {
            throw damaged("", "counts, digest or position are not those of the manifest", null);
        }
    }

    private DamagedSnapshot damaged(String place, String what, Throwable cause) {
        return new DamagedSnapshot(new Flaw(image.file(), place, what), cause);
    }

    @Override
    public void close() throws IOException {
        unpacked.close();
    }
}
