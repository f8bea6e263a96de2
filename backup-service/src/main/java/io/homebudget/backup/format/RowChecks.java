package io.homebudget.backup.format;

import io.homebudget.backup.format.RowSource.Sum;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.rows.MalformedRow;
import io.homebudget.ledger.rows.RowLine;
import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;

/** Takes lines of rows, each of which must be in its form and above the one before, and adds up what they hold. */
final class RowChecks {
    private final RowLine row;
    private LineReader.Line line;
    private long lastId;
    private long read;
    private long entries;
    private long tombstones;
    private long damaged;
    private long high;
    private long low;

    RowChecks(Kind kind) {
        this.row = new RowLine(kind);
    }

    /** The message of the exception quotes no value. */
    void take(LineReader.Line next) throws MalformedRow, DoesNotAscend {
        line = next;
        row.read(next.bytes(), next.from(), next.from() + next.length());
        if (row.id() <= lastId) {
            throw new DoesNotAscend("id " + row.id() + " does not ascend from " + lastId);
        }
        lastId = row.id();
        read++;
        if (row.deleted()) {
            tombstones++;
            return;
        }
        entries++;
        high ^= row.digestHigh();
        low ^= row.digestLow();
        if (!row.asRecorded()) {
            damaged++;
        }
    }

    /** A row of an id at or below that of the row before: it would be there twice. */
    static final class DoesNotAscend extends Exception {
        private static final long serialVersionUID = 1L;

        private DoesNotAscend(String what) {
            super(what, null, false, false);
        }
    }

    EntryImage row() {
        return row.image();
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(line.bytes(), line.from(), line.length());
        out.write('\n');
    }

    long read() {
        return read;
    }

    Sum sum() {
        return new Sum(entries, tombstones, new UUID(high, low), damaged);
    }
}
