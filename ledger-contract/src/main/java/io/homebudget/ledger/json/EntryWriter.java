package io.homebudget.ledger.json;

import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;

/**
 * Writes entries byte for byte as Home Budget's old backend does: keys in its order, amounts in its form, its escapes. Clients
 * and the old backend itself rely on these bytes, so no general JSON writer decides about them.
 */
public final class EntryWriter {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private EntryWriter() {}

    /** The compact form that HTTP answers carry; text other than control characters stays as it is (UTF-8). */
    public static void compact(Kind kind, Entry entry, StringBuilder out) {
        write(kind, entry, out, "", ",", "\":", false);
    }

    public static String compact(Kind kind, Entry entry) {
        StringBuilder out = new StringBuilder(256);
        compact(kind, entry, out);
        return out.toString();
    }

    /** One element of the array file: indented by 2, ASCII only. The caller writes what stands between elements. */
    public static void indented(Kind kind, Entry entry, StringBuilder out) {
        write(kind, entry, out, "\n    ", ",\n    ", "\": ", true);
    }

    private static void write(
            Kind kind, Entry entry, StringBuilder out, String open, String next, String colon, boolean ascii) {
        out.append('{')
                .append(open)
                .append("\"date\"")
                .append(colon, 1, colon.length())
                .append('"');
        date(entry, out);
        out.append('"');
        if (kind == Kind.EXPENSE) {
            out.append(next).append("\"business").append(colon);
            string(entry.business(), out, ascii);
        }
        out.append(next).append("\"category").append(colon);
        string(entry.category(), out, ascii);
        out.append(next).append("\"amount").append(colon);
        Amounts.print(entry.cents(), out);
        out.append(next).append("\"account").append(colon);
        string(entry.account(), out, ascii);
        out.append(next).append("\"currency").append(colon);
        string(entry.currency(), out, ascii);
        out.append(next).append("\"notes").append(colon);
        string(entry.notes(), out, ascii);
        out.append(next).append("\"id").append(colon).append(entry.id());
        out.append(open.isEmpty() ? "" : "\n  ").append('}');
    }

    private static void date(Entry entry, StringBuilder out) {
        int year = entry.date().getYear();
        int month = entry.date().getMonthValue();
        int day = entry.date().getDayOfMonth();
        out.append((char) ('0' + year / 1000))
                .append((char) ('0' + year / 100 % 10))
                .append((char) ('0' + year / 10 % 10))
                .append((char) ('0' + year % 10))
                .append('-')
                .append((char) ('0' + month / 10))
                .append((char) ('0' + month % 10))
                .append('-')
                .append((char) ('0' + day / 10))
                .append((char) ('0' + day % 10));
    }

    /** A JSON string, or {@code null}; escapes as Python's {@code json} module chooses them. */
    public static void string(String text, StringBuilder out, boolean ascii) {
        if (text == null) {
            out.append("null");
            return;
        }
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c != '"' && c != '\\' && (c < 0x7f || !ascii)) {
                out.append(c);
            } else {
                escape(c, out);
            }
        }
        out.append('"');
    }

    /** How many bytes {@link #string} makes of a text that is not escaped to ASCII, in UTF-8, with the quotes. */
    public static long length(String text) {
        long length = 2;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\b') {
                length += 2;
            } else if (c < ' ') {
                length += 6;
            } else if (c < 0x80) {
                length++;
            } else if (c < 0x800 || Character.isSurrogate(c)) {
                // a pair of surrogates makes four
                length += 2;
            } else {
                length += 3;
            }
        }
        return length;
    }

    private static void escape(char c, StringBuilder out) {
        switch (c) {
            case '"':
                out.append("\\\"");
                break;
            case '\\':
                out.append("\\\\");
                break;
            case '\n':
                out.append("\\n");
                break;
            case '\r':
                out.append("\\r");
                break;
            case '\t':
                out.append("\\t");
                break;
            case '\f':
                out.append("\\f");
                break;
            case '\b':
                out.append("\\b");
                break;
            default:
                out.append("\\u")
                        .append(HEX[c >> 12])
                        .append(HEX[c >> 8 & 15])
                        .append(HEX[c >> 4 & 15])
                        .append(HEX[c & 15]);
        }
    }
}
