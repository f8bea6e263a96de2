package io.homebudget.ledger.entry;

import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.json.JsonNumbers;
import io.homebudget.ledger.json.JsonValue;
import io.homebudget.ledger.json.JsonValue.Type;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The rules of single fields. Messages name the rule and the value's type or length, never the value: it may be personal, and
 * messages reach logs.
 */
final class FieldRules {
    private static final int AMOUNT_INTEGER_DIGITS = 8;

    private final String defaultCurrency;
    private final Map<Field, List<Object>> locations = new EnumMap<>(Field.class);

    FieldRules(String defaultCurrency) {
        if (defaultCurrency == null
                || defaultCurrency.isEmpty()
                || defaultCurrency.indexOf('\0') >= 0
                || hasUnpairedSurrogate(defaultCurrency)
                || codePoints(defaultCurrency) > Field.CURRENCY.maxCodePoints()) {
            throw new IllegalArgumentException("DEFAULT_CURRENCY must have 1 to " + Field.CURRENCY.maxCodePoints()
                    + " characters, so that it can be stored: set it to one, or leave it out for \u20aa");
        }
        this.defaultCurrency = defaultCurrency;
        for (Field field : Field.values()) {
            locations.put(field, List.of("body", field.key()));
        }
    }

    List<Object> inBody(Field field) {
        return locations.get(field);
    }

    /** The fault of a value whose JSON type the field does not take, or that is no text at all; null where it is fine. */
    Fault checkType(Field field, JsonValue value, List<Object> loc) {
        if (value.isNull() && !field.required()) {
            return null;
        }
        if (field == Field.AMOUNT) {
            return value.is(Type.NUMBER) || value.is(Type.STRING)
                    ? null
                    : new Fault(loc, wrongType("number", value), "float_type");
        }
        if (!value.is(Type.STRING)) {
            return new Fault(loc, wrongType("string", value), "string_type");
        }
        return hasUnpairedSurrogate(value.text()) ? unpairedSurrogate(loc) : null;
    }

    /** The value as entries hold it; null, and a fault more, where it breaks a rule. Its type was checked before. */
    Object take(Field field, JsonValue value, List<Object> loc, List<Fault> faults) {
        switch (field) {
            case DATE:
                return date(value.text(), loc, faults);
            case AMOUNT:
                return amount(value, loc, faults);
            case CURRENCY:
                return value.isNull() || value.text().isEmpty()
                        ? defaultCurrency
                        : text(field, value.text(), loc, faults);
            default:
                return value.isNull() ? null : text(field, value.text(), loc, faults);
        }
    }

    private static String text(Field field, String text, List<Object> loc, List<Fault> faults) {
        if (text.indexOf('\0') >= 0) {
            faults.add(new Fault(loc, "String should not contain NUL characters", "value_error"));
            return null;
        }
        if (field == Field.NOTES) {
            return notes(text, loc, faults);
        }
        int limit = field.maxCodePoints();
        if (limit > 0 && text.length() > limit) {
            int length = codePoints(text);
            if (length > limit) {
                faults.add(new Fault(
                        loc,
                        "String should have at most " + limit + " characters; it has " + length,
                        "string_too_long"));
                return null;
            }
        }
        return text;
    }

    private static String notes(String text, List<Object> loc, List<Fault> faults) {
        // no character takes more than 6 bytes: most texts need not be counted
        if (6L * text.length() + 2 <= Field.MAX_NOTES_BYTES) {
            return text;
        }
        long length = EntryWriter.length(text);
        if (length > Field.MAX_NOTES_BYTES) {
            faults.add(new Fault(
                    loc,
                    "String should have at most " + Field.MAX_NOTES_BYTES + " bytes as JSON text; it has " + length,
                    "string_too_long"));
            return null;
        }
        return text;
    }

    private static LocalDate date(String text, List<Object> loc, List<Fault> faults) {
        if (text.length() == 10 && text.charAt(4) == '-' && text.charAt(7) == '-') {
            int year = digits(text, 0, 4);
            int month = digits(text, 5, 7);
            int day = digits(text, 8, 10);
            if (year >= 1 && month >= 1 && day >= 1) {
                try {
                    return LocalDate.of(year, month, day);
                } catch (DateTimeException e) {
                    faults.add(new Fault(
                            loc, "Input should be a valid date: there is no such day", "date_from_datetime_parsing"));
                    return null;
                }
            }
        }
        faults.add(new Fault(
                loc,
                "Input should be a valid date in the format YYYY-MM-DD, years 0001 to 9999; it has " + codePoints(text)
                        + " characters",
                "date_from_datetime_parsing"));
        return null;
    }

    /** The number that the digits make; -1 where one is no ASCII digit. */
    private static int digits(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + c - '0';
        }
        return number;
    }

    private static Long amount(JsonValue value, List<Object> loc, List<Fault> faults) {
        if (value.is(Type.STRING) && !isAmountText(value.text())) {
            faults.add(new Fault(
                    loc,
                    "Input should be a valid number, unable to parse string as a number with at most "
                            + AMOUNT_INTEGER_DIGITS + " digits before the point",
                    "float_parsing"));
            return null;
        }
        Amounts.Reading reading = JsonNumbers.amount(value.text());
        if (reading.ok()) {
            return reading.cents();
        }
        faults.add(
                reading.fault() == Amounts.Fault.TOO_LARGE
                        ? new Fault(loc, "Input should be greater than -100000000 and less than 100000000", "less_than")
                        : new Fault(
                                loc, "Decimal input should have no more than 2 decimal places", "decimal_max_places"));
        return null;
    }

    /** {@code -?\d{1,8}(\.\d+)?} in ASCII digits; by hand, because a regular expression recurses over long input. */
    private static boolean isAmountText(String text) {
        int from = text.startsWith("-") ? 1 : 0;
        int point = text.indexOf('.');
        int integerEnd = point < 0 ? text.length() : point;
        int integerDigits = integerEnd - from;
        if (integerDigits < 1 || integerDigits > AMOUNT_INTEGER_DIGITS || point == text.length() - 1) {
            return false;
        }
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (i != point && (c < '0' || c > '9')) {
                return false;
            }
        }
        return true;
    }

    static String wrongType(String wanted, JsonValue value) {
        return "Input should be a valid " + wanted + "; it is " + value.type().words();
    }

    static Fault unpairedSurrogate(List<Object> loc) {
        return new Fault(
                loc, "Input should be a valid string, unable to parse raw data as a unicode string", "string_unicode");
    }

    static boolean hasUnpairedSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }
}
