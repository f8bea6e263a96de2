package io.homebudget.backup.format;

import io.homebudget.backup.format.ExportLines.BrokenExport;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.rows.MalformedRow;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The rows of a snapshot's file: nothing but rows, so that psql takes it as it is. How many there must be says the manifest. */
final class CopyRows implements RowSource {
    private final LineReader lines;
    private final RowChecks rows;
    private boolean ended;

    CopyRows(Kind kind, InputStream in) {
        this.lines = new LineReader(in);
        this.rows = new RowChecks(kind);
    }

    @Override
    public boolean next() throws IOException {
        LineReader.Line line = ended ? null : lines.next();
        if (line == null) {
            ended = true;
            return false;
        }
        try {
            rows.take(line);
            return true;
        } catch (MalformedRow | RowChecks.DoesNotAscend e) {
            throw new BrokenExport(lines.lines(), "this is not a row: " + e.getMessage(), null);
        }
    }

    @Override
    public EntryImage row() {
        return rows.row();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        rows.writeTo(out);
    }

    @Override
    public long read() {
        return rows.read();
    }

    @Override
    public Sum sum() {
        if (!ended) {
            throw new IllegalStateException("the rows were not read to their end");
        }
        return rows.sum();
    }

    @Override
    public boolean contradicts(StoreImage image) {
        return false;
    }
}
