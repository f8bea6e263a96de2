package io.homebudget.backup.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import io.homebudget.backup.format.ExportLines.BrokenExport;
import io.homebudget.ledger.internal.ExportHead;
import java.io.IOException;
import java.io.InputStream;

/** What stands around the rows of an export, whatever the rows look like: a head, and a tail after as many rows as the head says. */
final class ExportFrame {
    private static final ObjectReader HEAD = SnapshotJson.MAPPER.readerFor(ExportHead.class);
    private static final ObjectReader TAIL = SnapshotJson.MAPPER.readerFor(ExportHead.Tail.class);

    private final LineReader lines;
    private final ExportHead head;
    private ExportHead.Tail tail;
    private boolean whole;

    /** Reads the head. The source stays the caller's to close. */
    ExportFrame(InputStream in) throws IOException {
        lines = new LineReader(in);
        LineReader.Line first = lines.next();
        if (first == null) {
            throw broken("the export is empty", null);
        }
        head = parse(HEAD, first, "the head of an export");
    }

    ExportHead head() {
        return head;
    }

    /** Whether everything was there, the tail included. */
    boolean whole() {
        return whole;
    }

    /** The next row's line; null where the tail was there instead, which {@link #end} then proves. @param read rows before */
    LineReader.Line row(long read) throws IOException {
        LineReader.Line line = lines.next();
        if (line == null) {
            throw broken("the export broke off after " + read + " of " + head.rows() + " rows", null);
        }
        if (read == head.rows()) {
            tail = parse(TAIL, line, "the tail of an export");
            return null;
        }
        return line;
    }

    /** The tail counts what was read, and nothing follows it. */
    void end(long entries, long tombstones) throws IOException {
        if (!tail.end() || tail.entries() != entries || tail.tombstones() != tombstones) {
            throw broken(
                    "the tail counts " + tail.entries() + " entries and " + tail.tombstones()
                            + " tombstones, read were " + entries + " and " + tombstones,
                    null);
        }
        if (lines.next() != null) {
            throw broken("something follows the tail", null);
        }
        whole = true;
    }

    <T> T parse(ObjectReader reader, LineReader.Line line, String what) throws BrokenExport {
        try {
            T value = reader.readValue(line.bytes(), line.from(), line.length());
            if (value != null) {
                return value;
            }
        } catch (JsonProcessingException e) {
            throw broken("this is not " + what + " (" + e.getClass().getSimpleName() + ")", null);
        } catch (IOException e) {
            throw broken("this is not " + what, e);
        }
        throw broken("this is not " + what, null);
    }

    BrokenExport broken(String what, Throwable cause) {
        return new BrokenExport(Math.max(1, lines.lines()), what, cause);
    }
}
