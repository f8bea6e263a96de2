package io.homebudget.ledger.rows;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.UUID;

/**
 * Reads lines of {@link RowText}, one at a time, without making objects of them: a million rows are checked and digested in
 * about a second.
 *
 * <p>Guarantees: after {@link #read} the line has every column in its form, and {@link #digestHigh} and {@link #digestLow} are
 * those of {@link io.homebudget.ledger.digest.EntryDigest} of its values. The bytes must stay as they are until the next call. For
 * one thread.
 */
public final class RowLine {
    private static final int COLUMNS = 13;
    private static final int NULL = -1;
    private static final int DATE_LENGTH = 10;
    private static final int UUID_LENGTH = 36;
    /** What the canonical text has beyond the texts themselves: id, days, five lengths and the marks between them. */
    private static final int OVERHEAD = 128;

    private static final int ID = 0;
    private static final int DELETED = 1;
    private static final int DATE = 2;
    private static final int BUSINESS = 3;
    private static final int CATEGORY = 4;
    private static final int AMOUNT = 5;
    private static final int ACCOUNT = 6;
    private static final int CURRENCY = 7;
    private static final int NOTES = 8;
    private static final int VERSION = 9;
    private static final int EPOCH = 10;
    private static final int CHANGE_ID = 11;
    private static final int RECORDED = 12;

    /** What a byte stands for as a hexadecimal digit; negative where for nothing. */
    private static final byte[] HEX = hexDigits();

    private final boolean business;
    private final MessageDigest md5 = EntryDigest.md5();
    private final ByteBuffer hash = ByteBuffer.allocate(16);
    private final int[] from = new int[COLUMNS];
    /** Of columns: where they end, or {@link #NULL}. */
    private final int[] to = new int[COLUMNS];

    private byte[] line;
    private byte[] canonical = new byte[1_024];
    private int length;
    private long id;
    private boolean deleted;
    private long version;
    private long epoch;
    private long digestHigh;
    private long digestLow;
    private boolean asRecorded;
    /** The last UUID that was read. */
    private long uuidHigh;

    private long uuidLow;

    private static byte[] hexDigits() {
        byte[] digits = new byte[256];
        Arrays.fill(digits, (byte) -1);
        for (int digit = 0; digit < 16; digit++) {
            digits[Character.forDigit(digit, 16)] = (byte) digit;
        }
        return digits;
    }

    public RowLine(Kind kind) {
        this.business = kind.has(Field.BUSINESS);
    }

    /**
     * @param start of the line in {@code bytes}
     * @param end behind its last byte, without the line feed
     */
    public void read(byte[] bytes, int start, int end) throws MalformedRow {
        line = bytes;
        split(start, end);
        id = number(ID, "id");
        if (id < 1 || id > Entry.MAX_ID) {
            throw new MalformedRow("an id must be within 1.." + Entry.MAX_ID);
        }
        if (to[DELETED] - from[DELETED] != 1 || line[from[DELETED]] != 't' && line[from[DELETED]] != 'f') {
            throw new MalformedRow("deleted must be t or f");
        }
        deleted = line[from[DELETED]] == 't';
        version = number(VERSION, "version");
        epoch = number(EPOCH, "epoch");
        boolean changed = uuid(CHANGE_ID, "change_id");
        if (deleted) {
            tombstone(changed);
        } else {
            live(end - start);
        }
    }

    private void split(int start, int end) throws MalformedRow {
        int column = 0;
        from[0] = start;
        while (true) {
            int i = ByteScan.find(line, from[column], end, '\t', '\r');
            if (i < end && line[i] == '\r') {
                throw new MalformedRow("a carriage return is not escaped");
            }
            to[column] = i - from[column] == 2 && line[i - 2] == '\\' && line[i - 1] == 'N' ? NULL : i;
            if (column == DATE && !business) {
                column = BUSINESS;
                to[BUSINESS] = NULL;
            }
            column++;
            if (i == end) {
                break;
            }
            if (column == COLUMNS) {
                throw new MalformedRow("it has too many columns");
            }
            from[column] = i + 1;
        }
        if (column != COLUMNS) {
            throw new MalformedRow("it has too few columns");
        }
    }

