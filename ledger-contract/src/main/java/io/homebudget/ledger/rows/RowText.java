package io.homebudget.ledger.rows;

import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;

/**
 * Rows as lines, in the text format of PostgreSQL's COPY, so that PostgreSQL and psql write and read them as they are.
 *
 * <p>The columns, between tabs: {@code id, deleted} ({@code t} or {@code f}){@code , date, business} (expenses only){@code ,
 * category, amount} (2 decimals){@code , account, currency, notes, version, epoch, change_id, recorded}. Null is {@code \N}; tabs,
 * line ends and backslashes within texts are escaped, so a line feed always ends a row. UTF-8. {@link RowLine} reads it.
 */
public final class RowText {
    private static final String NULL = "\\N";

    private RowText() {}

    /** Appends the row and its line feed. */
    public static void append(Kind kind, EntryImage row, StringBuilder out) {
        out.append(row.id()).append(row.deleted() ? "\tt\t" : "\tf\t");
        boolean business = kind.has(Field.BUSINESS);
        if (row.deleted()) {
            out.append(business ? "\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N" : "\\N\t\\N\t\\N\t\\N\t\\N\t\\N");
        } else {
            values(row.values(), business, out);
        }
        out.append('\t').append(row.version()).append('\t').append(row.epoch()).append('\t');
        out.append(row.changeId() == null ? NULL : row.changeId().toString()).append('\t');
        out.append(row.recorded() == null ? NULL : row.recorded().toString()).append('\n');
    }

    private static void values(EntryValues values, boolean business, StringBuilder out) {
        out.append(values.date()).append('\t');
        if (business) {
            text(values.business(), out);
            out.append('\t');
        }
        text(values.category(), out);
        out.append('\t')
                .append(Amounts.toDecimal(values.cents()).toPlainString())
                .append('\t');
        text(values.account(), out);
        out.append('\t');
        text(values.currency(), out);
        out.append('\t');
        text(values.notes(), out);
    }

    /** Appends one text as it stands between two tabs; null as {@code \N}. */
    public static void text(String value, StringBuilder out) {
        if (value == null) {
            out.append(NULL);
            return;
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\':
                    out.append("\\\\");
                    break;
                case '\t':
                    out.append("\\t");
                    break;
                case '\n':
                    out.append("\\n");
                    break;
                case '\r':
                    out.append("\\r");
                    break;
                default:
                    out.append(c);
            }
        }
    }
}
