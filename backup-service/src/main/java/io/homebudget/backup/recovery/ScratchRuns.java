package io.homebudget.backup.recovery;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.format.Durable;
import io.homebudget.backup.restore.Rows;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.rows.MalformedRow;
import io.homebudget.ledger.rows.RowLine;
import io.homebudget.ledger.rows.RowText;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/**
 * What a fold does not keep in memory: files in a scratch folder beside the snapshots, each ascending by id, in which an entry may be
 * more than once. There are never more than {@link #MOST} of them, so reading all of them at once takes 1 MB and a
 * row of each. Closing removes them,
 * and so does the next start after a kill ({@link Catalogue#clean}). They hold what snapshots hold, for the same eyes only.
 */
final class ScratchRuns implements Closeable {
    /** When there are so many, they become one. */
    static final int MOST = 16;

    private static final int BUFFER = 1 << 16;
    /** A character that takes two bytes of memory takes at most three here. */
    private static final double TEXT_GROWS = 1.5;
    /** Others write to the disk too: the jobs' records, the array file of a drill. */
    private static final long LEFT_FREE = 64L << 20;

    private final Kind kind;
    private final Path parent;
    private final Disk disk;
    private final List<Run> runs = new ArrayList<>();
    private final StringBuilder text = new StringBuilder(400);
    private Path folder;
    private int written;

    /** How many bytes are free. */
    interface Disk {
        Disk REAL = folder -> Files.getFileStore(folder).getUsableSpace();

        long free(Path folder) throws IOException;
    }

    private record Run(Path file, long rows) {}

    /** @param parent in which the scratch folder is made when it is needed */
    ScratchRuns(Kind kind, Path parent, Disk disk) {
        this.kind = kind;
        this.parent = parent;
        this.disk = disk;
    }

    /** How many rows there are; an entry that is in several files counts for each. */
    long rows() {
        return runs.stream().mapToLong(Run::rows).sum();
    }

    /**
     * Keeps rows that ascend by id.
     *
     * @param weight of them, as {@link Room#weight} counts it
     * @throws IOException where the disk has no room for them; the message is for a person
     */
    void add(Collection<EntryImage> ascending, long weight) throws IOException {
        Iterator<EntryImage> iterator = ascending.iterator();
        runs.add(write(() -> iterator.hasNext() ? iterator.next() : null, Math.round(weight * TEXT_GROWS)));
        if (runs.size() == MOST) {
            List<Run> merged = List.copyOf(runs);
            long bytes = 0;
            for (Run run : merged) {
                bytes += Files.size(run.file());
            }
            Run one;
            try (MergedRows all = with(List.of(), List.of())) {
                one = write(all, bytes);
            }
            runs.clear();
            runs.add(one);
            for (Run run : merged) {
                Files.delete(run.file());
            }
        }
    }

    /** All of it, after one sequence and before another. To be closed. */
    MergedRows with(List<Rows> before, Collection<EntryImage> after) throws IOException {
        List<Reader> files =
                runs.stream().map(run -> new Reader(kind, run.file())).toList();
        List<Rows> sequences = new ArrayList<>(before);
        sequences.addAll(files);
        Iterator<EntryImage> last = after.iterator();
        sequences.add(() -> last.hasNext() ? last.next() : null);
        return new MergedRows(sequences, files);
    }

    private Run write(Rows rows, long atMost) throws IOException {
        requireRoom(atMost);
        if (folder == null) {
            folder = Files.createTempDirectory(parent, Catalogue.FOLD);
        }
        Path file = folder.resolve("run." + written++);
        long count = 0;
        try (DataOutputStream out = new DataOutputStream(
                new BufferedOutputStream(Channels.newOutputStream(Durable.create(file)), BUFFER))) {
            for (EntryImage row = rows.next(); row != null; row = rows.next()) {
                text.setLength(0);
                RowText.append(kind, row, text);
                byte[] line = text.toString().getBytes(StandardCharsets.UTF_8);
                out.writeInt(line.length);
                out.write(line);
                count++;
            }
        }
        return new Run(file, count);
    }

    private void requireRoom(long bytes) throws IOException {
        long free = disk.free(parent);
        if (free < bytes + LEFT_FREE) {
            throw new IOException(
                    "The entries that changed since the snapshot do not fit into memory, and on the disk of "
                            + parent + " " + megabytes(bytes + LEFT_FREE) + " MB are needed for them, "
                            + megabytes(free)
                            + " MB are free: make room there, or choose a moment nearer to a snapshot. No ledger was touched.");
        }
    }

    private static long megabytes(long bytes) {
        return bytes >> 20;
    }

    @Override
    public void close() throws IOException {
        runs.clear();
        if (folder != null) {
            Durable.removeTree(folder);
            folder = null;
        }
    }

    /** The rows of one file, which is opened with the first of them. */
    private static final class Reader implements Rows, Closeable {
        private final Path file;
        private final RowLine line;
        private DataInputStream in;

        Reader(Kind kind, Path file) {
            this.line = new RowLine(kind);
            this.file = file;
        }

        @Override
        public EntryImage next() throws IOException {
            if (in == null) {
                in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER));
            }
            int length;
            try {
                length = in.readInt();
            } catch (EOFException end) {
                return null;
            }
            byte[] row = in.readNBytes(length);
            try {
                // without the line feed
                line.read(row, 0, row.length - 1);
            } catch (MalformedRow e) {
                throw new IOException("the scratch file of a fold cannot be read back: " + e.getMessage(), e);
            }
            return line.image();
        }

        @Override
        public void close() throws IOException {
            if (in != null) {
                in.close();
            }
        }
    }
}
