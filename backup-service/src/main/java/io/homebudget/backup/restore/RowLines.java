package io.homebudget.backup.restore;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.rows.RowText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Rows ascending by id, as the lines that a ledger service takes. Until the end was told, none of them is proven. */
@FunctionalInterface
public interface RowLines {
    /** Appends the next row's line; false, and nothing appended, after the last. */
    boolean next(OutputStream lines) throws IOException;

    /** Rows that are objects, because something was made of them. */
    static RowLines of(Kind kind, Rows rows) {
        StringBuilder text = new StringBuilder();
        return lines -> {
            EntryImage row = rows.next();
            if (row == null) {
                return false;
            }
            text.setLength(0);
            RowText.append(kind, row, text);
            lines.write(text.toString().getBytes(StandardCharsets.UTF_8));
            return true;
        };
    }
}