    private void tombstone(boolean changed) throws MalformedRow {
        for (int column = DATE; column <= NOTES; column++) {
            if (to[column] != NULL) {
                throw new MalformedRow("a deleted row has values");
            }
        }
        if (!changed || to[RECORDED] != NULL) {
            throw new MalformedRow("a deleted row has a change_id and no digest");
        }
    }

    private void live(int lineLength) throws MalformedRow {
        if (canonical.length < lineLength + OVERHEAD) {
            canonical = new byte[2 * lineLength + OVERHEAD];
        }
        length = 0;
        copy(ID);
        put('|');
        // of years of four digits: far within an int
        digits((int) (days() - EntryDigest.EPOCH_DAY_2000));
        text(BUSINESS);
        required(CATEGORY, "category");
        text(CATEGORY);
        put('|');
        amount();
        copy(AMOUNT);
        required(ACCOUNT, "account");
        text(ACCOUNT);
        required(CURRENCY, "currency");
        text(CURRENCY);
        text(NOTES);
        md5.update(canonical, 0, length);
        try {
            md5.digest(hash.array(), 0, hash.capacity());
        } catch (DigestException e) {
            throw new IllegalStateException("an MD5 has 16 bytes", e);
        }
        digestHigh = hash.getLong(0);
        digestLow = hash.getLong(8);
        asRecorded = uuid(RECORDED, "recorded") && uuidHigh == digestHigh && uuidLow == digestLow;
    }

    // ---- what was read -------------------------------------------------------------------------------------------

    public long id() {
        return id;
    }

    /** Whether it is a tombstone; then there are no values and no digest. */
    public boolean deleted() {
        return deleted;
    }

    /** The first half of the digest of a live row's values. */
    public long digestHigh() {
        return digestHigh;
    }

    public long digestLow() {
        return digestLow;
    }

    /** Whether a live row's values give the digest that its last change recorded. */
    public boolean asRecorded() {
        return asRecorded;
    }

    /** The same row as an object. */
    public EntryImage image() {
        UUID changeId = to[CHANGE_ID] == NULL ? null : UUID.fromString(ascii(CHANGE_ID));
        if (deleted) {
            return new EntryImage(id, version, epoch, changeId, true, null, null);
        }
        UUID recorded = to[RECORDED] == NULL ? null : UUID.fromString(ascii(RECORDED));
        EntryValues values = new EntryValues(
                ascii(DATE),
                string(BUSINESS),
                string(CATEGORY),
                cents(),
                string(ACCOUNT),
                string(CURRENCY),
                string(NOTES));
        return new EntryImage(id, version, epoch, changeId, false, recorded, values);
    }

    private String ascii(int column) {
        return new String(line, from[column], to[column] - from[column], StandardCharsets.US_ASCII);
    }

    private String string(int column) {
        if (to[column] == NULL) {
            return null;
        }
        length = 0;
        unescape(column);
        return new String(canonical, 0, length, StandardCharsets.UTF_8);
    }

    private long cents() {
        long cents = 0;
        for (int i = from[AMOUNT]; i < to[AMOUNT]; i++) {
            if (line[i] >= '0') {
                cents = cents * 10 + line[i] - '0';
            }
        }
        return line[from[AMOUNT]] == '-' ? -cents : cents;
    }

    // ---- the forms of columns ------------------------------------------------------------------------------------

    private void required(int column, String name) throws MalformedRow {
        if (to[column] == NULL) {
            throw new MalformedRow(name + " is missing");
        }
    }

    /** Digits without a sign and without zeros before them, of at most 18 places. */
    private long number(int column, String name) throws MalformedRow {
        int digits = to[column] - from[column];
        if (to[column] == NULL || digits < 1 || digits > 18 || digits > 1 && line[from[column]] == '0') {
            throw new MalformedRow(name + " is no number");
        }
        long value = 0;
        for (int i = from[column]; i < to[column]; i++) {
            value = value * 10 + digit(i, name);
        }
        return value;
    }

    private int digit(int at, String name) throws MalformedRow {
        int digit = line[at] - '0';
        if (digit < 0 || digit > 9) {
            throw new MalformedRow(name + " is not in its form");
        }
        return digit;
    }

