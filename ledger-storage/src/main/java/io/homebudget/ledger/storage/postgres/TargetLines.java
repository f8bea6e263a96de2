package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.rows.ByteScan;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;

/** The rows of an image as lines, one at a time, ascending by id, in the column order of the staging table. Blocks; for one thread. */
final class TargetLines implements AutoCloseable {
    private static final int FIRST_BUFFER = 1 << 18;

    private final InputStream in;
    private byte[] buffer = new byte[FIRST_BUFFER];
    private int filled;
    private int start;
    /** Behind the line feed. */
    private int end;

    private boolean present;
    private long rows;
    private long id;
    private int mark;

    TargetLines(Image image, boolean business) throws IOException {
        in = image.lines() != null ? image.lines().open() : new SequenceInputStream(texts(image, business));
    }

    private static Enumeration<InputStream> texts(Image image, boolean business) {
        Iterator<List<ImageRow>> chunks = image.chunks()
                .subscribe()
                .asIterable(2, () -> new ArrayBlockingQueue<>(4))
                .iterator();
        CopyText text = new CopyText(business);
        return new Enumeration<>() {
            @Override
            public boolean hasMoreElements() {
                return chunks.hasNext();
            }

            @Override
            public InputStream nextElement() {
                chunks.next().forEach(text::staged);
                return new ByteArrayInputStream(text.take());
            }
        };
    }

    /** Goes to the next line; false at the end. */
    boolean next() throws IOException {
        present = found();
        return present;
    }

    /** Whether there is a line, the one that was gone to. */
    boolean present() {
        return present;
    }

    private boolean found() throws IOException {
        start = end;
        int searched = start;
        while (true) {
            int at = ByteScan.find(buffer, searched, filled, '\n');
            if (at < filled) {
                end = at + 1;
                read();
                return true;
            }
            int held = filled - start;
            if (held == buffer.length) {
                buffer = Arrays.copyOf(buffer, 2 * held);
            } else {
                System.arraycopy(buffer, start, buffer, 0, held);
            }
            searched = held;
            start = 0;
            filled = held;
            int more = in.read(buffer, filled, buffer.length - filled);
            if (more < 0) {
                if (held > 0) {
                    throw new IOException("the image ends in the middle of a line");
                }
                end = 0;
                return false;
            }
            filled += more;
        }
    }

    private void read() {
        rows++;
        long value = 0;
        int at = start;
        while (buffer[at] != '\t') {
            value = value * 10 + buffer[at++] - '0';
        }
        id = value;
        mark = at + 1;
    }

    long id() {
        return id;
    }

    boolean deleted() {
        return buffer[mark] == 't';
    }

    /**
     * Whether the line is of these values and of the digest that was recorded with them.
     *
     * @param columns id, deleted, the values and the digest; the last byte is a line feed
     */
    boolean holds(byte[] columns) {
        int values = columns.length - 1;
        while (columns[values] != '\t') {
            values--;
        }
        int digest = end - (columns.length - values);
        return digest >= start + values
                && buffer[start + values] == '\t'
                && Arrays.equals(buffer, start, start + values, columns, 0, values)
                && Arrays.equals(buffer, digest, end, columns, values, columns.length);
    }

    /** How many lines were read so far. */
    long rows() {
        return rows;
    }

    byte[] buffer() {
        return buffer;
    }

    int start() {
        return start;
    }

    int length() {
        return end - start;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
