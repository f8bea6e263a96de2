package io.homebudget.ledger.json;

import io.homebudget.ledger.entry.Amounts;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Reads number literals in time linear to their length, whatever they say: {@code 1e999999999}, an exponent of thousands of
 * digits, or a million digits cost no more than being looked at once. (A {@link BigDecimal} of a million digits takes
 * seconds, and an exponent beyond 2^31 is an exception.)
 */
public final class JsonNumbers {
    private static final long FAR = 1_000_000_000_000L;
    private static final int KEPT_DIGITS = 40;

    private JsonNumbers() {}

    /** The amount that a number literal stands for, as {@link Amounts#read} judges it. */
    public static Amounts.Reading amount(String literal) {
        Decimal decimal = Decimal.of(literal);
        if (decimal.integerDigits() > KEPT_DIGITS) {
            return new Amounts.Reading(0, Amounts.Fault.TOO_LARGE);
        }
        if (decimal.lowestPlace() < -KEPT_DIGITS) {
            return new Amounts.Reading(
                    0, decimal.integerDigits() > 8 ? Amounts.Fault.TOO_LARGE : Amounts.Fault.TOO_MANY_DECIMALS);
        }
        return Amounts.read(decimal.value());
    }

    /** The integer that a number literal stands for by value ({@code 5.0}, {@code 1e2}); null where it is none. */
    public static BigInteger integer(String literal) {
        Decimal decimal = Decimal.of(literal);
        if (decimal.lowestPlace() < 0) {
            return null;
        }
        if (decimal.integerDigits() > KEPT_DIGITS) {
            BigInteger beyondEveryId = BigInteger.TEN.pow(KEPT_DIGITS);
            return decimal.negative() ? beyondEveryId.negate() : beyondEveryId;
        }
        return decimal.value().toBigIntegerExact();
    }

    /**
     * A number without leading and trailing zeros.
     *
     * @param digits the significant digits; empty for zero
     * @param lowestPlace the power of ten of the last one, far beyond any legal number instead of exact when it is extreme
     */
    private record Decimal(boolean negative, String digits, long lowestPlace) {

        static Decimal of(String literal) {
            boolean negative = literal.charAt(0) == '-';
            int from = negative || literal.charAt(0) == '+' ? 1 : 0;
            int mantissaEnd = literal.length();
            for (int i = from; i < literal.length(); i++) {
                if ((literal.charAt(i) | 0x20) == 'e') {
                    mantissaEnd = i;
                    break;
                }
            }
            int point = literal.indexOf('.');
            String digits = literal.substring(from, mantissaEnd);
            long place = 0;
            if (point >= 0 && point < mantissaEnd) {
                place = -(mantissaEnd - point - 1L);
                digits = literal.substring(from, point) + literal.substring(point + 1, mantissaEnd);
            }
            int first = 0;
            while (first < digits.length() && digits.charAt(first) == '0') {
                first++;
            }
            int end = digits.length();
            while (end > first && digits.charAt(end - 1) == '0') {
                end--;
            }
            if (first == end) {
                return new Decimal(false, "", 0);
            }
            place += digits.length() - end + exponent(literal, mantissaEnd + 1);
            return new Decimal(negative, digits.substring(first, end), place);
        }

        private static long exponent(String literal, int from) {
            if (from >= literal.length()) {
                return 0;
            }
            boolean negative = literal.charAt(from) == '-';
            long exponent = 0;
            for (int i = negative || literal.charAt(from) == '+' ? from + 1 : from; i < literal.length(); i++) {
                exponent = Math.min(FAR, exponent * 10 + literal.charAt(i) - '0');
            }
            return negative ? -exponent : exponent;
        }

        long integerDigits() {
            return digits.isEmpty() ? 0 : digits.length() + lowestPlace;
        }

        /** Only for numbers whose places were found to be bounded. */
        BigDecimal value() {
            if (digits.isEmpty()) {
                return BigDecimal.ZERO;
            }
            BigDecimal magnitude = new BigDecimal(new BigInteger(digits), (int) -lowestPlace);
            return negative ? magnitude.negate() : magnitude;
        }
    }
}