    private long days() throws MalformedRow {
        int at = from[DATE];
        if (to[DATE] - at != DATE_LENGTH || line[at + 4] != '-' || line[at + 7] != '-') {
            throw new MalformedRow("date is not YYYY-MM-DD");
        }
        int year = 100 * twoDigits(at) + twoDigits(at + 2);
        try {
            if (year > 0) {
                return LocalDate.of(year, twoDigits(at + 5), twoDigits(at + 8)).toEpochDay();
            }
        } catch (DateTimeException e) {
            // said below, without the exception's text
        }
        throw new MalformedRow("date is no day of a year 0001 to 9999");
    }

    private int twoDigits(int at) throws MalformedRow {
        return 10 * digit(at, "date") + digit(at + 1, "date");
    }

    /** As PostgreSQL prints it: 1 to 8 digits, a point and 2 decimals; zero has no sign. */
    private void amount() throws MalformedRow {
        required(AMOUNT, "amount");
        int first = from[AMOUNT];
        boolean negative = to[AMOUNT] > first && line[first] == '-';
        if (negative) {
            first++;
        }
        int point = to[AMOUNT] - 3;
        int digits = point - first;
        if (digits < 1 || digits > 8 || line[point] != '.' || digits > 1 && line[first] == '0') {
            throw new MalformedRow("amount is not in its form");
        }
        boolean zero = true;
        for (int i = first; i < to[AMOUNT]; i++) {
            if (i != point) {
                zero &= digit(i, "amount") == 0;
            }
        }
        if (zero && negative) {
            throw new MalformedRow("amount is not in its form");
        }
    }

    /** @return false for null */
    private boolean uuid(int column, String name) throws MalformedRow {
        if (to[column] == NULL) {
            return false;
        }
        int at = from[column];
        if (to[column] - at != UUID_LENGTH
                || line[at + 8] != '-'
                || line[at + 13] != '-'
                || line[at + 18] != '-'
                || line[at + 23] != '-') {
            throw new MalformedRow(name + " is no UUID");
        }
        uuidHigh = hex(at, 8, name) << 32 | hex(at + 9, 4, name) << 16 | hex(at + 14, 4, name);
        uuidLow = hex(at + 19, 4, name) << 48 | hex(at + 24, 12, name);
        return true;
    }

    private long hex(int at, int digits, String name) throws MalformedRow {
        long value = 0;
        int wrong = 0;
        for (int i = at; i < at + digits; i++) {
            int digit = HEX[line[i] & 0xff];
            wrong |= digit;
            value = value << 4 | digit;
        }
        if (wrong < 0) {
            throw new MalformedRow(name + " is no UUID");
        }
        return value;
    }

    // ---- the canonical text --------------------------------------------------------------------------------------

    private void put(char c) {
        canonical[length++] = (byte) c;
    }

    private void copy(int column) {
        int bytes = to[column] - from[column];
        System.arraycopy(line, from[column], canonical, length, bytes);
        length += bytes;
    }

    /** Most are lengths below 100, so these take the short way. */
    private void digits(int value) {
        int rest = value;
        if (value < 0) {
            put('-');
            rest = -value;
        }
        int places = rest < 10 ? 1 : rest < 100 ? 2 : Integer.toString(rest).length();
        for (int i = length + places - 1; i >= length; i--) {
            canonical[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += places;
    }

    private void text(int column) throws MalformedRow {
        put('|');
        if (to[column] == NULL) {
            put('-');
            return;
        }
        int bytes = to[column] - from[column];
        int escape = ByteScan.find(line, from[column], to[column], '\\');
        if (escape == to[column]) {
            digits(bytes);
            put(':');
            copy(column);
            return;
        }
        for (int i = escape; i < to[column]; i++) {
            if (line[i] == '\\') {
                if (++i == to[column] || unescaped(line[i]) < 0) {
                    throw new MalformedRow("a text has an escape that is none");
                }
                bytes--;
            }
        }
        digits(bytes);
        put(':');
        unescape(column);
    }

    private void unescape(int column) {
        for (int i = from[column]; i < to[column]; i++) {
            canonical[length++] = line[i] == '\\' ? (byte) unescaped(line[++i]) : line[i];
        }
    }

    /** What a backslash and this stand for; negative where for nothing. */
    private static int unescaped(byte letter) {
        switch (letter) {
            case '\\':
                return '\\';
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'v':
                return 0x0b;
            default:
                return -1;
        }
    }
}
