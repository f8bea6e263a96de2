package io.homebudget.ledger.entry;

import java.math.BigDecimal;

/**
 * Amounts are whole cents in a {@code long}, never floats, so that two stores cannot disagree about the last digit.
 *
 * <p>Limits: |amount| &lt; 10^8 and at most 2 decimals by value (1.100 is fine, 1.005 is not).
 */
public final class Amounts {
    /** The first number of cents that is too large. */
    public static final long LIMIT_CENTS = 10_000_000_000L;

    private static final int MAX_INTEGER_DIGITS = 8;
    private static final int MAX_DECIMALS = 2;

    private Amounts() {}

    /** Why a number is no amount. */
    public enum Fault {
        TOO_LARGE,
        TOO_MANY_DECIMALS
    }

    /** Either cents or the reason why there are none. */
    public record Reading(long cents, Fault fault) {
        public boolean ok() {
            return fault == null;
        }
    }

    /**
     * Reads a number. The exponent is bounded before anything is computed from it: {@code 1e999999999} costs no more than
     * {@code 1}.
     */
    public static Reading read(BigDecimal number) {
        if (number.signum() == 0) {
            return new Reading(0, null);
        }
        long integerDigits = (long) number.precision() - number.scale();
        if (integerDigits > MAX_INTEGER_DIGITS) {
            return new Reading(0, Fault.TOO_LARGE);
        }
        BigDecimal stripped = number.stripTrailingZeros();
        if (stripped.scale() > MAX_DECIMALS) {
            return new Reading(0, Fault.TOO_MANY_DECIMALS);
        }
        return new Reading(stripped.movePointRight(MAX_DECIMALS).longValueExact(), null);
    }

    /** Prints as the old backend does: the shortest form with at least one decimal ({@code 100.0}, {@code 158.16}). */
    public static String print(long cents) {
        StringBuilder text = new StringBuilder(13);
        print(cents, text);
        return text.toString();
    }

    /** As {@link #print(long)}, appended to {@code out}. */
    public static void print(long cents, StringBuilder out) {
        long magnitude = Math.abs(cents);
        if (cents < 0) {
            out.append('-');
        }
        out.append(magnitude / 100).append('.');
        long fraction = magnitude % 100;
        out.append((char) ('0' + fraction / 10));
        if (fraction % 10 != 0) {
            out.append((char) ('0' + fraction % 10));
        }
    }

    /** The exact decimal with scale 2, as PostgreSQL's {@code NUMERIC(10,2)} holds it. */
    public static BigDecimal toDecimal(long cents) {
        return BigDecimal.valueOf(cents, MAX_DECIMALS);
    }

    /** The cents of a stored {@code NUMERIC(10,2)}; anything that is no legal amount is an error of the store. */
    public static long ofDecimal(BigDecimal stored) {
        return stored.movePointRight(MAX_DECIMALS).longValueExact();
    }
}
