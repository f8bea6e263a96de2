package io.homebudget.backup.arrays;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import io.homebudget.backup.format.Behind;
import io.homebudget.backup.format.Durable;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.json.EntryWriter;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Brings the live entries of an export, which ascends by id, into the order of the array file (newest date first, then highest
 * id), as the very bytes that the old backend writes.
 *
 * <p>Memory is bounded whatever their number: beyond {@link #IN_MEMORY} bytes a sorted part goes to a file of its own, and the
 * parts are merged at the end. Close removes them. Entries are rendered and sorted on a thread of their own while the next ones
 * are read. For one thread.
 */
public final class ArrayRows implements AutoCloseable {
    /** Of rendered entries held at once; objects about them take as much again. A million entries make ten parts. */
    private static final int IN_MEMORY = 24 << 20;
    /** Less is not worth a file. */
    private static final int HELD_WHILE_OTHERS_ARE_READ = 2 << 20;

    /** So many that handing them over costs nothing beside rendering them; fewer where their texts are long. */
    private static final int BATCH = 1_000;

    private static final int BATCH_CHARACTERS = 1 << 20;

    private static final byte[] OPEN = "[\n  ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BETWEEN = ",\n  ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "\n]".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EMPTY = "[]".getBytes(StandardCharsets.US_ASCII);
    private static final Comparator<Row> NEWEST_FIRST =
            Comparator.comparingLong(Row::day).thenComparingLong(Row::id).reversed();

    private final Kind kind;
    private final Path scratch;
    private final List<Row> rows = new ArrayList<>();
    private final List<Path> parts = new ArrayList<>();
    private final StringBuilder text = new StringBuilder(400);
    private final Behind renderer = new Behind("array-rows");
    private List<EntryImage> batch = new ArrayList<>(BATCH);
    private long batchCharacters;
    private long held;
    private long count;
    private long bytes;

    private record Row(long day, long id, byte[] text) {}

    /** @param scratch a folder for the parts, made when it is needed */
    public ArrayRows(Kind kind, Path scratch) {
        this.kind = kind;
        this.scratch = scratch;
    }

    /** Tombstones are passed over. */
    public void add(EntryImage image) throws IOException {
        if (image.deleted()) {
            return;
        }
        batch.add(image);
        batchCharacters += characters(image.values());
        if (batch.size() == BATCH || batchCharacters >= BATCH_CHARACTERS) {
            handOver();
        }
    }

    private static long characters(EntryValues values) {
        return length(values.business())
                + length(values.category())
                + length(values.account())
                + length(values.currency())
                + length(values.notes());
    }

    private static long length(String text) {
        return text == null ? 0 : text.length();
    }

    private void handOver() throws IOException {
        List<EntryImage> full = batch;
        batch = new ArrayList<>(BATCH);
        batchCharacters = 0;
        renderer.handOver(() -> {
            for (EntryImage image : full) {
                render(image);
            }
            return null;
        });
    }

    /** All that was added is rendered. */
    private void gathered() throws IOException {
        handOver();
        renderer.arrived();
    }

    private void render(EntryImage image) throws IOException {
        Entry entry = image.values().withId(image.id());
        text.setLength(0);
        EntryWriter.indented(kind, entry, text);
        byte[] rendered = text.toString().getBytes(StandardCharsets.US_ASCII);
        rows.add(new Row(entry.date().toEpochDay(), entry.id(), rendered));
        held += rendered.length;
        bytes += rendered.length;
        count++;
        if (held >= IN_MEMORY) {
            spill();
        }
    }

    /** Nothing more comes: holds little until it is written, since the rows of another kind are gathered meanwhile. */
    public void rest() throws IOException {
        gathered();
        if (held >= HELD_WHILE_OTHERS_ARE_READ) {
            spill();
        }
    }

    /** The exact length of what {@link #writeTo} writes. */
    public long length() throws IOException {
        gathered();
        return count == 0 ? EMPTY.length : OPEN.length + bytes + (count - 1) * BETWEEN.length + CLOSE.length;
    }

    public void writeTo(OutputStream out) throws IOException {
        gathered();
        if (count == 0) {
            out.write(EMPTY);
            return;
        }
        rows.sort(NEWEST_FIRST);
        PriorityQueue<Source> sources = new PriorityQueue<>(Comparator.comparing(source -> source.row, NEWEST_FIRST));
        List<Source> opened = new ArrayList<>();
        try {
            opened.add(new Held(rows.iterator()));
            for (Path part : parts) {
                opened.add(new Part(part));
            }
            for (Source source : opened) {
                if (source.advance()) {
                    sources.add(source);
                }
            }
            merge(sources, out);
        } finally {
            for (Source source : opened) {
                source.close();
            }
        }
    }

    private static void merge(PriorityQueue<Source> sources, OutputStream out) throws IOException {
        byte[] before = OPEN;
        while (!sources.isEmpty()) {
            Source newest = sources.poll();
            out.write(before);
            out.write(newest.row.text());
            before = BETWEEN;
            if (newest.advance()) {
                sources.add(newest);
            }
        }
        out.write(CLOSE);
    }

    private void spill() throws IOException {
        rows.sort(NEWEST_FIRST);
        Durable.folder(scratch);
        Path part = scratch.resolve(kind.word() + "." + parts.size());
        parts.add(part);
        try (DataOutputStream out = new DataOutputStream(
                new BufferedOutputStream(new ZstdOutputStream(Files.newOutputStream(part), 1), 1 << 16))) {
            for (Row row : rows) {
                out.writeLong(row.day());
                out.writeLong(row.id());
                out.writeInt(row.text().length);
                out.write(row.text());
            }
        }
        rows.clear();
        held = 0;
    }

    @Override
    public void close() throws IOException {
        try {
            renderer.close();
        } finally {
            for (Path part : parts) {
                Files.deleteIfExists(part);
            }
            Files.deleteIfExists(scratch);
        }
    }

    /** Sorted rows, one at a time. */
    private abstract static class Source {
        private Row row;

        /** Null at the end. */
        abstract Row next() throws IOException;

        abstract void close() throws IOException;

        boolean advance() throws IOException {
            row = next();
            return row != null;
        }
    }

    private static final class Held extends Source {
        private final Iterator<Row> rows;

        Held(Iterator<Row> rows) {
            this.rows = rows;
        }

        @Override
        Row next() {
            return rows.hasNext() ? rows.next() : null;
        }

        @Override
        void close() {
            // holds nothing but memory
        }
    }

    private static final class Part extends Source {
        private final DataInputStream in;

        Part(Path file) throws IOException {
            in = new DataInputStream(new BufferedInputStream(new ZstdInputStream(Files.newInputStream(file)), 1 << 16));
        }

        @Override
        Row next() throws IOException {
            long day;
            try {
                day = in.readLong();
            } catch (EOFException e) {
                return null;
            }
            long id = in.readLong();
            byte[] text = new byte[in.readInt()];
            in.readFully(text);
            return new Row(day, id, text);
        }

        @Override
        void close() throws IOException {
            in.close();
        }
    }
}
