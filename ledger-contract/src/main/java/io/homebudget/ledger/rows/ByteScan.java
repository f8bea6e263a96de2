package io.homebudget.ledger.rows;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Finds a byte in an array, eight bytes at a time: most of what reading lines costs is looking for where they end.
 *
 * <p>A byte of a word is zero where subtracting one borrows from its highest bit, which was not set (Warren, Hacker's Delight, 6-1);
 * bytes above the first hit may be marked wrongly, so only the lowest mark counts.
 */
public final class ByteScan {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHEST = 0x8080808080808080L;

    private ByteScan() {}

    /** @return where {@code wanted} is first within {@code from} (inclusive) to {@code to} (exclusive); {@code to} where it is not */
    public static int find(byte[] bytes, int from, int to, char wanted) {
        return find(bytes, from, to, wanted, wanted);
    }

    /** @return whether these bytes, at least one, stand anywhere in an array */
    public static boolean contains(byte[] bytes, byte[] wanted) {
        int end = bytes.length - wanted.length + 1;
        for (int at = find(bytes, 0, end, (char) wanted[0]);
                at < end;
                at = find(bytes, at + 1, end, (char) wanted[0])) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    /** @return where the first of both is; {@code to} where none is. Both are ASCII */
    static int find(byte[] bytes, int from, int to, char one, char other) {
        long ones = ONES * one;
        long others = ONES * other;
        int at = from;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            long word = (long) WORDS.get(bytes, at);
            long marks = zeros(word ^ ones) | zeros(word ^ others);
            if (marks != 0) {
                return at + (Long.numberOfTrailingZeros(marks) >>> 3);
            }
        }
        for (; at < to; at++) {
            if (bytes[at] == one || bytes[at] == other) {
                return at;
            }
        }
        return to;
    }

    private static long zeros(long word) {
        return word - ONES & ~word & HIGHEST;
    }
}
