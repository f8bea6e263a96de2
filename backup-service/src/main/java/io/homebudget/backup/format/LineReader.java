package io.homebudget.backup.format;

import io.homebudget.ledger.rows.ByteScan;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads lines as bytes, none of them longer than {@link #LONGEST}: a source that sends no line end cannot fill the memory. */
final class LineReader {
    /** A line is hardly longer than its notes, which have at most 1 MiB; in old snapshots an array file may have brought more. */
    static final int LONGEST = 64 << 20;

    private static final int FIRST_BUFFER = 1 << 16;

    private final InputStream in;
    private byte[] buffer = new byte[FIRST_BUFFER];
    private int start;
    private int end;
    private long lines;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** A line's bytes within {@link #buffer}, valid until the next call. */
    record Line(byte[] bytes, int from, int length) {}

    /** How many lines were read: the number of the last one. */
    long lines() {
        return lines;
    }

    /** The next line without its end; null at the end of the source. What follows the last line end counts as a line. */
    Line next() throws IOException {
        int searched = start;
        while (true) {
            int at = ByteScan.find(buffer, searched, end, '\n');
            if (at < end) {
                return line(at, at + 1);
            }
            searched = end;
            if (end == buffer.length) {
                int shift = start;
                makeRoom();
                searched -= shift;
            }
            int read = in.read(buffer, end, buffer.length - end);
            if (read < 0) {
                return start == end ? null : line(end, end);
            }
            end += read;
        }
    }

    private Line line(int to, int next) {
        Line line = new Line(buffer, start, to - start);
        start = next;
        lines++;
        return line;
    }

    private void makeRoom() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        } else if (buffer.length >= LONGEST) {
            throw new IOException("line " + (lines + 1) + " is longer than " + LONGEST + " bytes");
        } else {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
    }
}
