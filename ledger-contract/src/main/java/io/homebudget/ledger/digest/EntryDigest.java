package io.homebudget.ledger.digest;

import io.homebudget.ledger.entry.Entry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * The digest of one entry's values, the same whether computed here or by PostgreSQL from the row's columns.
 *
 * <p>Guarantees: two entries that differ in any field, in null against "", in letter case or white space, or in their id have
 * different canonical texts, because every text is preceded by its length in bytes; the digest is the MD5 of that text, 128
 * bits carried as a UUID because PostgreSQL turns {@code md5(...)} into one without a detour. MD5 is used against accidents
 * (bit rot, stray updates, bugs), not against somebody who forges entries: whoever can write rows needs no collision.
 *
 * <p>The canonical text is {@code id|days since 2000-01-01|business|category|amount with 2 decimals|account|currency|notes},
 * a text being {@code bytes:text} and null being {@code -}. The same in SQL is {@link #sqlExpression}.
 */
public final class EntryDigest {
    /** Days between 1970 and 2000, from which PostgreSQL counts. */
    public static final long EPOCH_DAY_2000 = 10_957;

    private static final ThreadLocal<MessageDigest> MD5 = ThreadLocal.withInitial(EntryDigest::md5);

    private EntryDigest() {}

    public static UUID of(Entry entry) {
        StringBuilder text = new StringBuilder(160);
        text.append(entry.id()).append('|').append(entry.date().toEpochDay() - EPOCH_DAY_2000);
        append(entry.business(), text);
        append(entry.category(), text);
        text.append('|');
        appendAmount(entry.cents(), text);
        append(entry.account(), text);
        append(entry.currency(), text);
        append(entry.notes(), text);
        return of(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The MD5 of any bytes as a UUID; also used for request bodies and array files' fragments. */
    public static UUID of(byte[] bytes) {
        ByteBuffer hash = ByteBuffer.wrap(MD5.get().digest(bytes));
        return new UUID(hash.getLong(), hash.getLong());
    }

    /**
     * The SQL expression of type {@code uuid} that computes the digest from the columns of {@code row}.
     *
     * @param hasBusiness false for a table without that column
     */
    public static String sqlExpression(String row, boolean hasBusiness) {
        return "md5(" + row + ".id::text || '|' || (" + row + ".date - DATE '2000-01-01')::text"
                + (hasBusiness ? sqlText(row + ".business") : " || '|-'")
                + sqlText(row + ".category")
                + " || '|' || " + row + ".amount::text"
                + sqlText(row + ".account")
                + sqlText(row + ".currency")
                + sqlText(row + ".notes")
                + ")::uuid";
    }

    private static String sqlText(String column) {
        return " || '|' || coalesce(octet_length(" + column + ")::text || ':' || " + column + ", '-')";
    }

    private static void append(String value, StringBuilder out) {
        out.append('|');
        if (value == null) {
            out.append('-');
        } else {
            out.append(utf8Length(value)).append(':').append(value);
        }
    }

    private static void appendAmount(long cents, StringBuilder out) {
        if (cents < 0) {
            out.append('-');
        }
        long magnitude = Math.abs(cents);
        out.append(magnitude / 100)
                .append('.')
                .append((char) ('0' + magnitude % 100 / 10))
                .append((char) ('0' + magnitude % 10));
    }

    private static int utf8Length(String value) {
        int length = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < 0x80) {
                length += 1;
            } else if (c < 0x800) {
                length += 2;
            } else if (Character.isHighSurrogate(c)) {
                length += 4;
                i++;
            } else {
                length += 3;
            }
        }
        return length;
    }

    /** A new one, for whoever digests canonical texts that it already has as bytes; not thread safe. */
    public static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no MD5, which every Java platform must have", e);
        }
    }
}
